//! What the fleet's answers come to.

use schema::Timestamp;
use schema::fact::{GuestKind, GuestStatus, NodeStatus};
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_fleet_is_read() {
    let bench = Bench::start().await;
    let (snapshot, _) = bench.collect(1_000).await;
    assert!(snapshot.failure.is_none() && snapshot.unread.is_empty());
    assert_eq!(problems(&snapshot), ["node pve3: Unreachable"]);

    let cluster = snapshot.facts.cluster.as_ref().expect("a cluster");
    assert_eq!(
        (cluster.proxmox_name.as_deref(), cluster.quorate, cluster.version.as_deref()),
        (Some("lab"), Some(true), Some("9.1.4"))
    );
    let nodes: Vec<_> = snapshot
        .facts
        .nodes
        .iter()
        .map(|node| {
            let address = node.address.map(|address| address.to_string()).unwrap_or_default();
            (
                &*node.name,
                node.status,
                address,
                node.cpus,
                node.version.as_deref(),
                node.bonded,
                node.seen.stale,
            )
        })
        .collect();
    assert_eq!(
        nodes,
        [
            ("pve1", NodeStatus::Online, "10.0.0.11".to_owned(), Some(16), Some("9.1.4"), true, false),
            ("pve2", NodeStatus::Online, "10.0.0.12".to_owned(), Some(8), Some("8.4-1"), false, false),
            ("pve3", NodeStatus::Offline, "10.0.0.13".to_owned(), None, None, false, false),
        ]
    );
    let guests: Vec<_> = snapshot
        .facts
        .guests
        .iter()
        .map(|guest| {
            (guest.vmid, &*guest.name, guest.status, guest.template, guest.seen.stale, interfaces(guest))
        })
        .collect();
    let line = |text: &str| text.to_owned();
    assert_eq!(
        guests,
        [
            (
                100,
                "web",
                GuestStatus::Running,
                false,
                false,
                line(
                    "net0 agent 10.0.20.5 agent fe80::be24:11ff:fe00:6400 agent 10.0.30.5 cloud-init 10.0.20.5; net2; \
                     net10"
                )
            ),
            (
                101,
                "dns",
                GuestStatus::Running,
                false,
                false,
                line(
                    "net0 container 10.0.0.53 container 10.0.0.54 container fe80::be24:11ff:fe00:6500 static 10.0.0.53 \
                     static fd00::53"
                )
            ),
            (102, "mail", GuestStatus::Running, false, false, line("net0 cloud-init 10.0.0.25")),
            (103, "old", GuestStatus::Stopped, false, false, line("net0 Stopped")),
            (104, "104", GuestStatus::Running, false, false, line("net0 DhcpUnknown")),
            (105, "win", GuestStatus::Running, false, false, line("net0 AgentError")),
            (106, "golden", GuestStatus::Stopped, true, false, line("net0 Stopped")),
            (107, "lost", GuestStatus::Unknown, false, true, line("")),
            (108, "asleep", GuestStatus::Suspended, false, false, line("net0 Stopped")),
        ]
    );

    let web = guest(&snapshot, 100);
    let nic = &web.nics[0];
    assert_eq!(nic.mac.map(|mac| mac.to_string()).as_deref(), Some("bc:24:11:00:64:00"));
    assert_eq!((nic.bridge.as_deref(), nic.vlan_tag), (Some("vmbr0"), Some(20)));
    assert_eq!(
        (web.kind, web.node.as_deref(), web.pool.as_deref()),
        (GuestKind::Qemu, Some("pve1"), Some("web"))
    );
    assert_eq!((web.cpus, web.cpu_usage, web.memory_bytes), (Some(4.0), Some(0.25), Some(4 << 30)));
    assert_eq!((web.disk_bytes, web.uptime_seconds), (Some(32 << 30), Some(86_400.0)));
    assert_eq!(web.seen.at, Timestamp::from_seconds(1_000));
    let tags = |vmid| guest(&snapshot, vmid).tags.iter().map(|tag| &**tag).collect::<Vec<_>>();
    assert_eq!((tags(100), tags(101)), (vec!["prod", "web"], vec!["core", "dns"]));
    assert_eq!(guest(&snapshot, 103).lock.as_deref(), Some("backup"));
    assert_eq!(guest(&snapshot, 101).cpus, Some(0.5));
}

