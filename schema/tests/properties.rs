//! What holds for every fleet: tried on small ones, in which names, addresses and MACs collide all the time.

#![expect(clippy::format_push_string, reason = "a View of a few lines is shown, not served")]

#[path = "chance/fleet.rs"]
mod fleet;
mod kit;

use std::sync::Arc;

use fleet::{Fleet, fleet, held};
use kit::read::NOW;
use proptest::prelude::*;
use schema::view::{Detail, HopState, Listed, Listing, ObjectRef, PathState, View, join, rejoin};
use schema::{Held, Snapshot};

/// A View as text, by ids: handles differ where sources differ.
fn whole(view: &View) -> String {
    let mut shown = kit::show::case(
        view,
        "show paths\nshow forwards\nshow guests\nshow owners\nshow plan\nshow accounts\nshow sources\nshow links",
    );
    for path in view.paths().iter().map(|path| view.path(path)) {
        for hop in path.hops() {
            for evidence in hop.evidence() {
                shown += &view.words(evidence);
                shown.push('\n');
            }
            shown += &format!("{:?} {:?}\n", hop.collected_at(), hop.stale(NOW));
        }
    }
    for address in view.addresses().iter() {
        let paths: Vec<_> = view.paths_of_address(address).into_iter().map(|path| view.id(path)).collect();
        shown += &format!("{} {paths:?}\n", view.id(address));
    }
    for guest in view.guests().iter() {
        let paths: Vec<_> = view.paths_of_guest(guest).into_iter().map(|path| view.id(path)).collect();
        shown += &format!("{} {paths:?} {:?}\n", view.id(guest), named(view, &view.impact(guest)));
    }
    for node in view.nodes().iter() {
        let paths: Vec<_> = view.paths_of_node(node).into_iter().map(|path| view.id(path)).collect();
        let ports: Vec<_> = view.ports_of_node(node).iter().map(|port| view.id(*port)).collect();
        shown += &format!("{} {paths:?} {ports:?} {:?}\n", view.id(node), named(view, &view.impact(node)));
        for port in view.ports_of_node(node) {
            let nodes: Vec<_> = view.nodes_of_port(*port).map(|node| view.id(node)).collect();
            let paths: Vec<_> = view.paths_of_port(*port).into_iter().map(|path| view.id(path)).collect();
            shown +=
                &format!("{} {nodes:?} {paths:?} {:?}\n", view.id(*port), named(view, &view.impact(*port)));
        }
    }
    shown
}

fn named(view: &View, impact: &schema::view::Impact) -> Vec<String> {
    let paths = impact.paths.iter().map(|one| view.id(*one));
    let names = impact.hostnames.iter().map(|one| view.id(*one));
    let guests = impact.guests.iter().map(|one| view.id(*one));
    let nodes = impact.nodes.iter().chain(&impact.degraded).map(|one| view.id(*one));
    paths.chain(names).chain(guests).chain(nodes).map(|id| id.to_string()).collect()
}

/// What the paths lead to, and why.
fn paths(view: &View) -> Vec<String> {
    let all = view.paths();
    all.iter()
        .map(|handle| {
            let path = view.path(handle);
            let hops = path.hops().map(|hop| {
                let ids: Vec<_> = hop.candidates().iter().map(|object| view.id(*object)).collect();
                (hop.state(), hop.target().map(|object| view.id(object)), ids)
            });
            format!("{} {:?} {hops:?}", view.id(handle), path.state())
        })
        .collect()
}

/// A line of [`paths`] without the path's state.
fn without_state(path: &str) -> String {
    let mut words = path.splitn(3, ' ');
    let (id, rest) = (words.next(), words.nth(1));
    format!("{id:?} {rest:?}")
}

/// Whether an object that a hop names is in some snapshot.
fn is_there(view: &View, object: ObjectRef) -> bool {
    match object {
        ObjectRef::Guest(guest) => {
            let fact = view.guest(guest);
            facts(view).any(|facts| facts.guests.contains(fact))
        }
        ObjectRef::Node(node) => facts(view).any(|facts| facts.nodes.contains(view.node(node))),
        ObjectRef::Port(port) => facts(view).any(|facts| facts.ports.contains(view.port(port))),
        ObjectRef::Client(client) => facts(view).any(|facts| facts.clients.contains(view.client(client))),
        ObjectRef::ProxyHost(host) => {
            facts(view).any(|facts| facts.proxy_hosts.contains(view.proxy_host(host)))
        }
        ObjectRef::Forward(forward) => {
            facts(view).any(|facts| facts.port_forwards.contains(view.forward(forward)))
        }
        ObjectRef::Assignment(one) => {
            facts(view).any(|facts| facts.assignments.contains(view.assignment(one)))
        }
        ObjectRef::Address(address) => names_address(view, address.address()),
        ObjectRef::Switch(switch) => facts(view).any(|facts| facts.devices.contains(view.switch(switch))),
        ObjectRef::PortMap(entry) => facts(view).any(|facts| facts.port_map.contains(view.cable(entry))),
        _ => false,
    }
}

