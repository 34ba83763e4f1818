//! What could be read before and cannot be now.

use schema::Facts;

use super::Given;

const GOOD: Given<'static> = Given {
    devices: Some(
        r#"[{"mac":"02:aa:00:00:00:01","port_table":[{"port_idx":1},{"port_idx":2,"lldp_table":[{"lldp_system_name":"n"}]}]},
            {"mac":"02:aa:00:00:00:02","port_table":[{"port_idx":1}]}]"#,
    ),
    clients: Some(r#"[{"mac":"02:cc:00:00:00:01"},{"mac":"02:cc:00:00:00:02"}]"#),
    networks: Some(r#"[{"_id":"n1","purpose":"corporate","ip_subnet":"10.0.0.1/24"}]"#),
    profiles: None,
    forwards: Some(r#"[{"_id":"f1","fwd":"10.0.0.2","dst_port":"1"}]"#),
};

/// What is stale after a second reading, in one line.
fn check(second: Given<'_>, expected: &str) {
    let (before, _) = GOOD.map();
    let (facts, problems) = second.map_after(&before);
    assert_eq!(stale(&facts), expected);
    assert_eq!(problems.is_empty(), expected.is_empty(), "{problems:?}");
    // And it stays so for as long as it cannot be read.
    let (facts, _) = second.map_after(&facts);
    assert_eq!(stale(&facts), expected);
}

fn stale(facts: &Facts) -> String {
    let mut stale: Vec<String> = Vec::new();
    stale.extend(facts.devices.iter().filter(|one| one.seen.stale).map(|one| one.mac.to_string()));
    stale.extend(
        facts.ports.iter().filter(|one| one.seen.stale).map(|one| format!("{}/{}", one.switch, one.number)),
    );
    stale.extend(
        facts
            .lldp
            .iter()
            .filter(|one| one.seen.stale)
            .map(|one| format!("heard {}/{}", one.switch, one.port)),
    );
    stale.extend(facts.clients.iter().filter(|one| one.seen.stale).map(|one| one.mac.to_string()));
    stale
        .extend(facts.vlans.iter().filter(|one| one.seen.stale).map(|one| format!("vlan {}", one.reference)));
    stale.extend(
        facts.subnets.iter().filter(|one| one.seen.stale).map(|one| format!("subnet {}", one.reference)),
    );
    stale
        .extend(facts.port_forwards.iter().filter(|one| one.seen.stale).map(|one| one.reference.to_string()));
    stale.join(", ")
}

#[test]
fn what_cannot_be_read_keeps_its_facts_and_what_is_gone_goes() {
    check(GOOD, "");
    check(Given { clients: Some("[]"), devices: Some("[]"), ..GOOD }, "");
    check(Given { clients: Some(r#"[{"mac":"02:CC:00:00:00:01","ip":[]}]"#), ..GOOD }, "02:cc:00:00:00:01");
    check(Given { clients: Some(r#"[{"mac":"02:cc:00:00:00:01"},7]"#), ..GOOD }, "02:cc:00:00:00:02");
    check(
        Given { devices: Some(r#"[{"mac":"02:aa:00:00:00:01","state":[]}]"#), ..GOOD },
        "02:aa:00:00:00:01, 02:aa:00:00:00:01/1, 02:aa:00:00:00:01/2, heard 02:aa:00:00:00:01/2",
    );
    check(
        Given {
            devices: Some(r#"[{"mac":"02:aa:00:00:00:01","port_table":[{"port_idx":1},{"port_idx":[]}]}]"#),
            ..GOOD
        },
        "02:aa:00:00:00:01/2, heard 02:aa:00:00:00:01/2",
    );
    check(Given { networks: Some(r#"[{"_id":"n1","vlan":[]}]"#), ..GOOD }, "vlan n1, subnet n1");
    check(Given { forwards: Some(r#"[{"_id":"f1","proto":[]}]"#), ..GOOD }, "f1");
}
