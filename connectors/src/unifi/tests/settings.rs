//! Networks and port forwards.

use schema::fact::VlanState;

use super::{Given, told};

#[test]
fn networks_are_subnets_and_vlans_as_the_controller_has_them() {
    let networks = include_str!("../fixtures/networks.json");
    let (facts, problems) = Given { networks: Some(networks), ..Given::default() }.map();
    assert_eq!(told(&problems), Vec::<String>::new());
    let vlans: Vec<_> =
        facts.vlans.iter().map(|vlan| (&*vlan.reference, vlan.vlan_id, &*vlan.name, vlan.state)).collect();
    let current = VlanState::Current;
    assert_eq!(
        vlans,
        [
            ("n1", 1, "Default", current),
            ("n20", 20, "Servers", current),
            ("n30", 30, "Cameras", current),
            ("n40", 40, "Transit", current),
            ("n50", 50, "Old", VlanState::Retired),
        ]
    );
    let subnets: Vec<_> = facts
        .subnets
        .iter()
        .map(|subnet| (&*subnet.reference, subnet.cidr.to_string(), subnet.vlan.as_deref()))
        .collect();
    assert_eq!(
        subnets,
        [
            ("n1", "10.1.0.0/22".into(), Some("n1")),
            ("n20", "10.1.20.0/24".into(), Some("n20")),
            ("n20-ipv6", "fd00:20::/64".into(), Some("n20")),
            ("n30", "10.1.30.0/24".into(), Some("n30")),
            ("v1", "10.9.0.0/24".into(), None),
        ]
    );
    assert!(facts.subnets.iter().all(|subnet| &*subnet.network == "default"));
}

#[test]
fn a_network_that_cannot_be_read_is_told() {
    let networks = r#"[
        {"_id":"a","name":"A","purpose":"corporate","ip_subnet":"10.0.0.1"},
        {"_id":"b","name":"B","purpose":"corporate","vlan":9999},
        {"_id":"c","purpose":"corporate","vlan":"ten"}]"#;
    let (facts, problems) = Given { networks: Some(networks), ..Given::default() }.map();
    assert_eq!(facts.vlans.iter().map(|vlan| &*vlan.reference).collect::<Vec<_>>(), ["a"]);
    assert!(facts.subnets.is_empty());
    assert_eq!(
        told(&problems),
        [
            "network c: it is not as expected: at vlan: expected a whole number",
            "network A: its subnet `10.0.0.1` is none",
            "network B: its VLAN 9999 is none",
        ]
    );
}

/// A port forward: what is made of it, or why nothing is.
fn check(forward: &str, expected: &str) {
    let forwards = format!(r#"[{{"_id":"f1",{forward}}}]"#);
    let (facts, problems) = Given { forwards: Some(&forwards), ..Given::default() }.map();
    let mut found: Vec<String> = facts
        .port_forwards
        .iter()
        .map(|forward| {
            let to = forward.forward_address.map_or("?".into(), |ip| ip.to_string());
            let state = if forward.enabled { "" } else { " off" };
            format!("{:?} {} -> {to} {}{state}", forward.protocol, forward.public_port, forward.forward_port)
        })
        .collect();
    found.extend(told(&problems));
    assert_eq!(found.join("; "), expected, "{forward}");
}

#[test]
fn port_forwards_lead_where_they_say_or_are_told() {
    let web = r#""name":"web","fwd":"10.0.0.2""#;
    check(
        &format!(r#"{web},"proto":"tcp","dst_port":"443","fwd_port":"8443","enabled":true"#),
        "Tcp 443 -> 10.0.0.2 8443",
    );
    check(&format!(r#"{web},"proto":"udp","dst_port":53,"enabled":false"#), "Udp 53 -> 10.0.0.2 53 off");
    check(
        &format!(r#"{web},"proto":"tcp_udp","dst_port":"80, 443,8000-8100","fwd_port":"""#),
        "TcpUdp 80,443,8000-8100 -> 10.0.0.2 80,443,8000-8100",
    );
    check(&format!(r#"{web},"dst_port":"0443","fwd_port":" 1 - 2 ""#), "TcpUdp 443 -> 10.0.0.2 1-2");
    check(
        r#""name":"web","fwd":"nas.lan","proto":"tcp","dst_port":"443","fwd_port":"443""#,
        "Tcp 443 -> ? 443; port forward web: its address `nas.lan` is no IP address",
    );
    check(r#""proto":"tcp","dst_port":"443""#, "Tcp 443 -> ? 443; port forward f1: it leads to no address");
    let unreadable = "port forward web: its protocol or public port cannot be read";
    for ports in ["", "0", "65536", "http", "80-", "-80", "90-80", "80,,81", "1-2-3", "+80-81x"] {
        check(&format!(r#"{web},"proto":"tcp","dst_port":"{ports}""#), unreadable);
    }
    check(&format!(r#"{web},"proto":"sctp","dst_port":"443""#), unreadable);
    check(
        &format!(r#"{web},"proto":"tcp","dst_port":"443","fwd_port":"https""#),
        "port forward web: the port that it leads to cannot be read",
    );
}
