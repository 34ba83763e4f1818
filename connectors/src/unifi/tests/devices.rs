//! Devices, ports, groups, VLANs and neighbours.

use schema::Facts;
use schema::fact::{DeviceKind, PortFact};

use super::{Given, NOW, info, told};
use crate::unifi::kept::Kept;
use crate::unifi::map;
use crate::unifi::wire::Port;

const SWITCH: &str = include_str!("../fixtures/switch.json");
const NETWORKS: &str = include_str!("../fixtures/networks.json");
const PROFILES: &str = r#"[
    {"_id": "p1", "name": "Lab", "forward": "customize", "native_networkconf_id": "n1",
     "tagged_networkconf_ids": ["n20", "gone"]},
    {"_id": "p2", "name": "All", "forward": "all", "native_networkconf_id": "n1"}]"#;

/// A port in one line: what it is called and does, what it carries, its group.
fn line(port: &PortFact) -> String {
    let poe = match port.poe {
        None => "",
        Some(true) => " poe",
        Some(false) => " no poe",
    };
    let flags = [(port.is_uplink, " uplink"), (port.is_downlink, " downlink")];
    let flags: String = flags.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
    let speed = port.speed_mbps.map_or(String::new(), |speed| format!(" {speed}"));
    format!(
        "{} {}{}{speed}{poe}{flags} {:?}+{:?} {:?}",
        port.number,
        port.name.as_deref().unwrap_or("-"),
        if port.up { " up" } else { "" },
        port.native_vlan.unwrap_or(0),
        port.tagged_vlans,
        port.lag.unwrap_or(0)
    )
}

#[test]
fn a_switch_is_read_with_all_that_its_ports_say() {
    let given = Given {
        devices: Some(SWITCH),
        networks: Some(NETWORKS),
        profiles: Some(PROFILES),
        ..Given::default()
    };
    let (facts, problems) = given.map();
    assert_eq!(told(&problems), Vec::<String>::new());
    let lines: Vec<String> = facts.ports.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "1 pve1 up 1000 no poe 1+[20, 40] 1",
            // The group carries what its first port carries, whatever is said of the others.
            "2 pve1 too up 1000 poe 1+[20, 40] 1",
            "3 camera up 100 20+[] 0",
            // Somebody's choice of a profile goes before the port's own.
            "4 - 1+[20, 30, 40] 0",
            "5 - 0+[] 0",
            "6 ap up 2500 downlink 1+[20, 30, 40] 0",
            "7 to core up 10000 uplink 0+[] 7",
            "8 to core too up 10000 uplink 0+[] 7",
        ]
    );
    let heard: Vec<_> = facts
        .lldp
        .iter()
        .map(|heard| (heard.port, heard.chassis.map(|mac| mac.to_string()), heard.system_name.as_deref()))
        .collect();
    assert_eq!(
        heard,
        [
            (1, Some("02:bb:00:00:00:01".to_owned()), Some("pve1.example.lan")),
            (2, Some("02:bb:00:00:00:02".to_owned()), None),
            (4, None, Some("printer")),
        ]
    );
    let device = &facts.devices[0];
    assert_eq!(device.mac.to_string(), "02:aa:00:00:00:01");
    assert_eq!((&*device.name, device.model.as_deref()), ("rack-1", Some("USL48P")));
    assert_eq!((device.kind, device.online), (DeviceKind::Switch, true));
    assert_eq!(
        device.uplink.map(|(mac, port)| (mac.to_string(), port)),
        Some(("02:aa:00:00:00:09".into(), Some(11)))
    );
}

/// Groups that a port table and overrides of eight ports give, by number of port.
fn check_lags(ports: &str, overrides: &str, expected: [u16; 4]) {
    let device = format!(
        r#"[{{"mac":"02:aa:00:00:00:01","type":"usw","port_table":[{ports}],"port_overrides":[{overrides}]}}]"#
    );
    let (facts, problems) = Given { devices: Some(&device), ..Given::default() }.map();
    assert_eq!(told(&problems), Vec::<String>::new());
    let lags: Vec<u16> = facts.ports.iter().map(|port| port.lag.unwrap_or(0)).collect();
    assert_eq!(lags, expected, "{ports} {overrides}");
}

