//! What keeps the program from starting: each is one line of what is wrong and one of what to do, exit status 1, and
//! nothing half-written.

use std::fs;
use std::net::TcpListener;

use fleetgraph::simulate::faults::{Effect, Fault};
use serde_json::Value;

use super::setting::{Setting, auth, ended, folder, listing};
use crate::kit::program::{Ended, fleetgraph, postmaster};

/// Runs `serve` on a configuration that is refused before anything starts; `%` stands for the file.
fn check(configuration: &[u8], expected: &str, advice: &str) {
    let folder = folder();
    fs::write(folder.path().join("f.toml"), configuration).expect("room for a file");
    for arguments in [
        &["serve", "--config", "f.toml"][..],
        &["check-config", "--config", "f.toml"],
        &["inventory", "export", "--config", "f.toml", "--out", "out"],
    ] {
        let ended = Ended::of(&mut fleetgraph(folder.path(), arguments.iter().copied()));
        assert_eq!(ended.status, Some(1), "{arguments:?}: {ended:?}");
        let (wrong, help) = ended.failure();
        assert!(wrong.contains(expected), "{arguments:?}: {wrong}");
        assert!(help.contains(advice), "{arguments:?}: {help}");
        assert_eq!(listing(folder.path()), ["f.toml"], "{arguments:?}: nothing was begun");
    }
}

#[test]
fn a_configuration_that_cannot_be_used_names_file_line_and_key() {
    let unknown = b"data_dir = \"data\"\n\n[server]\nlistn = \"127.0.0.1:0\"\n";
    check(unknown, "f.toml:4: unknown key `listn` in [server]", "did you mean `listen`?");
    check(b"data_dir = \"data\n", "f.toml:1: this is not TOML", "strings stand in quotes");
    check(b"[server]\nlisten = \"here\"\n", "f.toml:2: `server.listen`", "listen = \"127.0.0.1:4000\"");
    check(
        b"\xff\xfe",
        "f.toml: the configuration cannot be read: stream did not contain valid UTF-8",
        "--config",
    );
    let source = "[[source]]\nname = \"a\"\nkind = \"declared\"\nfiles = []\n";
    let twice = format!("{source}{source}");
    check(twice.as_bytes(), "f.toml:6", "");
    check(b"[[source]]\nname = \"a\"\nkind = \"proxmoxx\"\n", "f.toml:3: ", "proxmox");
    check(
        b"[[source]]\nname = \"a\"\nkind = \"npm\"\nsecrt = 1\n",
        "f.toml:4: unknown key `secrt`",
        "`secret`",
    );
    check(b"[auth]\nissuer = \"https://sso\"\n", "f.toml:1: `auth.audience` is missing", "");
    check(b"[server]\nlisten = \"0.0.0.0:0\"\n", "f.toml:2: `listen` is 0.0.0.0:0", "127.0.0.1");
}

#[test]
fn a_pipe_is_not_waited_for_and_a_machine_is_told_in_json() {
    let folder = folder();
    let pipe = folder.path().join("f.toml");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).expect("room for a pipe");
    let check = ["--log", "json", "check-config", "--config", "f.toml"];
    let ended = Ended::of(&mut fleetgraph(folder.path(), check));
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let line: Value =
        serde_json::from_str(&ended.stderr).unwrap_or_else(|_| panic!("one line of JSON: {ended:?}"));
    assert_eq!(line["level"], "ERROR", "{line}");
    assert!(line["message"].as_str().is_some_and(|text| text.contains("not a regular file")), "{line}");
    assert!(line["advice"].is_string() && line["timestamp"].is_string(), "{line}");
}

#[test]
fn nobody_is_served_without_an_issuer_and_none_is_brought_along() {
    let folder = folder();
    let file = folder.path().join("f.toml");
    let serve = ["serve", "--config", "f.toml"];
    fs::write(&file, "data_dir = \"data\"\n[server]\nlisten = \"127.0.0.1:0\"\n").expect("room for a file");
    let ended = Ended::of(&mut fleetgraph(folder.path(), serve));
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.failure().0.contains("the gateway needs [auth]"), "{ended:?}");
    assert_eq!(listing(folder.path()), ["f.toml"], "nothing was begun");
    for key in ["demo", "insecure", "anonymous"] {
        fs::write(&file, format!("[auth]\n{key} = true\n")).expect("room for a file");
        let ended = Ended::of(&mut fleetgraph(folder.path(), serve));
        assert_eq!(ended.status, Some(1), "{ended:?}");
        assert!(ended.failure().0.contains(&format!("unknown key `{key}` in [auth]")), "{ended:?}");
    }
    for issuer in
        ["http://sso.example.org/realms/ops", "http://10.0.0.1/realms/demo", "https://sso.example.org/?a"]
    {
        let text = fleetgraph::demo::authentication(issuer);
        fs::write(&file, text).expect("room for a file");
        let ended = Ended::of(&mut fleetgraph(folder.path(), serve));
        assert!(ended.failure().0.contains("`issuer` must be an https:// address"), "{issuer}: {ended:?}");
    }
    for issuer in
        ["http://127.0.0.1:1/realms/demo", "http://localhost:1/realms/demo/", "http://[::1]:1/realms/demo"]
    {
        fs::write(&file, fleetgraph::demo::authentication(issuer)).expect("room for a file");
        let ended = Ended::of(&mut fleetgraph(folder.path(), serve));
        assert_eq!(ended.status, Some(1), "{issuer}: {ended:?}");
        assert!(ended.failure().0.contains("gives anybody on this machine any role"), "{issuer}: {ended:?}");
        assert_eq!(listing(folder.path()), ["f.toml"], "nothing was begun");
    }
}

