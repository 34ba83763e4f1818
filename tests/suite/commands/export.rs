//! `inventory export`: two files, each whole or not there at all.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use fleetgraph::simulate::faults::{Effect, Fault};
use schema::GlobalId;
use schema::view::{HopKind, Override};
use serde_json::{Value, json};
use store::overrides::Decision;

use super::setting::{Setting, ended, listing};

const EXPORT: [&str; 6] = ["inventory", "export", "--config", "fleetgraph.toml", "--out", "out"];

impl Setting {
    fn exported(&self, name: &str) -> Value {
        let text = fs::read_to_string(self.folder.path().join("out").join(name)).expect("it was written");
        serde_json::from_str(&text).expect("JSON")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_world_has_an_address_on_two_guests() {
    let setting = Setting::shared().await;
    let ended = setting.run(&EXPORT).await;
    assert_eq!(ended.status, Some(2), "{ended:?}");
    let (wrong, help) = ended.failure();
    assert!(wrong.contains("held by two running guests") && help.contains("VIP or ANYCAST"), "{ended:?}");
    assert_eq!(listing(&setting.folder.path().join("out")), ["drift.json", "live_inventory.json"]);

    let world = setting.simulation.world();
    let inventory = setting.exported("live_inventory.json");
    let mut keys: Vec<&String> = inventory.as_object().expect("an object").keys().collect();
    keys.sort_unstable();
    let promised =
        ["clusters", "collected_at", "guests", "nodes", "paths", "proxy_hosts", "sources", "switch_ports"];
    assert_eq!(keys, promised);
    let count = |list: &str| inventory[list].as_array().expect("a list").len();
    assert_eq!(count("clusters"), world.clusters.len());
    assert_eq!(count("guests"), world.clusters.iter().map(|cluster| cluster.guests.len()).sum::<usize>());
    assert_eq!(count("nodes"), world.clusters.iter().map(|cluster| cluster.nodes.len()).sum::<usize>());
    assert_eq!(count("paths"), world.expected().len());
    assert!(count("switch_ports") > 50 && count("proxy_hosts") > 10 && count("sources") > 8);
    for path in inventory["paths"].as_array().expect("a list") {
        assert!(path["entry"].is_string() && path["state"].is_string(), "{path}");
    }

    let drift = setting.exported("drift.json");
    let lists = [
        "duplicate_ips",
        "guest_ips_not_in_ip_addresses_conf",
        "ip_addresses_conf_ips_not_on_guests",
        "vmid_ip_mismatch",
        "guests_only_declared",
        "guests_only_live",
        "hostname_upstream_mismatch",
    ];
    let mut keys: Vec<&str> = drift.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    let mut promised = [&lists[..], &["collected_at", "error", "sources"]].concat();
    promised.sort_unstable();
    assert_eq!(keys, promised);
    for list in lists {
        assert!(drift[list].is_array(), "{list}");
    }
    assert_ne!(drift["duplicate_ips"], json!([]));
    assert_eq!(drift["error"], Value::Null);
    let mut in_part = 0;
    for source in drift["sources"].as_array().expect("a list") {
        assert!(source["name"].is_string() && source["collected_at"].is_string(), "{source}");
        // It answered, and every main list was read: what is wrong with a part of it stands in the inventory.
        assert_eq!(source["error"], Value::Null, "{source}");
        let told =
            inventory["sources"].as_array().expect("a list").iter().find(|one| one["name"] == source["name"]);
        let problems = told.expect("a source of both")["problems"].as_array().expect("a list");
        in_part += usize::from(!problems.is_empty());
    }
    assert!(in_part > 0, "the default world has something that cannot be read");
    for document in [&inventory, &drift] {
        assert!(document["collected_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hop_that_was_decided_by_hand_is_exported_as_decided() {
    let setting = Setting::shared().await;
    setting.run(&EXPORT).await;
    let paths = setting.exported("live_inventory.json")["paths"].take();
    let whole = paths.as_array().and_then(|paths| paths.iter().find(|path| !path["guest"].is_null()));
    let path = whole.expect("a path that ends at a guest")["id"].as_str().expect("an id");
    let decision = Decision {
        path: GlobalId::parse(path).expect("an id of ours"),
        hop: HopKind::Guest,
        decided: Override { target: None, reason: "it moved out".into() },
        by: "operator".into(),
        at: fleetgraph::clock::system()(),
    };
    let database = setting.database.as_ref().expect("it has one of its own");
    store::overrides::decide(database.database(), &decision, None).await.expect("it is taken");
    setting.run(&EXPORT).await;
    let paths = setting.exported("live_inventory.json")["paths"].take();
    let decided = paths.as_array().and_then(|paths| paths.iter().find(|other| other["id"] == path));
    assert_eq!(decided.expect("the path is still there")["guest"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_files_are_as_open_as_the_umask_lets_them_be() {
    let setting = Setting::shared().await;
    let out = setting.folder.path().join("out");
    fs::create_dir(&out).expect("room for a folder");
    for (umask, expected) in [("022", 0o644), ("077", 0o600), ("002", 0o664)] {
        let program = setting.command(&EXPORT);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"]);
        command.arg(program.get_program()).args(program.get_args()).current_dir(setting.folder.path());
        setting.equip(&mut command);
        ended(command).await;
        for name in ["live_inventory.json", "drift.json"] {
            let mode = fs::metadata(out.join(name)).expect("it was written").permissions().mode();
            assert_eq!(mode & 0o777, expected, "{name} under umask {umask}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_cannot_be_reached_are_recorded() {
    let setting = Setting::shared().await;
    let npm = setting.simulation.servers.iter().find(|server| server.kind == "npm").expect("it is simulated");
    let port = npm.address.port();
    // Nobody serves the first port.
    setting.change(|text| text.replace(&format!("127.0.0.1:{port}\""), "127.0.0.1:1\""));
    let ended = setting.run(&EXPORT).await;
    assert_eq!(ended.status, Some(2), "the duplicate is still seen: {ended:?}");
    let drift = setting.exported("drift.json");
    assert_eq!(drift["error"], Value::Null);
    for source in drift["sources"].as_array().expect("a list") {
        let is_down = source["name"] == npm.upstream.source.as_str();
        assert_eq!(source["collected_at"].is_null(), is_down, "{source}");
        assert!(source["error"].is_string() || !is_down, "{source}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_concluded_from_a_list_that_cannot_be_read() {
    let setting = Setting::shared().await;
    fs::write(setting.folder.path().join("nas.conf"), "NOBODY=10.0.3.251\n").expect("room for a file");
    setting
        .change(|text| text + "\n[[source]]\nname = \"nas\"\nkind = \"declared\"\nfiles = [\"nas.conf\"]\n");
    let written = |drift: &Value| {
        let missing = drift["ip_addresses_conf_ips_not_on_guests"].as_array().expect("a list");
        missing.iter().any(|one| one["subject"] == "10.0.3.251")
    };
    setting.run(&EXPORT).await;
    assert!(written(&setting.exported("drift.json")), "nobody bears it, by everybody's word");

    setting.simulation.set_faults(vec![Fault {
        upstream: None,
        path: Some("/proxy/network/api/s/default/stat/sta".to_owned()),
        effect: Effect::Status { status: 500, reason: None, body: "{}".to_owned(), headers: Vec::new() },
    }]);
    let ended = setting.run(&EXPORT).await;
    assert_eq!(ended.status, Some(2), "the duplicate is still seen: {ended:?}");
    let drift = setting.exported("drift.json");
    assert!(!written(&drift), "{drift}");
    let unifi = |name: &Value| {
        let mut servers = setting.simulation.servers.iter();
        servers.any(|server| server.kind == "unifi" && name == server.upstream.source.as_str())
    };
    for source in drift["sources"].as_array().expect("a list") {
        assert!(source["collected_at"].is_string(), "{source}");
        let told = source["error"].as_str().is_some_and(|error| error.contains("clients could not be read"));
        assert_eq!((told, source["error"].is_string()), (unifi(&source["name"]), told), "{source}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_none_can_be_reached_it_says_seed_unreachable() {
    let setting = Setting::shared().await;
    let source = "[[source]]\nname = \"edge\"\nkind = \"npm\"\nurl = \"http://127.0.0.1:1\"\n\
        identity = \"a@example.org\"\nsecret = { env = \"SECRET\" }\n";
    setting.change(|text| text[..text.find("[[source]]").expect("it has sources")].to_owned() + source);
    let mut command = setting.command(&EXPORT);
    command.env("SECRET", "hunter2");
    let ended = ended(command).await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let drift = setting.exported("drift.json");
    assert_eq!(drift["error"], "seed_unreachable");
    assert_eq!(drift["sources"][0]["collected_at"], Value::Null);
    assert!(drift["sources"][0]["error"].is_string());
    assert_eq!(setting.exported("live_inventory.json")["guests"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_whole_is_not_written() {
    let setting = Setting::shared().await;
    let out = setting.folder.path().join("out");
    fs::create_dir(&out).expect("room for a folder");
    fs::write(out.join("live_inventory.json"), "of yesterday").expect("room for a file");
    // As on a full disk, and for root too: no file may grow beyond some kilobytes.
    let program = setting.command(&EXPORT);
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"]);
    command.arg(program.get_program()).args(program.get_args()).current_dir(setting.folder.path());
    setting.equip(&mut command);
    let ended = ended(command).await;
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let (wrong, help) = ended.failure();
    assert!(wrong.contains("cannot write") && wrong.contains("live_inventory.json"), "{wrong}");
    assert!(help.contains("nothing was half-written"), "{help}");
    assert_eq!(listing(&out), ["live_inventory.json"], "no file of today, whole or half");
    let kept = fs::read_to_string(out.join("live_inventory.json")).expect("it is there");
    assert_eq!(kept, "of yesterday");

    // The pair belongs together: where one cannot be taken, the other stays as well.
    fs::create_dir(out.join("drift.json")).expect("room for a folder");
    let ended = setting.run(&EXPORT).await;
    assert!(ended.status == Some(1) && ended.failure().0.contains("drift.json"), "{ended:?}");
    assert_eq!(listing(&out), ["drift.json", "live_inventory.json"]);
    let kept = fs::read_to_string(out.join("live_inventory.json")).expect("it is there");
    assert_eq!(kept, "of yesterday");

    setting.change(|text| text.replacen("data\"", "data2\"", 1));
    fs::write(setting.folder.path().join("file"), "").expect("room for a file");
    let ended =
        setting.run(&["inventory", "export", "--config", "fleetgraph.toml", "--out", "file/out"]).await;
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.failure().0.contains("cannot make file/out: Not a directory"), "{ended:?}");
}