#[tokio::test]
async fn a_single_node_is_a_cluster_without_a_name_and_its_address_may_come_from_its_network() {
    let bench = Bench::start().await;
    bench.set(
        "/cluster/status",
        json!([{"type": "node", "id": "node/pve1", "name": "pve1", "online": 1, "nodeid": 0}]),
    );
    let (snapshot, _) = bench.collect(0).await;
    let cluster = snapshot.facts.cluster.as_ref().expect("a cluster");
    assert_eq!((cluster.proxmox_name.as_deref(), cluster.quorate), (None, None));
    for name in ["pve1", "pve2"] {
        let expected = if name == "pve1" { "10.0.0.11" } else { "10.0.0.12" };
        assert_eq!(node(&snapshot, name).address.map(|one| one.to_string()).as_deref(), Some(expected));
    }
}

/// What one changed entry of the list comes to: its status, and the problems besides the dead node's.
async fn check_status(status: &str, expected: GuestStatus, problem: bool) {
    let bench = Bench::start().await;
    bench.set_guest(100, "status", json!(status));
    let (snapshot, _) = bench.collect(0).await;
    assert_eq!(guest(&snapshot, 100).status, expected, "{status}");
    let expected = if problem {
        vec!["guest 100: BadResponse", "node pve3: Unreachable"]
    } else {
        vec!["node pve3: Unreachable"]
    };
    assert_eq!(problems(&snapshot), expected, "{status}");
}

#[tokio::test]
async fn proxmox_words_for_a_guests_state() {
    for (word, status) in [
        ("running", GuestStatus::Running),
        ("stopped", GuestStatus::Stopped),
        ("paused", GuestStatus::Paused),
        ("prelaunch", GuestStatus::Paused),
        ("suspended", GuestStatus::Suspended),
        ("unknown", GuestStatus::Unknown),
        ("", GuestStatus::Unknown),
    ] {
        check_status(word, status, false).await;
    }
    check_status("levitating", GuestStatus::Unknown, true).await;
}

#[tokio::test]
async fn one_broken_object_hides_none_of_its_neighbours_and_keeps_what_was_known_of_it() {
    let bench = Bench::start().await;
    let (before, _) = bench.collect(0).await;
    bench.set_guest(100, "maxmem", json!({"bytes": 4}));
    bench.set_guest(101, "node", json!("../../access"));
    bench.set_guest(102, "uptime", json!("soon"));
    let (snapshot, _) = bench.collect(10).await;
    assert_eq!(
        problems(&snapshot),
        [
            "guest 100: BadResponse",
            "guest 101: BadResponse",
            "guest 102: BadResponse",
            "node pve3: Unreachable"
        ]
    );
    assert_eq!(snapshot.facts.guests.len(), before.facts.guests.len());
    for vmid in [100, 101, 102] {
        let (old, new) = (guest(&before, vmid), guest(&snapshot, vmid));
        assert!(new.seen.stale && !old.seen.stale);
        assert_eq!((new.seen.at, &new.nics), (old.seen.at, &old.nics));
    }
    assert!(!guest(&snapshot, 103).seen.stale);
}

#[tokio::test]
async fn interfaces_that_cannot_be_read_are_told_and_the_rest_is_taken() {
    let bench = Bench::start().await;
    let config = json!({
        "agent": 0,
        "net0": "virtio=BC:24:11:00:66:00,bridge=vmbr0,tag=9999",
        "net1": "model=virtio,macaddr=BC:24:11:00:66:01,bridge=vmbr0",
        "ipconfig0": "ip=hunter2,gw=10.0.0.1",
        "ipconfig1": "ip=10.0.0.25/24",
        "ipconfig7": "ip=10.0.0.26/24",
    });
    bench.set("/nodes/pve2/qemu/102/config", config);
    let (snapshot, _) = bench.collect(0).await;
    let mail = guest(&snapshot, 102);
    assert_eq!(interfaces(mail), "net0; net1 cloud-init 10.0.0.25");
    assert!(mail.nics[1].mac.is_some() && mail.nics[0].vlan_tag.is_none());
    let problem =
        snapshot.problems.iter().find(|problem| &*problem.subject == "guest 102").expect("a problem");
    assert_eq!(
        &*problem.message,
        "net0: its VLAN tag is no number from 1 to 4094; net0: its address is no address"
    );
}
