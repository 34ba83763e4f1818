//! The world itself: same seed, same world; the awkward cases are in it, and lead where they should.

use std::collections::BTreeMap;

use schema::ObjectId;

use super::*;

mod changes;
mod holds;
mod joined;

fn world() -> World {
    World::generate(&Spec::default()).expect("the default is within bounds")
}

#[test]
fn same_seed_same_world() {
    let json = |spec: &Spec| World::generate(spec).expect("within bounds").to_json().to_string();
    let spec = Spec { seed: 7, guests: 120, ..Spec::default() };
    assert_eq!(json(&spec), json(&spec));
    assert_ne!(json(&spec), json(&Spec { seed: 8, ..spec }));
}

#[test]
fn no_secret_is_shown() {
    let world = world();
    let shown = world.to_json().to_string();
    let secrets = world.clusters.iter().map(|cluster| cluster.token.secret.as_str());
    let secrets = secrets.chain(world.proxies.iter().map(|proxy| proxy.secret.as_str()));
    let secrets = secrets.chain(world.networks.iter().map(|network| network.controller.api_key.as_str()));
    for secret in secrets.chain([world.billing.secret.as_str()]) {
        assert!(secret.len() > 15 && !shown.contains(secret));
    }
}

/// The paths of an entry as `STATE proxy host > address > guest > node > ports`.
fn shown(world: &World, entry: &str) -> Vec<String> {
    let found = world.expected().into_iter().filter(|path| path.entry == entry);
    found
        .map(|path| format!("{:?} {}", path.state, path.hops.map(|hop| hop_shown(&hop)).join(" > ")))
        .collect()
}

fn hop_shown(hop: &ExpectedHop) -> String {
    match hop {
        ExpectedHop::Missing => "-".into(),
        ExpectedHop::Resolved(id) => id_shown(id),
        ExpectedHop::Ambiguous(ids) => ids.iter().map(id_shown).collect::<Vec<_>>().join("|"),
    }
}

fn id_shown(id: &ObjectId) -> String {
    match id {
        ObjectId::ProxyHost { source, reference } => format!("{source}/{}", &reference[..1]),
        ObjectId::IpAddress { address, .. } => address.to_string(),
        ObjectId::Guest { cluster, vmid } => format!("{cluster}/{vmid}"),
        ObjectId::ClusterNode { name, .. } => name.to_string(),
        ObjectId::SwitchPort { .. } => "port".into(),
        other => other.to_string(),
    }
}