fn facts(view: &View) -> impl Iterator<Item = &schema::Facts> {
    view.sources().filter_map(|source| view.held(source).snapshot.as_ref()).map(|snapshot| &snapshot.facts)
}

fn names_address(view: &View, address: std::net::IpAddr) -> bool {
    let text = address.to_string();
    facts(view).any(|facts| {
        facts
            .guests
            .iter()
            .flat_map(|guest| &guest.nics)
            .flat_map(|nic| &nic.claims)
            .any(|c| c.address == address)
            || facts.nodes.iter().any(|node| node.address == Some(address))
            || facts.clients.iter().any(|client| client.address == Some(address))
            || facts.devices.iter().any(|device| device.address == Some(address))
            || facts.assignments.iter().any(|one| one.address == address)
            || facts.port_forwards.iter().any(|forward| forward.forward_address == Some(address))
            || facts.proxy_hosts.iter().any(|host| {
                host.forward_host.as_deref() == Some(&text)
                    || host.locations.iter().any(|at| *at.forward_host == *text)
            })
    })
}

/// A source that stopped answering long ago.
fn silenced(held: &Held) -> Held {
    let mut silent = held.clone();
    if let Some(snapshot) = &held.snapshot {
        let old = schema::Timestamp::from_millis(NOW.millis() - 3_600_000);
        silent.snapshot = Some(Arc::new(Snapshot { collected_at: old, ..Snapshot::clone(snapshot) }));
    }
    silent
}

