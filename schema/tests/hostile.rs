//! Facts that no fleet has: a hostile or broken source may say anything, and costs a bounded amount all the same.
//!
//! What these hold is that a join ends, does not panic and stays small. A quadratic step over these sizes would not end
//! within a test run.

#![expect(clippy::panic, reason = "a case that cannot be read is a failed test")]

#[path = "kit/read.rs"]
mod read;

use std::fmt::Write;

use proptest::prelude::*;
use read::{NOW, inputs};
use schema::view::{HopKind, PathState, View, join};

/// Joins a case, and asks everything that a request could.
fn walk(text: &str) -> View {
    let view = join(&inputs(text));
    for path in view.paths().iter().map(|path| view.path(path)) {
        assert!(path.port_forwards().len() <= 300, "{}: too many forwards", path.entry());
        let _ = (path.state(), path.stale(NOW), path.as_of(), path.sources());
        for hop in path.hops() {
            assert!(hop.evidence().len() <= 60, "{}: too much evidence", path.entry());
        }
    }
    view
}

#[test]
fn many_forwards_to_many_streams() {
    let mut text = "source office unifi\n".to_owned();
    for number in 0..10_000 {
        writeln!(text, "forward f{number} tcp+udp:{} 10.0.0.20:1-65535", number + 1).unwrap();
    }
    text.push_str("source edge npm addresses=10.0.0.20\nhost p1 app.example.org 10.0.0.5:80\n");
    for number in 0..100 {
        writeln!(text, "stream s{number} tcp:{} 10.0.0.5:22", number + 2000).unwrap();
    }
    assert_eq!(walk(&text).paths().len(), 101);
}

#[test]
fn many_forwards_past_the_proxy_to_one_target() {
    let mut text = "source office unifi\n".to_owned();
    for number in 0..5_000 {
        writeln!(text, "forward f{number} tcp:{} 10.0.0.5:80", number + 1).unwrap();
    }
    assert_eq!(walk(&text).paths().len(), 5_000);
}

/// Locations make paths of their own, up to 200,000 of them; the names' own paths are all there.
#[test]
fn more_locations_than_paths_are_made_of() {
    let mut text = "source edge npm\n".to_owned();
    for number in 0..1_001 {
        write!(text, "host p{number} app{number}.example.org 10.0.0.5:80").unwrap();
        for location in 0..200 {
            write!(text, " loc=/{location}@10.0.0.6:80").unwrap();
        }
        text.push('\n');
    }
    assert_eq!(join(&inputs(&text)).paths().len(), 1_001 + 200_000);
}

#[test]
fn many_guests_on_one_address() {
    let mut text = "source pve proxmox\nnode n1\n".to_owned();
    for number in 0..100_000 {
        writeln!(text, "guest {} g{number} node=n1 nic=-;agent:10.0.0.5", number + 1).unwrap();
    }
    text.push_str("source edge npm\n");
    for number in 0..1_000 {
        writeln!(text, "host p{number} h{number}.example.org 10.0.0.5:80").unwrap();
    }
    let view = walk(&text);
    let path = view.path(view.paths().iter().next().unwrap());
    assert_eq!(path.state(), PathState::Ambiguous);
    assert_eq!(path.hop(HopKind::Guest).candidate_count(), 100_000);
    assert_eq!(path.hop(HopKind::Guest).evidence().len(), 10);
}

#[test]
fn many_guests_and_nodes_on_one_address() {
    let mut text = "source pve proxmox\n".to_owned();
    for number in 0..30 {
        writeln!(text, "node n{number} addr=10.0.0.5").unwrap();
        writeln!(text, "guest {} g{number} node=n1 nic=-;agent:10.0.0.5", number + 1).unwrap();
    }
    text.push_str("source edge npm\nhost p1 app.example.org 10.0.0.5:80\n");
    let view = walk(&text);
    let path = view.path(view.paths().iter().next().unwrap());
    assert_eq!(path.hop(HopKind::Guest).candidate_count(), 60);
    assert_eq!(path.hop(HopKind::Guest).evidence().len(), 20);
}

#[test]
fn many_guests_of_one_name_and_one_mac() {
    let mut text = "source pve proxmox\nnode n1 addr=10.0.0.11\n".to_owned();
    for number in 0..20_000 {
        writeln!(text, "guest {} app node=n1 nic=m1", number + 1).unwrap();
    }
    text.push_str("source office unifi\nswitch s1 core\nport s1/1\nclient m1 addr=10.0.0.5 port=s1/1\n");
    text.push_str("source edge npm\nhost p1 app.example.org app:80\nhost p2 b.example.org 10.0.0.5:80\n");
    let view = walk(&text);
    assert!(view.paths().iter().all(|path| view.path(path).state() == PathState::Ambiguous));
}

#[test]
fn many_nodes_of_one_name_and_one_address() {
    let mut text = "source office unifi\nswitch s1 core\nport s1/1-48\n".to_owned();
    for port in 1..=48 {
        writeln!(text, "lldp s1/{port} name=n1").unwrap();
        writeln!(text, "client m{port} addr=10.0.0.11 port=s1/{port}").unwrap();
    }
    for cluster in 0..200 {
        writeln!(text, "source pve{cluster} proxmox\nnode n1 addr=10.0.0.11 bonded").unwrap();
        for number in 0..20 {
            writeln!(text, "guest {} app node=n1 nic=m{}", number + 1, number + 1).unwrap();
        }
    }
    text.push_str("source edge npm\nhost p1 app.example.org n1:80\nhost p2 b.example.org 10.0.0.11:80\n");
    let view = walk(&text);
    assert!(view.nodes().iter().all(|node| view.ports_of_node(node).len() <= 48));
}

