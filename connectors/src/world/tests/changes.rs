//! What can happen, and what cannot.

use schema::fact::GuestStatus;

use crate::world::{Change, Spec, World};

fn world() -> World {
    World::generate(&Spec { guests: 100, ..Spec::default() }).expect("within bounds")
}

#[test]
fn what_cannot_happen_is_refused_in_words() {
    let check = |change: &str, expected: &str| {
        let mut world = world();
        let before = world.to_json();
        let said = match serde_json::from_str::<Change>(change) {
            Ok(change) => world.apply(&change, world.epoch).expect_err("it cannot").to_string(),
            Err(error) => error.to_string(),
        };
        assert!(said.contains(expected), "{change}: {said}");
        assert_eq!(world.to_json(), before, "{change}");
    };
    check(r#"{ "stop": "nobody" }"#, "no guest `nobody`");
    check(r#"{ "stop": "pve-1/99" }"#, "no guest `pve-1/99`");
    check(r#"{ "stop": "pve-9/100" }"#, "no guest `pve-9/100`");
    check(r#"{ "stop": "postgres" }"#, "several guests are called `postgres`");
    check(r#"{ "start": "pve-1/900" }"#, "`pve-1/900` is a template");
    check(r#"{ "start": "archive" }"#, "node `pve2c` is dead");
    check(r#"{ "move": { "guest": "app", "to": "pve2a" } }"#, "no node `pve2a`");
    check(r#"{ "move": { "guest": "lab", "to": "pve2c" } }"#, "node `pve2c` is dead");
    check(r#"{ "kill": "pve9z" }"#, "no node `pve9z`");
    check(r#"{ "explode": "app" }"#, "unknown variant `explode`");
    check(r#"{ "move": { "guest": "app", "to": "pve1b", "how": "fast" } }"#, "unknown field `how`");
}

#[test]
fn a_guest_that_moves_is_seen_where_it_was() {
    let mut world = world();
    let port = |world: &World| {
        let clients = &world.networks[0].clients;
        clients.iter().find(|client| client.hostname.as_deref() == Some("app")).and_then(|client| client.port)
    };
    let before = port(&world);
    let change = Change::Move { guest: "app".into(), to: "pve1c".into() };
    world.apply(&change, world.epoch).expect("it can");
    assert_eq!(port(&world), before);
    // Started anew it is seen where it is.
    world.apply(&Change::Stop("app".into()), world.epoch).expect("it can");
    world.apply(&Change::Start("app".into()), world.epoch).expect("it can");
    assert_eq!(port(&world), world.clusters[0].nodes[2].active_port());
}

#[test]
fn a_node_that_dies_takes_its_links_with_it_and_brings_them_back() {
    let mut world = world();
    let before = world.to_json();
    let up = |world: &World| {
        let ports = world.networks[0].devices.iter().flat_map(|device| &device.ports);
        ports.filter(|port| port.name == "pve1b" && port.up && port.neighbour.is_some()).count()
    };
    assert_eq!(up(&world), 2);
    world.apply(&Change::Kill("pve1b".into()), world.epoch).expect("it can");
    assert_eq!(up(&world), 0);
    let wiki = world.clusters[0].guests.iter().find(|guest| guest.name == "wiki").expect("is there");
    assert_eq!(world.clusters[0].status_of(wiki), GuestStatus::Unknown);
    world.apply(&Change::Revive("pve1b".into()), world.epoch).expect("it can");
    assert_eq!(up(&world), 2);
    assert_ne!(world.to_json(), before, "it was started again");
}

#[test]
fn an_emptied_world_has_the_same_servers_and_nothing_on_them() {
    let world = world();
    let empty = world.emptied();
    assert_eq!(empty.clusters[0].api, world.clusters[0].api);
    assert_eq!(empty.clusters[0].token, world.clusters[0].token);
    assert_eq!(empty.expected(), []);
    assert!(empty.clusters.iter().all(|cluster| cluster.nodes.is_empty() && cluster.guests.is_empty()));
    assert!(empty.networks.iter().all(|network| network.devices.is_empty() && network.clients.is_empty()));
}