/// Every object of a list is found by its id and stands in its place; and so does each that is gone from another list.
fn check<T: Into<ObjectRef> + Listed + PartialEq + std::fmt::Debug>(
    view: &View,
    thinned: &View,
    list: impl Fn(&View) -> Listing<'_, T>,
) {
    let (all, some) = (list(view), list(thinned));
    assert_eq!((all.is_empty(), all.get(all.len())), (all.iter().next().is_none(), None));
    assert_eq!(all.range(1, all.len() + 7).len(), all.len().saturating_sub(1));
    assert_eq!(all.iter().rev().count(), all.len());
    let left: Vec<usize> = some
        .iter()
        .filter_map(|object| all.iter().position(|one| view.id(one) == thinned.id(object)))
        .collect();
    // Of facts of one name another may be left, with names and addresses of its own: nothing says where those belong.
    let comparable = left.len() == some.len();
    for (place, object) in all.iter().enumerate() {
        let id = view.id(object);
        assert_eq!(view.find(&id), Some(object.into()), "{id}");
        assert_eq!((all.get(place), all.from(&id), all.after(&id)), (Some(object), place, place + 1), "{id}");
        let before = left.iter().filter(|one| **one < place).count();
        let is_left = usize::from(left.contains(&place));
        if comparable {
            assert_eq!((some.from(&id), some.after(&id)), (before, before + is_left), "{id}");
            assert_eq!(thinned.find(&id).is_some(), is_left == 1, "{id}");
        }
    }
    let foreign = schema::ObjectId::Source("pve-a".into());
    assert_eq!((all.from(&foreign), all.after(&foreign)), (all.len(), all.len()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_sources_never_matters(fleet in fleet(), by in 0usize..8) {
        let expected = whole(&join(&fleet.inputs()));
        let mut other = fleet.inputs();
        let by = by % other.sources.len();
        other.sources.rotate_left(by);
        prop_assert_eq!(&whole(&join(&other)), &expected);
        other.sources.reverse();
        prop_assert_eq!(&whole(&join(&other)), &expected);
    }

    #[test]
    fn the_order_of_facts_never_matters(fleet in fleet()) {
        let expected = whole(&join(&fleet.inputs()));
        prop_assert_eq!(whole(&join(&fleet.reversed().inputs())), expected);
    }

    #[test]
    fn a_stale_source_changes_no_target(fleet in fleet(), which in 0usize..8) {
        let inputs = fleet.inputs();
        let mut silent = inputs.clone();
        let which = which % silent.sources.len();
        silent.sources[which] = silenced(&silent.sources[which]);
        prop_assert_eq!(paths(&join(&silent)), paths(&join(&inputs)));
    }

    #[test]
    fn an_unread_list_changes_no_target_and_breaks_no_path(fleet in fleet(), which in 0usize..8, list in 0usize..10, never in any::<bool>()) {
        let inputs = fleet.inputs();
        let mut blind = inputs.clone();
        let which = which % blind.sources.len();
        blind.sources[which] = fleet::without_reading(&blind.sources[which], list, never);
        let (before, after) = (join(&inputs), join(&blind));
        let targets = |view: &View| -> Vec<String> { paths(view).iter().map(|path| without_state(path)).collect() };
        prop_assert_eq!(targets(&after), targets(&before));
        for path in before.paths().iter() {
            let (earlier, now) = (before.path(path), after.path(path));
            prop_assert!(!earlier.stale(NOW) || now.stale(NOW), "it turned fresh");
            // Only a path that is BROKEN for want of a bearer may look better now, and then it says that it is stale.
            prop_assert!(now.state() == earlier.state() || (never && now.stale(NOW) && now.state() == PathState::Partial));
        }
        prop_assert_eq!(whole(&rejoin(&before, &blind)), whole(&after));
        prop_assert_eq!(whole(&rejoin(&after, &inputs)), whole(&before));
    }

    #[test]
    fn whatever_is_named_is_in_some_snapshot(fleet in fleet()) {
        let view = join(&fleet.inputs());
        for path in view.paths().iter().map(|path| view.path(path)) {
            for hop in path.hops() {
                for object in hop.candidates().iter().copied().chain(hop.target()) {
                    prop_assert!(is_there(&view, object), "{} is nowhere", view.id(object));
                }
                for evidence in hop.evidence() {
                    for object in evidence.detail.objects() {
                        prop_assert!(is_there(&view, object), "{} is nowhere", view.id(object));
                    }
                    prop_assert!(!view.words(evidence).is_empty());
                }
                if hop.state() == HopState::Ambiguous {
                    prop_assert!(hop.candidate_count() > 1);
                }
                if hop.state() == HopState::Missing {
                    prop_assert_eq!(hop.candidate_count(), 0);
                    let after = matches!(hop.evidence()[0].detail, Detail::After { .. });
                    prop_assert!(!after || hop.target().is_none());
                }
            }
        }
    }

    #[test]
    fn a_stranger_changes_no_path(fleet in fleet(), name in "(a|m|z)-stranger") {
        let inputs = fleet.inputs();
        let mut more = inputs.clone();
        more.sources.push(fleet::stranger(&name));
        let strangers = |all: Vec<String>| -> Vec<String> {
            all.into_iter().filter(|path| !path.contains("stranger")).collect()
        };
        prop_assert_eq!(strangers(paths(&join(&more))), paths(&join(&inputs)));
    }

    #[test]
    fn a_rejoin_is_a_join(before in fleet(), after in fleet(), which in proptest::collection::vec(any::<bool>(), 8)) {
        let earlier = before.inputs();
        let mut now = before.inputs();
        for (place, held) in now.sources.iter_mut().enumerate() {
            *held = earlier.sources[place].clone();
            if which[place % which.len()] {
                *held = after.inputs().sources[place].clone();
            }
        }
        let view = rejoin(&join(&earlier), &now);
        prop_assert_eq!(whole(&view), whole(&join(&now)));
        // And back again.
        prop_assert_eq!(whole(&rejoin(&view, &earlier)), whole(&join(&earlier)));
    }

    #[test]
    fn a_rejoin_of_moved_guests_is_a_join(before in fleet(), after in fleet(), readdressed in any::<bool>()) {
        let earlier = before.inputs();
        let mut now = earlier.clone();
        // The same nodes, other guests: what a cluster brings from one collection to the next.
        let guests = |fleet: &Fleet| fleet.clusters[0].guests.clone();
        let mut facts = before.clusters[0].clone();
        facts.guests = guests(&after);
        if readdressed {
            for (node, other) in facts.nodes.iter_mut().zip(&after.clusters[0].nodes) {
                (node.address, node.status) = (other.address, other.status);
            }
        }
        let name = earlier.sources[0].info.clone();
        now.sources[0] = held(name, facts);
        let view = rejoin(&join(&earlier), &now);
        prop_assert_eq!(whole(&view), whole(&join(&now)));
        prop_assert_eq!(whole(&rejoin(&view, &earlier)), whole(&join(&earlier)));
    }

    #[test]
    fn every_id_is_found_again(fleet in fleet()) {
        let view = join(&fleet.inputs());
        let thinned = join(&fleet.thinned().inputs());
        check(&view, &thinned, View::guests);
        check(&view, &thinned, View::nodes);
        check(&view, &thinned, View::hostnames);
        check(&view, &thinned, View::proxy_hosts);
        check(&view, &thinned, View::certificates);
        check(&view, &thinned, View::addresses);
        check(&view, &thinned, View::paths);
        check(&view, &thinned, View::clients);
        check(&view, &thinned, View::switches);
        check(&view, &thinned, View::forwards);
        check(&view, &thinned, View::subnets);
        check(&view, &thinned, View::vlans);
        check(&view, &thinned, View::assignments);
        check(&view, &thinned, View::organizations);
        check(&view, &thinned, View::entitlements);
        check(&view, &thinned, View::invoices);
    }
}

#[test]
fn a_source_turns_stale_once() {
    let view = join(&kit::read::inputs("source pve proxmox at=10\nsource edge npm at=20"));
    let turn = view.next_turn(NOW).unwrap();
    let second = view.next_turn(turn).unwrap();
    assert!(turn > NOW && second > turn);
    assert_eq!(view.next_turn(second), None);
    let edge = view.source_named("edge").unwrap();
    assert_eq!(view.source_state(edge, NOW), schema::SourceState::Current);
    assert_eq!(view.source_state(edge, turn), schema::SourceState::Stale);
}