#[test]
fn redirections_in_a_long_chain_and_in_a_circle() {
    let mut text = "source edge npm\n".to_owned();
    for number in 0..20_000 {
        let next = (number + 1) % 20_000;
        writeln!(text, "redirect r{number} h{number}.example.org h{next}.example.org").unwrap();
    }
    let view = walk(&text);
    assert!(view.paths().iter().all(|path| view.path(path).state() == PathState::Partial));
}

#[test]
fn switches_that_hang_on_each_other() {
    let ring = 2_000;
    let mut text = "source pve proxmox\nnode n1 addr=10.0.0.11\nsource office unifi\n".to_owned();
    let mac = |number: usize| format!("02:00:ff:00:{:02x}:{:02x}", number >> 8, number & 0xff);
    for number in 0..ring {
        let above = mac((number + 1) % ring);
        writeln!(text, "switch {} core uplink={above}/1", mac(number)).unwrap();
        writeln!(text, "port {}/2 uplink\nport {}/3", mac(number), mac(number)).unwrap();
        writeln!(text, "lldp {}/3 name=n1", mac(number)).unwrap();
    }
    let view = walk(&text);
    let node = view.nodes().iter().next().unwrap();
    assert_eq!(view.ports_of_node(node).len(), 1);
    let first = view.switches().iter().next().unwrap();
    assert_eq!(view.impact(first).nodes, [node], "the whole ring goes with one of it");
}

#[test]
fn a_switch_that_hangs_on_itself() {
    let view = walk(
        "source pve proxmox
         node n1 addr=10.0.0.11
         source office unifi
         switch s1 core uplink=s1/1
         port s1/1-2
         lldp s1/2 name=n1",
    );
    let first = view.switches().iter().next().unwrap();
    assert_eq!(view.impact(first).nodes.len(), 1);
}

/// Words that stand where names, hosts and ports do.
const ODD: &str = "(|\\.|-|\\*|\\*\\.\\*|ⅷ|ÄPP|app|:|::|::1|\\[::1\\]|0\\.0\\.0\\.0|255\\.255\\.255\\.255|169\\.254\\.1\\.1|\
                   fe80::1|::ffff:10\\.0\\.0\\.5|10\\.0\\.0\\.5|10\\.0\\.0\\.5:80|localhost|a\\.LOCALHOST|%00|/|~ x)";

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_words_do_no_harm(
        words in proptest::collection::vec(ODD, 12),
        ports in proptest::collection::vec("(|0|65535|65536|1-65535|9-1|,,|-|80,443,x|1:2)", 3),
        vmid in any::<u32>(),
        number in any::<u16>(),
    ) {
        let mut inputs = inputs(&format!(
            "source pve proxmox
             node n1 addr=10.0.0.5
             guest {vmid} g node=n1 nic=m1;agent:10.0.0.5,fe80::1,127.0.0.1,0.0.0.0,::ffff:10.0.0.5
             guest {vmid} g node=n1 nic=-
             source office unifi
             switch s1 core uplink=s1/{number}
             port s1/{number} lag={number}
             client m1 addr=0.0.0.0 port=s1/{number}
             lldp s1/{number} name=n1
             forward f1 tcp:1 10.0.0.5:1
             source edge npm addresses=10.0.0.5,127.0.0.1
             host p1 a.example.org 10.0.0.5:80 loc=/a@b:1
             redirect r1 b.example.org a.example.org
             source plan ipam
             declared 1 0.0.0.0 name=x
             declared 2 10.0.0.5 name=x vmid={vmid}
             cable 1 core {number} n1"
        ));
        for held in &mut inputs.sources {
            let snapshot = std::sync::Arc::make_mut(held.snapshot.as_mut().unwrap());
            let facts = &mut snapshot.facts;
            let mut word = words.iter().cycle().map(|word| Box::<str>::from(word.as_str()));
            let mut next = || word.next().unwrap();
            for host in &mut facts.proxy_hosts {
                host.domain_names = vec![next(), next(), next()].into();
                host.forward_host = Some(next());
                host.redirect_to = Some(next());
                host.reference = next();
                for location in &mut host.locations {
                    (location.path, location.forward_host) = (next(), next());
                }
            }
            for forward in &mut facts.port_forwards {
                (forward.public_port, forward.forward_port) = (ports[0].as_str().into(), ports[1].as_str().into());
                forward.reference = next();
            }
            facts.guests.iter_mut().for_each(|guest| guest.name = next());
            facts.assignments.iter_mut().for_each(|one| one.hostname = Some(next()));
            facts.devices.iter_mut().for_each(|device| device.name = next());
            facts.lldp.iter_mut().for_each(|heard| heard.system_name = Some(next()));
        }
        let view = join(&inputs);
        for handle in view.paths().iter() {
            let path = view.path(handle);
            let _ = (path.state(), path.stale(NOW), path.port_forwards());
            prop_assert_eq!(view.find(&view.id(handle)), Some(handle.into()));
            for hop in path.hops() {
                for evidence in hop.evidence() {
                    let _ = view.words(evidence);
                }
            }
        }
        for name in view.hostnames().iter() {
            prop_assert_eq!(view.find(&view.id(name)), Some(name.into()));
        }
    }
}