#[test]
fn a_configuration_that_is_not_there_is_told() {
    let folder = folder();
    for (file, word) in [("none.toml", "No such file"), (".", "not a regular file")] {
        let ended = Ended::of(&mut fleetgraph(folder.path(), ["serve", "--config", file]));
        assert_eq!(ended.status, Some(1), "{ended:?}");
        let (wrong, help) = ended.failure();
        assert!(wrong.starts_with(&format!("{file}: ")) && wrong.contains(word), "{wrong}");
        assert!(help.contains("--config FILE"), "{help}");
    }
}

#[test]
fn a_port_in_use_is_told_before_anything_is_written() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address");
    let folder = folder();
    for key in ["listen", "metrics_listen"] {
        let listen = if key == "listen" { String::new() } else { "listen = \"127.0.0.1:0\"\n".to_owned() };
        let text = format!("data_dir = \"data\"\n[server]\n{listen}{key} = \"{address}\"\n{}", auth());
        fs::write(folder.path().join("f.toml"), text).expect("room for a file");
        let ended = Ended::of(&mut fleetgraph(folder.path(), ["serve", "--config", "f.toml"]));
        assert_eq!(ended.status, Some(1), "{ended:?}");
        let (wrong, help) = ended.failure();
        assert!(
            wrong.contains(&format!("cannot listen on {address}: Address already in use")),
            "{key}: {wrong}"
        );
        assert!(help.contains("another"), "{help}");
        assert_eq!(listing(folder.path()), ["f.toml"], "{key}: nothing was begun");
    }
    let ended = Ended::of(&mut fleetgraph(folder.path(), ["simulate", "--listen", &address.to_string()]));
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.failure().0.contains("Address already in use"), "{ended:?}");
    let ended = Ended::of(&mut fleetgraph(folder.path(), ["demo", "--listen", &address.to_string()]));
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.failure().0.contains("Address already in use"), "{ended:?}");
}