#[test]
fn the_well_known_names_lead_where_they_should() {
    let world = world();
    let guest = |name: &str| {
        let mut found = world.clusters.iter().flat_map(|cluster| {
            let named = cluster.guests.iter().filter(move |guest| guest.name == name);
            named.map(move |guest| format!("{}/{}", cluster.source, guest.vmid))
        });
        found.next().expect("there is a guest of that name")
    };
    // `{name}` stands for the guest of that name.
    let check = |entry: &str, expected: &[&str]| {
        let expected: Vec<String> = expected
            .iter()
            .map(|line| {
                let mut line = (*line).to_owned();
                while let Some((start, end)) = line.find('{').zip(line.find('}')) {
                    let name = guest(&line[start + 1..end]);
                    line.replace_range(start..=end, &name);
                }
                line
            })
            .collect();
        assert_eq!(shown(&world, entry), expected, "{entry}");
    };
    check("app.example.org", &["Complete npm-1/p > 10.1.0.10 > {app} > pve1a > port"]);
    check("shop.example.org", &["Ambiguous npm-1/p > 10.1.0.21 > {shop-a}|{shop-b} > - > -"]);
    check("legacy.example.org", &["Broken npm-1/p > 10.1.0.18 > {legacy} > pve1a > port"]);
    check("paused.example.org", &["Broken npm-1/p > 10.1.0.19 > {paused} > pve1a > port"]);
    check("wiki.example.org", &["Complete npm-1/p > 10.1.0.11 > {wiki} > pve1b > port"]);
    check("chat.example.org", &["Complete npm-1/p > 10.1.0.12 > {chat} > pve1c > port"]);
    check("print.example.org", &["Complete npm-1/p > 10.1.0.13 > {print} > pve1a > port"]);
    check("ci.example.org", &["Complete npm-1/p > 10.1.0.16 > {builder} > pve1a > port"]);
    check("ghost.example.org", &["Broken npm-1/p > 10.1.0.17 > - > - > -"]);
    check("v6.example.org", &["Complete npm-1/p > fd00:10:0:1::19 > {six} > pve1a > port"]);
    check("files.example.org", &["Complete npm-1/p > 10.1.0.20 > {files} > pve1a > port"]);
    check("sso.example.org", &["Complete npm-1/p > 10.1.0.24 > {sso-a} > pve1a > port"]);
    check("docker.example.org", &["Broken npm-1/p > 172.17.0.1 > - > - > -"]);
    check("lab.example.org", &["Complete npm-1/p > 10.1.0.31 > {lab} > pve2b > port"]);
    check("moved.example.org", &["Complete npm-1/p > 10.1.0.33 > {moved} > pve1a > port"]);
    check("archive.example.org", &["Complete npm-1/p > 10.1.0.34 > {archive} > pve2c > port"]);
    check("pve.example.org", &["Complete npm-1/p > 10.0.16.11 > - > pve1a > port"]);
    check("nas.example.org", &["Partial npm-1/p > 10.0.3.10 > - > - > port"]);
    check("unifi.example.org", &["Partial npm-1/p > 10.0.0.1 > - > - > -"]);
    check("pbx.example.org", &["Partial npm-1/p > 10.0.3.20 > - > - > -"]);
    check("void.example.org", &["Broken npm-1/p > 10.1.0.250 > - > - > -"]);
    check("twin.example.org", &["Complete npm-2/p > 10.1.0.6 > {npm-inner} > pve2a > port"]);
    check("branch.example.org", &["Complete npm-3/p > 10.1.0.10 > {branch-app} > pve3a > port"]);
    check("metrics.example.org", &["Complete npm-1/p > 10.1.0.40 > {grafana} > pve1a > port"]);
    check("db.example.org", &["Ambiguous npm-1/p > 10.1.0.41|10.1.0.42 > - > - > -"]);
    check("cms.example.org", &["Complete npm-1/p > 10.1.0.43 > {cms} > pve1a > port"]);
    check("lost.example.org", &["Partial npm-1/p > - > - > - > -"]);
    check("self.example.org", &["Partial npm-1/p > - > - > - > -"]);
    check("console.example.org", &["Complete npm-1/p > 10.0.16.12 > - > pve1b > port"]);
    check("fax.example.org", &["Partial npm-1/p > 10.0.3.21 > - > - > -"]);
    check("batch.example.org", &["Partial npm-1/p > - > {batch} > pve1a > port"]);
    check("old.example.org", &["Broken npm-1/p > 10.1.0.10 > {app} > pve1a > port"]);
    check("gone.example.org", &["Broken npm-1/d > - > - > - > -"]);
    check("www.example.org", &["Complete npm-1/r > 10.1.0.10 > {app} > pve1a > port"]);
    check("home.example.org", &["Complete npm-1/r > 10.1.0.10 > {app} > pve1a > port"]);
    check("far.example.org", &["Complete npm-1/r > 10.1.0.6 > {npm-inner} > pve2a > port"]);
    check("loop-a.example.org", &["Partial npm-1/r > - > - > - > -"]);
    check("away.example.org", &["Partial npm-1/r > - > - > - > -"]);
    check("retired.example.org", &["Broken npm-1/r > 10.1.0.10 > {app} > pve1a > port"]);
    check(
        "clash.example.org",
        &[
            "Ambiguous npm-1/p|npm-1/p > 10.1.0.10 > {app} > pve1a > port",
            "Ambiguous npm-1/p|npm-1/p > 10.1.0.11 > {wiki} > pve1b > port",
        ],
    );
    check(
        "split.example.org",
        &[
            "Complete npm-1/p > 10.1.0.10 > {app} > pve1a > port",
            "Complete npm-2/p > 10.1.0.6 > {npm-inner} > pve2a > port",
        ],
    );
    check("intranet.example.org", &["Complete npm-1/p > 10.1.0.11 > {wiki} > pve1b > port"]);
    check("portal.example.org/wiki", &["Complete npm-1/p > 10.1.0.11 > {wiki} > pve1b > port"]);
    check("portal.example.org/static", &[]);
    check("tcp:2222", &["Complete npm-1/s > 10.1.0.50 > {gitea} > pve1a > port"]);
    check("tcp:3306", &["Broken npm-1/s > 10.1.0.50 > {gitea} > pve1a > port"]);
    check("tcp+udp:53", &["Complete npm-1/s > 10.1.0.32 > {pihole} > pve2b > port"]);
    check("tcp:8443", &["Partial - > 10.0.3.10 > - > - > port"]);
    check("tcp+udp:8000-8100", &["Complete - > 10.1.0.10 > {app} > pve1a > port"]);
    check("udp:1194", &["Broken - > 10.1.0.249 > - > - > -"]);
    check("tcp:3389", &[]);
}

#[test]
fn bonds_show_all_their_ports_and_vips_all_their_holders() {
    let paths = world().expected();
    let by_entry: BTreeMap<_, _> = paths.iter().map(|path| (path.entry.as_str(), path)).collect();
    let ports = |entry: &str| by_entry[entry].switch_ports.len();
    assert_eq!((ports("wiki.example.org"), ports("bond.example.org"), ports("app.example.org")), (2, 2, 1));
    assert_eq!(by_entry["sso.example.org"].guests.len(), 2);
}

#[test]
fn every_case_shows_where_it_says() {
    let world = world();
    let paths = world.expected();
    let text = world.to_json().to_string();
    let mut names: Vec<_> = world.cases.iter().map(|case| case.name).collect();
    assert!(names.len() >= 50, "{}", names.len());
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "each has a name of its own");
    for case in &world.cases {
        assert!(!case.shows_at.is_empty());
        for at in &case.shows_at {
            // A guest by its cluster and VMID, and a switch port, are no text of the world's JSON.
            let found = paths.iter().any(|path| path.entry == *at)
                || text.contains(&format!("\"{at}\""))
                || at.contains(['/', ':']);
            assert!(found, "{}: {at}", case.name);
        }
    }
}
