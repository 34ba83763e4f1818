//! The source against its own simulator: what a world's clusters answer comes to what the world is.

use std::collections::BTreeSet;
use std::net::IpAddr;

use bytes::Bytes;
use schema::fact::{GuestStatus, NodeStatus};

use super::super::simulator::SIMULATOR;
use super::*;
use crate::testing::Received;
use crate::world::{Agent, Ask, Cluster, Reason, Spec, Upstream, World};

/// Answers as the simulator does, whatever the token: the world's own is another than the test's.
fn answer(world: &World, upstream: &Upstream, token: &str, request: &Received) -> Reply {
    let request = http::Request::builder()
        .method(request.method.as_str())
        .uri(&request.path)
        .header("authorization", format!("PVEAPIToken={token}"))
        .body(Bytes::from(request.body.clone()))
        .expect("a request");
    let ask = Ask {
        world,
        upstream,
        session_epoch: 0,
        now: world.epoch.plus(Duration::from_hours(1)),
        request: &request,
    };
    let response = (SIMULATOR.answer)(&ask);
    let reason = response.extensions().get::<Reason>().map_or("OK", |reason| reason.0.as_str());
    // A few dozen short strings in a test's life.
    let status: &'static str = format!("{} {reason}", response.status().as_u16()).leak();
    Reply::Answer(status, vec![("content-type", "application/json".to_owned())], response.body().to_vec())
}

#[tokio::test]
async fn every_cluster_of_a_world_is_read_as_it_is() {
    let world = Arc::new(World::generate(&Spec { seed: 7, ..Spec::default() }).expect("a world"));
    for cluster in &world.clusters {
        let mut servers = Vec::new();
        for upstream in
            (SIMULATOR.upstreams)(&world).into_iter().filter(|upstream| upstream.source == cluster.source)
        {
            let token = format!("{}={}", cluster.token.id, cluster.token.secret);
            let world = Arc::clone(&world);
            servers.push(Server::start(move |request| answer(&world, &upstream, &token, request)).await);
        }
        let snapshot = source(&servers.iter().collect::<Vec<_>>(), Limits::default())
            .collect(world.epoch.plus(Duration::from_hours(1)))
            .await;
        assert_eq!(snapshot.failure, None, "{}", cluster.source);
        check(cluster, &snapshot);
    }
}

fn check(cluster: &Cluster, snapshot: &Snapshot) {
    let facts = snapshot.facts.cluster.as_ref().expect("a cluster");
    assert_eq!(facts.proxmox_name.as_deref(), cluster.proxmox_name.as_deref());
    assert_eq!(snapshot.facts.nodes.len(), cluster.nodes.len());
    for expected in &cluster.nodes {
        let found = node(snapshot, &expected.name);
        assert_eq!(found.status == NodeStatus::Online, expected.online, "{}", expected.name);
        assert_eq!(found.address, Some(expected.address), "{}", expected.name);
        assert_eq!(found.bonded, expected.online && expected.bond.is_some(), "{}", expected.name);
    }
    assert_eq!(snapshot.facts.guests.len(), cluster.guests.len());
    for expected in &cluster.guests {
        let name = format!("{} {}", cluster.source, expected.vmid);
        let found = guest(snapshot, expected.vmid);
        let on = &cluster.nodes[expected.node];
        assert_eq!((found.kind, found.node.as_deref()), (expected.kind, Some(on.name.as_str())), "{name}");
        if !on.online {
            assert!(found.seen.stale && found.status == GuestStatus::Unknown, "{name}");
            continue;
        }
        assert!(!found.seen.stale && found.status == expected.status, "{name} {:?}", found.status);
        assert_eq!(&*found.name, expected.name, "{name}");
        assert_eq!(
            (found.template, found.pool.as_deref()),
            (expected.template, expected.pool.as_deref()),
            "{name}"
        );
        let macs: Vec<_> = found.nics.iter().filter_map(|nic| nic.mac).collect();
        assert_eq!(macs, expected.nics.iter().map(|nic| nic.mac).collect::<Vec<_>>(), "{name}");
        let answers = expected.kind == found.kind && expected.agent == Agent::Answers;
        if found.status == GuestStatus::Running && answers {
            for (nic, is) in found.nics.iter().zip(&expected.nics) {
                let own: BTreeSet<IpAddr> = nic
                    .claims
                    .iter()
                    .map(|claim| claim.address)
                    .filter(|address| schema::address::names_a_machine(*address))
                    .collect();
                assert!(is.addresses.iter().all(|address| own.contains(address)), "{name}: {:?}", nic.claims);
            }
        }
        let inner: Vec<_> = expected.inner.iter().map(|inner| inner.address).collect();
        assert!(
            found.nics.iter().flat_map(|nic| &nic.claims).all(|claim| !inner.contains(&claim.address)),
            "{name}"
        );
    }
}
