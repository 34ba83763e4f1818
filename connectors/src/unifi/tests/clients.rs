//! Clients: where they hang, what they have.

use super::{Given, told};

const NETWORKS: &str = include_str!("../fixtures/networks.json");

/// One client beside a camera that was seen just now (1000), and what becomes of it: address, name, VLAN, port.
fn check(client: &str, expected: &str) {
    let clients = format!(
        r#"[{{"mac":"02:cc:00:00:00:01",{client}}},
            {{"mac":"02:cc:00:00:00:02","is_wired":true,"last_seen":1000,"sw_mac":"02:aa:00:00:00:01","sw_port":3}}]"#
    );
    let (facts, problems) =
        Given { clients: Some(&clients), networks: Some(NETWORKS), ..Given::default() }.map();
    let client = &facts.clients[0];
    let or = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    let mut found = format!(
        "{} {} {} {} {} {}",
        or(client.address.map(|ip| ip.to_string())),
        or(client.hostname.as_deref().map(str::to_owned)),
        client.vlan.unwrap_or(0),
        if client.wired { "wired" } else { "radio" },
        or(client.port.map(|(switch, port)| format!("{switch}/{port}"))),
        client.last_seen.map_or(0, |at| at.millis() / 1000),
    );
    for problem in told(&problems) {
        found.push_str("; ");
        found.push_str(&problem);
    }
    assert_eq!(found, expected, "{clients}");
}

const PORT: &str = r#""sw_mac":"02:AA:00:00:00:01","sw_port":7"#;

#[test]
fn a_client_hangs_where_it_was_seen_last_whatever_the_flag_says() {
    let at = "02:aa:00:00:00:01/7";
    check(&format!(r#""is_wired":true,{PORT}"#), &format!("- - 0 wired {at} 0"));
    check(
        &format!(r#""is_wired":false,{PORT},"last_seen":1,"_last_seen_by_usw":990"#),
        &format!("- - 0 wired {at} 990"),
    );
    check(&format!(r#""is_wired":false,{PORT},"_last_seen_by_usw":500"#), "- - 0 radio - 500");
    check(&format!(r#""is_wired":true,{PORT},"_last_seen_by_usw":500"#), &format!("- - 0 wired {at} 500"));
    check(
        &format!(r#""is_wired":true,{PORT},"_last_seen_by_usw":900,"_last_seen_by_uap":950"#),
        "- - 0 radio - 950",
    );
    check(
        &format!(r#""is_wired":false,{PORT},"_last_seen_by_usw":950,"_last_seen_by_uap":900"#),
        &format!("- - 0 wired {at} 950"),
    );
    check(
        &format!(r#""is_wired":false,{PORT},"_last_seen_by_usw":950,"_last_seen_by_uap":950"#),
        "- - 0 radio - 950",
    );
    check(r#""is_wired":true,"_last_seen_by_uap":990"#, "- - 0 radio - 990");
    check(r#""is_wired":true,"_last_seen_by_uap":10"#, "- - 0 wired - 10");
    check(r#""ap_mac":"02:aa:00:00:00:09""#, "- - 0 radio - 0");
    check(r#""sw_port":7"#, "- - 0 wired - 0");
    check(
        r#""is_wired":true,"sw_mac":"core","sw_port":7"#,
        "- - 0 wired - 0; client 02:cc:00:00:00:01: its switch `core` is no MAC",
    );
}

#[test]
fn a_client_has_what_it_has_now_and_neither_what_it_had_nor_what_it_ought_to_have() {
    check(r#""ip":"10.0.0.5","fixed_ip":"10.0.0.6","use_fixedip":true"#, "10.0.0.5 - 0 wired - 0");
    check(r#""last_ip":"10.0.0.5","fixed_ip":"10.0.0.6""#, "- - 0 wired - 0");
    check(r#""ip":"","ipv6_addresses":["fe80::1","fd00::5"]"#, "fd00::5 - 0 wired - 0");
    check(r#""ip":"10.0.0.5","ipv6_addresses":["fd00::5"]"#, "10.0.0.5 - 0 wired - 0");
    check(r#""ip":"::ffff:10.0.0.5""#, "10.0.0.5 - 0 wired - 0");
    check(r#""ip":"0.0.0.0""#, "- - 0 wired - 0");
    check(
        r#""ip":"10.0.0.500""#,
        "- - 0 wired - 0; client 02:cc:00:00:00:01: its address `10.0.0.500` is no IP address",
    );
}

#[test]
fn names_that_people_gave_go_first_and_the_tag_that_was_seen() {
    check(r#""name":"Build server","hostname":"ci-7""#, "- Build server 0 wired - 0");
    check(r#""name":"","hostname":"ci-7""#, "- ci-7 0 wired - 0");
    check(r#""vlan":20,"network_id":"n30","gw_vlan":1"#, "- - 20 wired - 0");
    check(r#""vlan":0,"network_id":"n30","gw_vlan":1"#, "- - 30 wired - 0");
    check(r#""vlan":"","network_id":"n1""#, "- - 1 wired - 0");
    check(r#""network_id":"gone","gw_vlan":7"#, "- - 7 wired - 0");
    check(r#""vlan":4095"#, "- - 0 wired - 0");
}

#[test]
fn counters_that_wrap_cost_nothing_and_a_broken_client_only_itself() {
    let clients = r#"[
        {"mac":"02:cc:00:00:00:01","tx_retries":4294967320,"rx_bytes":1e300,"wifi_tx_dropped":-5},
        {"mac":"02:cc:00:00:00:02","sw_port":"seven"},
        {"ip":"10.9.0.7","hostname":"comes by VPN"},
        {"mac":"02:cc:00:00:00"},
        {"mac":"02:cc:00:00:00:05"}]"#;
    let (facts, problems) = Given { clients: Some(clients), ..Given::default() }.map();
    let macs: Vec<String> = facts.clients.iter().map(|client| client.mac.to_string()).collect();
    assert_eq!(macs, ["02:cc:00:00:00:01", "02:cc:00:00:00:05"]);
    assert_eq!(
        told(&problems),
        [
            "client 02:cc:00:00:00:02: it is not as expected: at sw_port: expected a whole number",
            "client 02:cc:00:00:00: its MAC is none",
        ]
    );
}
