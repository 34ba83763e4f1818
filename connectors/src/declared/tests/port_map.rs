//! Port maps.

use schema::fact::PortMapFact;

use super::parsed;

fn shown(cable: &PortMapFact) -> String {
    let text = |text: &Option<Box<str>>| text.as_deref().unwrap_or("-").to_owned();
    let number = |number: Option<u32>| number.map_or("-".to_owned(), |number| number.to_string());
    format!(
        "{} {}/{} -> {} {} panel {} nic {} lag {} vlan {} speed {}",
        cable.reference,
        cable.switch,
        cable.port,
        text(&cable.cluster),
        cable.node,
        text(&cable.panel),
        text(&cable.nic),
        text(&cable.lag),
        number(cable.vlan.map(u32::from)),
        number(cable.speed_mbps),
    )
}

fn check(header: &str, row: &str, expected: &[&str]) {
    let dashes = "| --- ".repeat(header.matches('|').count() - 1);
    let parsed = parsed("p.md", &format!("{header}\n{dashes}|\n{row}\n"));
    let mut found: Vec<_> = parsed.port_map.iter().map(shown).collect();
    found.extend(parsed.problems.iter().map(|(line, message)| format!("problem {line}: {message}")));
    assert_eq!(found, expected, "{row}");
}

const ALL: &str = "| Switch | Port | Node | Cluster | Panel | NIC | LAG | VLAN | Speed |";

#[test]
fn a_row_is_a_cable() {
    check(
        ALL,
        "| sw1 | 7 | pve1 | lab | A07 | eno1 | 1 | 20 | 10G |",
        &["p.md:3 sw1/7 -> lab pve1 panel A07 nic eno1 lag 1 vlan 20 speed 10000"],
    );
    check(
        "| Switch | Port | Host |",
        "| **sw1** | `Port 7` | [pve1](x) |",
        &["p.md:3 sw1/7 -> - pve1 panel - nic - lag - vlan - speed -"],
    );
    check(
        ALL,
        "| 74:ac:b9:00:00:01 | #7 | pve1 | - | N/A | | TBD | trunk | fast |",
        &["p.md:3 74:ac:b9:00:00:01/7 -> - pve1 panel - nic - lag - vlan - speed -"],
    );
    // Nothing is plugged in.
    check(ALL, "| sw1 | 8 | - | | | | | | |", &[]);
    check("| Switch | Port |", "| sw1 | 8 |", &[]);
}

#[test]
fn speeds_and_vlans_are_read_as_people_write_them() {
    for (written, expected) in [
        ("1000", "1000"),
        ("100M", "100"),
        ("2.5G", "2500"),
        ("10 Gbps", "10000"),
        ("10GbE", "10000"),
        ("1 Gbit/s", "1000"),
        ("0", "-"),
        ("1.2.3G", "-"),
        ("99999999999999G", "-"),
        ("10 parsecs", "-"),
        (".", "-"),
    ] {
        let row = format!("| sw1 | 7 | pve1 | | | | | | {written} |");
        check(ALL, &row, &[&format!("p.md:3 sw1/7 -> - pve1 panel - nic - lag - vlan - speed {expected}")]);
    }
    for (written, expected) in
        [("20", "20"), ("VLAN 20", "20"), ("vlan20", "20"), ("4095", "-"), ("0", "-"), ("all", "-")]
    {
        let row = format!("| sw1 | 7 | pve1 | | | | | {written} | |");
        check(ALL, &row, &[&format!("p.md:3 sw1/7 -> - pve1 panel - nic - lag - vlan {expected} speed -")]);
    }
}

#[test]
fn a_row_that_cannot_be_read_is_a_problem() {
    let header = "| Switch | Port | Node |";
    for port in ["x", "0", "65536", "7-8", "+7", "Gi1/0/7"] {
        check(
            header,
            &format!("| sw1 | {port} | pve1 |"),
            &[&format!("problem 3: \"{port}\" is no port's number")],
        );
    }
    check(header, "| - | 7 | pve1 |", &["problem 3: the switch is missing"]);
    check(header, "| sw1 | | pve1 |", &["problem 3: the port is missing"]);
}
