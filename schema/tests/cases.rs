//! Runs every case of `join/`, `impact/`, `index/` and `drift/`: sources, a line of dashes, and what the View shows.
//!
//! A case's first line names the rule that it holds. With `UPDATE_EXPECT=1` what a case shows is written into its file, to
//! be read before it is committed.

#![expect(clippy::unwrap_used, reason = "a case that cannot be read is a failed test")]

mod kit;

use std::fs;
use std::path::Path;

use schema::Timestamp;
use schema::view::{Hop, HopKind, ObjectRef, Path as Way, join, rejoin};

const LINE: &str = "---\n";

/// Runs the cases of a folder; answers how many there are.
fn check(folder: &str) -> usize {
    #[expect(clippy::disallowed_methods, reason = "a developer's switch of a test, not configuration")]
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut wrong = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let (given, expected) = text.split_once(LINE).unwrap_or((&text, ""));
        assert!(given.starts_with("# "), "{}: the first line names the rule", file.display());
        let shown = kit::show::case(&join(&kit::read::inputs(given)), given);
        if shown == expected {
            continue;
        }
        if update {
            fs::write(file, format!("{given}{LINE}{shown}")).unwrap();
        } else {
            wrong.push(format!("{}\nexpected:\n{expected}\nshown:\n{shown}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    files.len()
}

#[test]
fn join_cases() {
    assert!(check("join") >= 60, "a case for every rule and every tie-breaker");
}

#[test]
fn impact_cases() {
    assert!(check("impact") >= 10);
}

#[test]
fn index_cases() {
    assert!(check("index") >= 10, "each way to ask, and its bounds");
}

#[test]
fn drift_cases() {
    assert!(check("drift") >= 35, "several cases for every kind");
}

/// What a path and a hop say in short is what they say at length.
fn agree(path: Way<'_>) {
    let target = |kind| path.hop(kind).target();
    assert_eq!(path.node().map(ObjectRef::from), target(HopKind::Node), "{}", path.entry());
    assert_eq!(path.switch_port(), path.switch_ports().first().copied(), "{}", path.entry());
    assert_eq!(path.guests().next(), path.guest(), "{}", path.entry());
    for hop in path.hops() {
        assert_eq!(hop.candidate_count(), hop.candidates().len(), "{}", path.entry());
        assert_eq!(hop.source(), hop.sources().first().copied(), "{}", path.entry());
        assert_eq!(hop.collected_at().is_some(), hop.source().is_some(), "{}", path.entry());
    }
    let oldest = path.hops().into_iter().filter_map(Hop::collected_at).min();
    assert!(oldest.is_none_or(|oldest| oldest == path.as_of()), "{}", path.entry());
    assert!(path.as_of() > Timestamp::default(), "{}: every case is read at some time", path.entry());
}

#[test]
fn what_is_said_in_short() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/join");
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let given = text.split_once(LINE).map_or(&*text, |(given, _)| given);
        let view = join(&kit::read::inputs(given));
        view.paths().iter().for_each(|path| agree(view.path(path)));
    }
}

/// A rejoin after which no fact is another one, but a source failed, or a person decided.
#[test]
fn a_rejoin_takes_failures_and_decisions() {
    let facts = "source pve proxmox\nnode n1\nguest 100 app node=n1 nic=m1;agent:10.0.0.5\n\
                 source edge npm\nhost p1 app.example.org 10.0.0.5:80\n";
    let before = kit::read::inputs(facts);
    let mut failed = before.clone();
    failed.sources[0].failure = kit::read::inputs("source pve proxmox failed").sources.remove(0).failure;
    let mut decided = before.clone();
    decided.overrides = kit::read::inputs("override Path:edge:p1:app.example.org GUEST none").overrides;
    for after in [failed, decided] {
        let shown = kit::show::case(&rejoin(&join(&before), &after), "show paths");
        assert_eq!(shown, kit::show::case(&join(&after), "show paths"));
        assert_ne!(shown, kit::show::case(&join(&before), "show paths"));
    }
}

/// Sources that come, go and change what they are; clusters that change in more than their guests.
#[test]
fn a_rejoin_is_a_join_whatever_changed() {
    const ALL: &str = "show paths\nshow guests\nshow plan\nshow accounts\nshow sources\nshow links";
    const PVE: &str =
        "source pve proxmox\nnode n1 addr=10.0.0.1\nguest 100 app node=n1 nic=m1;agent:10.0.0.5\n";
    // What speaks of clusters and nodes by their names, and changes in none of the cases.
    const OTHERS: &str = "source edge npm\nhost p1 app.example.org 10.0.0.5:80\nhost p2 one.example.org n1:80\n\
                          host p3 two.example.org n2:80\nhost p4 nine.example.org n9:80\n\
                          source office unifi\nswitch s1 core\nport s1/1-9\nlldp s1/7 chassis=m11\nlldp s1/8 name=n9\n\
                          source plan ipam\ndeclared d1 10.0.0.50 vmid=100 cluster=lab\nnodemac lab n1 m11\n";
    let with = |lines: &str| format!("{OTHERS}{PVE}{lines}");
    let other = |from: &str, to: &str| format!("{OTHERS}{}", PVE.replace(from, to));
    let many = |target: &str| {
        format!(
            "{PVE}node n2\nnode n3\nguest 101 db node=n2 nic=m2;agent:10.0.0.6\n\
             host h1 own.example.org {target}:80\n"
        )
    };
    let zoo = "source zoo proxmox\nguest 7 z nic=m7;agent:10.0.0.5";
    for (what, before, after) in [
        ("one more source, the last by name", with(""), with(zoo)),
        ("one source fewer", with(zoo), with("")),
        ("a source of another network", PVE.to_owned(), PVE.replace("proxmox", "proxmox network=other")),
        ("a node more", with(""), with("node n2 addr=10.0.0.5\nguest 101 db node=n2 nic=m2")),
        ("a node fewer", with("node n2 addr=10.0.0.5"), with("")),
        ("a node of another name", with(""), other("n1", "n9")),
        ("a node at another address", with(""), other("addr=10.0.0.1", "addr=10.0.0.2")),
        ("a guest elsewhere", with(""), other("10.0.0.5", "10.0.0.7")),
        ("a cluster of another name", with("cluster lab"), with("cluster prod")),
        ("a cluster that also is a proxy", many("10.0.0.5"), many("10.0.0.6")),
    ] {
        let (before, mut after) = (kit::read::inputs(&before), kit::read::inputs(&after));
        // What has not been collected again is the same snapshot, not an equal one: only then is there a short way.
        for now in &mut after.sources {
            let said = |held: &schema::Held| format!("{held:?}");
            if let Some(same) = before.sources.iter().find(|one| said(one) == said(now)) {
                *now = same.clone();
            }
        }
        let shown = kit::show::case(&rejoin(&join(&before), &after), ALL);
        assert_eq!(shown, kit::show::case(&join(&after), ALL), "{what}");
        assert_ne!(shown, kit::show::case(&join(&before), ALL), "{what}");
    }
}