#[test]
fn a_database_that_is_down_is_told_without_its_secret() {
    let folder = folder();
    let text =
        "data_dir = \"data\"\n[server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = { env = \"URL\" }\n";
    fs::write(folder.path().join("f.toml"), format!("{text}{}", auth())).expect("room for a file");
    // Nobody serves the first port.
    let url = "postgres://somebody:hunter2@127.0.0.1:1/fleetgraph";
    for (url, wanted) in
        [(Some(url), "127.0.0.1:1"), (Some("mysql://hunter2@127.0.0.1"), "database.url"), (None, "URL")]
    {
        let mut command = fleetgraph(folder.path(), ["serve", "--config", "f.toml"]);
        command.envs(url.map(|url| ("URL", url)));
        let ended = Ended::of(&mut command);
        assert_eq!(ended.status, Some(1), "{ended:?}");
        assert!(ended.failure().0.contains(wanted), "{ended:?}");
        assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
        assert_eq!(listing(folder.path()), ["f.toml"], "nothing was begun");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_program_is_left_as_it_is() {
    let setting = Setting::shared().await;
    let database = setting.database.as_ref().expect("a database of its own");
    database
        .run(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
              values (9999, 'of a newer program', true, '', 0)",
        )
        .await;
    let ended = setting.run(&["serve", "--config", "fleetgraph.toml"]).await;
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let (wrong, help) = ended.failure();
    assert!(wrong.contains("its tables are of version 9999, newer than this program's"), "{wrong}");
    assert!(help.contains("docs/operations/database.md"), "{help}");
}

#[test]
fn a_data_dir_that_cannot_be_made_is_told() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").expect("room for a file");
    // Root may write everywhere, but nobody below a file, nor into /proc.
    for (data, word) in [("file", "Not a directory"), ("/proc/fleetgraph", "No such file")] {
        let text = format!("data_dir = \"{data}\"\n[server]\nlisten = \"127.0.0.1:0\"\n{}", auth());
        fs::write(folder.path().join("f.toml"), text).expect("room for a file");
        let ended = Ended::of(&mut fleetgraph(folder.path(), ["serve", "--config", "f.toml"]));
        assert_eq!(ended.status, Some(1), "{ended:?}");
        let (wrong, _) = ended.failure();
        assert!(wrong.contains(&format!("{data}/postgres: ")) && wrong.contains(word), "{wrong}");
        assert_eq!(listing(folder.path()), ["f.toml", "file"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_config_tries_every_source_and_fails_for_one() {
    let setting = Setting::private().await;
    let good = setting.run(&["check-config", "--config", "fleetgraph.toml"]).await;
    assert_eq!((good.status, good.stderr.as_str()), (Some(0), ""), "{good:?}");
    let sources: Vec<String> = rows(&good).into_iter().map(|(name, _)| name).collect();
    for server in &setting.simulation.servers {
        assert!(sources.contains(&server.upstream.source), "{} in {sources:?}", server.upstream.source);
    }
    assert!(sources.contains(&"ipam".to_owned()) && sources.contains(&"declared".to_owned()), "{sources:?}");
    assert!(rows(&good).iter().all(|(_, result)| result == "ok"), "{}", good.stdout);

    let npm = setting.simulation.servers.iter().find(|server| server.kind == "npm").expect("it is simulated");
    let mut command = setting.command(&["check-config", "--config", "fleetgraph.toml"]);
    command.env(&npm.upstream.environment[0].0, "hunter2");
    let bad = ended(command).await;
    assert_eq!(bad.status, Some(1), "{bad:?}");
    assert!(bad.failure().0.contains(&format!("1 of {} sources failed", sources.len())), "{bad:?}");
    for (name, result) in rows(&bad) {
        let failed = name == npm.upstream.source;
        assert_eq!(result == "ok", !failed, "{name}: {result}");
        assert!(!failed || result.starts_with("FAILED UNAUTHORIZED: "), "{name}: {result}");
    }
    assert!(!format!("{bad:?}").contains("hunter2"), "{bad:?}");
    assert_eq!(postmaster(&setting.data()), None, "its database was stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_config_fails_for_a_list_that_cannot_be_read() {
    let setting = Setting::shared().await;
    for (kind, path, effect, list) in [
        ("unifi", "/proxy/network/api/s/default/stat/sta", refused(403), "clients"),
        ("npm", "/api/nginx/proxy-hosts", refused(500), "proxy hosts"),
        ("proxmox", "/api2/json/access/permissions", rights(), "guests"),
    ] {
        let servers: Vec<_> =
            setting.simulation.servers.iter().filter(|server| server.kind == kind).collect();
        let faults = servers.iter().map(|server| Fault {
            upstream: Some(server.upstream.name.clone()),
            path: Some(path.to_owned()),
            effect: effect.clone(),
        });
        setting.simulation.set_faults(faults.collect());
        let ended = setting.run(&["check-config", "--config", "fleetgraph.toml"]).await;
        assert_eq!(ended.status, Some(1), "{path}: {ended:?}");
        let (wrong, help) = ended.failure();
        assert!(wrong.contains("sources could not be read in full"), "{path}: {wrong}");
        assert!(help.contains("docs/sources/"), "{path}: {help}");
        for (name, result) in rows(&ended) {
            let hit = servers.iter().any(|server| server.upstream.source == name);
            let told = result.starts_with(&format!("PARTIAL: {list} could not be read in full: "));
            assert_eq!((told, result == "ok"), (hit, !hit), "{path}: {name}: {result}");
        }
    }
}

fn refused(status: u16) -> Effect {
    Effect::Status { status, reason: None, body: "{}".to_owned(), headers: Vec::new() }
}

/// Those of a token that may list no guest.
fn rights() -> Effect {
    let body = r#"{"data":{"/":{"Sys.Audit":1}}}"#.to_owned();
    Effect::Status { status: 200, reason: None, body, headers: Vec::new() }
}

/// Each source's name and result, by the table that was printed; the problems below a source are passed over.
fn rows(ended: &Ended) -> Vec<(String, String)> {
    let lines = ended.stdout.lines().skip(1).filter(|line| !line.starts_with(' '));
    let row = |line: &str| {
        let mut cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        let name = cells.next().expect("a name").to_owned();
        (name, cells.nth(3).expect("a result").to_owned())
    };
    lines.map(row).collect()
}