#[test]
fn a_group_is_told_in_each_of_four_ways() {
    let plain = r#"{"port_idx":1},{"port_idx":2},{"port_idx":3},{"port_idx":4}"#;
    let with = |second: &str| format!(r#"{{"port_idx":1}},{second},{{"port_idx":3}},{{"port_idx":4}}"#);
    check_lags(plain, "", [0; 4]);
    check_lags(&with(r#"{"port_idx":2,"aggregated_by":1}"#), "", [1, 1, 0, 0]);
    check_lags(&with(r#"{"port_idx":2,"aggregated_by":true}"#), "", [0; 4]);
    check_lags(&with(r#"{"port_idx":2,"aggregated_by":9}"#), "", [0; 4]);
    check_lags(
        r#"{"port_idx":1,"lag_idx":2},{"port_idx":2,"lag_idx":1},{"port_idx":3,"lag_idx":2},{"port_idx":4,"lag_idx":0}"#,
        "",
        [1, 0, 1, 0],
    );
    check_lags(plain, r#"{"port_idx":2,"op_mode":"aggregate","aggregate_num_ports":2}"#, [0, 2, 2, 0]);
    check_lags(plain, r#"{"port_idx":3,"op_mode":"aggregate","aggregate_num_ports":65000}"#, [0, 0, 3, 3]);
    check_lags(plain, r#"{"port_idx":1,"op_mode":"aggregate","aggregate_members":[1,"4"]}"#, [1, 0, 0, 1]);
    check_lags(plain, r#"{"port_idx":1,"op_mode":"aggregate","aggregate_members":[1]}"#, [0; 4]);
    check_lags(plain, r#"{"port_idx":1,"op_mode":"switch","aggregate_num_ports":4}"#, [0; 4]);
    check_lags(
        &with(r#"{"port_idx":2,"op_mode":"aggregate","aggregate_num_ports":2}"#),
        r#"{"port_idx":3,"op_mode":"aggregate","aggregate_members":[3,4]}"#,
        [0, 2, 2, 2],
    );
}

#[test]
fn a_device_below_marks_the_port_that_it_hangs_on_while_it_hangs_there() {
    let site = |state: u8, told: &str| {
        format!(
            r#"[{{"mac":"02:aa:00:00:00:01","type":"usw","state":1,"port_table":[{{"port_idx":1}},{{"port_idx":2}}]}},
                {{"mac":"02:aa:00:00:00:02","type":"uap","state":{state},{told}}}]"#
        )
    };
    let check = |state: u8, told: &str, uplink: Option<Option<u16>>, downlinks: [bool; 2]| {
        let devices = site(state, told);
        let (facts, _) = Given { devices: Some(&devices), ..Given::default() }.map();
        assert_eq!(facts.devices[1].uplink.map(|(_, port)| port), uplink, "{told}");
        let found: Vec<bool> = facts.ports.iter().map(|port| port.is_downlink).collect();
        assert_eq!(found, downlinks, "{told}");
    };
    let above = r#""uplink_mac":"02:aa:00:00:00:01""#;
    check(1, &format!(r#""uplink":{{{above},"uplink_remote_port":2}}"#), Some(Some(2)), [false, true]);
    check(0, &format!(r#""last_uplink":{{{above},"uplink_remote_port":2}}"#), Some(Some(2)), [false, false]);
    check(
        1,
        &format!(r#""uplink":{{{above}}},"last_uplink":{{{above},"uplink_remote_port":1}}"#),
        Some(Some(1)),
        [true, false],
    );
    check(
        1,
        &format!(r#""uplink":{{{above},"type":"wireless","uplink_remote_port":1}}"#),
        Some(None),
        [false; 2],
    );
    check(1, r#""uplink":{"uplink_mac":"02:aa:00:00:00:02"}"#, None, [false; 2]);
    check(1, r#""uplink":{"uplink_mac":"nobody"}"#, None, [false; 2]);
    check(1, r#""uplink":null"#, None, [false; 2]);
}

#[test]
fn a_device_is_named_and_addressed_by_the_best_that_is_told() {
    let check = |told: &str, name: &str, kind: DeviceKind, address: Option<&str>, problems: &[&str]| {
        let devices = format!(r#"[{{"mac":"02-aa-00-00-00-01",{told}}}]"#);
        let (facts, found) = Given { devices: Some(&devices), ..Given::default() }.map();
        let device = &facts.devices[0];
        assert_eq!((&*device.name, device.kind), (name, kind), "{told}");
        assert_eq!(device.address.map(|ip| ip.to_string()).as_deref(), address, "{told}");
        assert_eq!(told_of(&found), problems, "{told}");
    };
    let (switch, gateway) = (DeviceKind::Switch, DeviceKind::Gateway);
    check(
        r#""type":"usw","name":"a","hostname":"b","model":"c","ip":"10.0.0.2""#,
        "a",
        switch,
        Some("10.0.0.2"),
        &[],
    );
    check(r#""type":"usw","name":" ","hostname":"b","ip":"0.0.0.0""#, "b", switch, None, &[]);
    check(r#""type":"usw","model":"c""#, "c", switch, None, &[]);
    check(
        r#""type":"udm","ip":"203.0.113.1","lan_ip":"10.0.0.1""#,
        "02:aa:00:00:00:01",
        gateway,
        Some("10.0.0.1"),
        &[],
    );
    check(
        r#""type":"ugw","name":"g","ip":"203.0.113.1","connect_request_ip":"10.0.0.1""#,
        "g",
        gateway,
        Some("10.0.0.1"),
        &[],
    );
    check(
        r#""type":"uxg","name":"g","ip":"203.0.113.1","connect_request_ip":"127.0.0.1""#,
        "g",
        gateway,
        Some("203.0.113.1"),
        &[],
    );
    check(r#""type":"uap","name":"x","ip":"fd00::2""#, "x", DeviceKind::AccessPoint, Some("fd00::2"), &[]);
    check(
        r#""name":"x","ip":"ten""#,
        "x",
        DeviceKind::Other,
        None,
        &["device 02:aa:00:00:00:01: its address `ten` is no IP address"],
    );
}

fn told_of(problems: &[schema::Problem]) -> Vec<String> {
    told(problems)
}

#[test]
fn what_is_not_this_controllers_is_left_out_and_what_cannot_be_read_is_told() {
    let devices = r#"[
        {"mac":"02:aa:00:00:00:01","adopted":false},
        {"mac":"no mac"},
        {"mac":"02:aa:00:00:00:02","port_table":[{"port_idx":1},{"port_idx":"x"},{"port_idx":1},{"port_idx":0}]},
        {"mac":"02:aa:00:00:00:02"},
        {"mac":"02:aa:00:00:00:03","state":{}},
        {"name":"nameless"},
        5]"#;
    let (facts, problems) = Given { devices: Some(devices), ..Given::default() }.map();
    let macs: Vec<String> = facts.devices.iter().map(|device| device.mac.to_string()).collect();
    assert_eq!(macs, ["02:aa:00:00:00:02"]);
    assert_eq!(facts.ports.len(), 1);
    assert_eq!(
        told(&problems),
        [
            "device 02:aa:00:00:00:03: it is not as expected: at state: expected a whole number",
            "device nameless: it is not as expected: at .: missing field `mac`",
            "device #7: it is no record",
            "device no mac: its MAC is none",
            "device 02:aa:00:00:00:02: it is listed twice; the first counts",
            "device 02:aa:00:00:00:02 port #2: it is not as expected: at port_idx: expected a whole number",
            "device 02:aa:00:00:00:02 port 1: it is listed twice; the first counts",
        ]
    );
}

/// More ports than anything has, each in the group of the one before: a chain that costs no more than it is long.
#[test]
fn a_group_of_absurd_length_is_one_group() {
    const LONG: u16 = 20_000;
    let ports: Vec<String> = (1..=LONG)
        .map(|port| format!(r#"{{"port_idx":{port},"aggregated_by":{},"is_uplink":true}}"#, port - 1))
        .collect();
    let overrides: Vec<String> =
        (1..=LONG).map(|port| format!(r#"{{"port_idx":{port},"forward":"all"}}"#)).collect();
    let device = format!(
        r#"[{{"mac":"02:aa:00:00:00:01","port_table":[{}],"port_overrides":[{}]}}]"#,
        ports.join(","),
        overrides.join(",")
    );
    let (facts, problems) = Given { devices: Some(&device), ..Given::default() }.map();
    assert_eq!(told(&problems), Vec::<String>::new());
    assert_eq!(facts.ports.len(), usize::from(LONG));
    assert!(facts.ports.iter().all(|port| port.lag == Some(1) && port.is_uplink));
}

#[test]
fn a_site_of_more_ports_than_there_are_is_cut_short() {
    let device = |last: u8| format!(r#"{{"mac":"02:aa:00:00:00:0{last}","port_table":[{{"port_idx":1}}]}}"#);
    let devices = format!("[{},{}]", device(1), device(2));
    let mut kept = Kept::default();
    Given { devices: Some(&devices), ..Given::default() }.keep(&mut kept);
    for device in kept.devices.reading.iter_mut().flat_map(|reading| &mut reading.list.good) {
        let port = device.port_table.good[0].clone();
        let more = (2..=50_001).map(|number| Port { number: Some(number), ..port.clone() });
        device.port_table.good.extend(more);
    }
    let (facts, problems) = map::facts(&kept, &Facts::default(), &info(), NOW);
    assert_eq!(facts.ports.len(), 100_000);
    assert_eq!(
        told(&problems),
        ["device 02:aa:00:00:00:02: more than 100000 ports are listed; the rest is left out"]
    );
}
