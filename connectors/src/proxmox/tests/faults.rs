//! What goes wrong with the cluster as a whole, with a node, or with what the token may see.

use schema::fact::{MainList, NodeStatus};
use schema::source::ProblemCode::{
    self, BadResponse, Forbidden, NotFound, RateLimited, Timeout, Unauthorized, Unreachable,
};
use serde_json::json;

use super::*;

/// The list of everything is answered so: the collection fails as a whole, with this code and sentence.
async fn check(reply: Reply, code: ProblemCode, sentence: &str) {
    let bench = Bench::start().await;
    bench.collect(0).await;
    let shown = format!("{reply:?}").chars().take(80).collect::<String>();
    bench.reply("/cluster/resources", reply);
    let (snapshot, _) = bench.collect(10).await;
    let failure = snapshot.failure.expect(&shown);
    assert_eq!(failure.code, code, "{shown}");
    let secret = TOKEN.split('=').nth(1).expect("a secret");
    assert!(failure.message.contains(sentence), "{shown}: {}", failure.message);
    assert!(!failure.message.contains(secret), "{shown}");
    assert!(snapshot.facts.is_empty());
}

#[tokio::test]
async fn each_fault_of_the_list_has_its_code_and_sentence() {
    let deep = format!("{{\"data\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    for (reply, code, sentence) in [
        (
            Reply::with("401 permission denied - invalid PVE ticket", *b""),
            Unauthorized,
            "Proxmox says: permission denied - invalid PVE ticket",
        ),
        (
            Reply::with("401 no such token 'view' for user 'reader@pve'", *b""),
            Unauthorized,
            "the credentials were refused: check that they are right, complete and not expired (HTTP 401); Proxmox says: \
             no such token 'view' for user 'reader@pve'",
        ),
        (
            Reply::with("403 Permission check failed (/, Sys.Audit)", *b""),
            Forbidden,
            "give them the right to",
        ),
        (Reply::with("404 Not Found", *b""), NotFound, "check url"),
        (Reply::with("429 Too Many Requests", *b""), RateLimited, "slow down"),
        (Reply::with("500 got timeout", *b"{\"data\":null}"), BadResponse, "Proxmox says: got timeout"),
        (Reply::with("501 Method not implemented", *b"{\"data\":null}"), BadResponse, "HTTP 501"),
        (Reply::with("595 Connection refused", *b""), Unreachable, "cannot reach the node"),
        (Reply::with("596 no such cluster node 'PVE1'", *b""), Unreachable, "no such cluster node 'PVE1'"),
        (Reply::Hang, Timeout, "in time"),
        (Reply::Drip, Timeout, "in time"),
        (Reply::Cut, Unreachable, "cut the connection"),
        (Reply::CutInBody(br#"{"data":[{"type":"node"}]}"#.to_vec()), Unreachable, "in the middle"),
        (Reply::json(*br#"{"data":[{"type":"#), BadResponse, "ends in the middle of its JSON"),
        (Reply::json(*b"<html><body>proxmox</body></html>"), BadResponse, "HTML"),
        (Reply::json(*b""), BadResponse, "empty"),
        (Reply::json(*b"[]"), BadResponse, "not as expected"),
        (Reply::json(*b"{}"), BadResponse, "missing field `data`"),
        (Reply::json(*b"{\"data\":{\"a\":1}}"), BadResponse, "expected a sequence"),
        (Reply::json(deep), BadResponse, "64 levels"),
        (Reply::Huge { announced: true, bytes: 100 << 20 }, BadResponse, "max_answer"),
        (
            Reply::Answer(
                "302 Moved",
                vec![("location", "https://evil.example.org/".to_owned())],
                Vec::new(),
            ),
            BadResponse,
            "https://evil.example.org",
        ),
    ] {
        check(reply, code, sentence).await;
    }
}

#[tokio::test]
async fn a_node_that_answers_595_is_stale_with_its_guests_and_nothing_else_is() {
    let bench = Bench::start().await;
    let (before, _) = bench.collect(0).await;
    for path in ["/nodes/pve2/status", "/nodes/pve2/network", "/nodes/pve2/qemu/102/config"] {
        bench.reply(path, Reply::with("595 Errors during connection establishment", *b""));
    }
    let (snapshot, asked) = bench.collect(400).await;
    assert_eq!(problems(&snapshot), ["node pve2: Unreachable", "node pve3: Unreachable"]);
    assert!(
        asked.iter().all(|path| !path.starts_with("/nodes/pve2/") || path == "/nodes/pve2/status"),
        "{asked:?}"
    );
    let stale: Vec<_> =
        snapshot.facts.guests.iter().filter(|guest| guest.seen.stale).map(|guest| guest.vmid).collect();
    assert_eq!(stale, [102, 103, 104, 107]);
    let (old, now) = (node(&before, "pve2"), node(&snapshot, "pve2"));
    assert!(
        now.seen.stale
            && now.seen.at == old.seen.at
            && now.address == old.address
            && now.version == old.version
    );
    assert!(!node(&snapshot, "pve1").seen.stale && !node(&snapshot, "pve3").seen.stale);
    assert_eq!(guest(&snapshot, 102).nics, guest(&before, 102).nics);
    assert_eq!(guest(&snapshot, 102).seen.at, guest(&before, 102).seen.at);

    for path in ["/nodes/pve2/status", "/nodes/pve2/network", "/nodes/pve2/qemu/102/config"] {
        bench.heal(path);
    }
    let (healed, _) = bench.collect(410).await;
    assert!(!node(&healed, "pve2").seen.stale && !guest(&healed, 102).seen.stale);
}

#[tokio::test]
async fn nodes_that_hang_do_not_use_up_the_time_of_those_that_answer() {
    let bench = Bench::start().await;
    let limits = Limits {
        timeout: Duration::from_millis(200),
        collect_timeout: Duration::from_millis(400),
        ..Limits::default()
    };
    let hasty = source(&[&bench.server], limits);
    // The live node's name comes last of all, so that only the order of asking can save it.
    let names: Vec<String> =
        (0..30).map(|number| format!("hung{number:02}")).chain(["live".to_owned()]).collect();
    let list: Vec<_> = names
        .iter()
        .map(|name| json!({"id": format!("node/{name}"), "type": "node", "node": name, "status": "online"}))
        .collect();
    bench.set("/cluster/resources", json!(list));
    for name in &names[..30] {
        bench.reply(&format!("/nodes/{name}/status"), Reply::Hang);
    }
    bench.set("/nodes/live/status", json!({}));
    bench.set("/nodes/live/network", json!([]));
    let mut snapshot = hasty.collect(Timestamp::from_seconds(0)).await;
    for second in 1..10 {
        snapshot = hasty.collect(Timestamp::from_seconds(second)).await;
    }
    let stale = snapshot.facts.nodes.iter().filter(|node| node.seen.stale).count();
    assert_eq!((stale, node(&snapshot, "live").seen.stale), (30, false));
}

#[tokio::test]
async fn a_node_that_died_keeps_its_guests_interfaces() {
    let bench = Bench::start().await;
    let (before, _) = bench.collect(0).await;
    let mut list = bench.fleet.lock().expect("no panic")["/cluster/resources"].clone();
    for entry in list.as_array_mut().expect("a list") {
        if entry["id"] == "node/pve1" {
            entry["status"] = json!("offline");
        } else if entry["node"] == "pve1" && entry["vmid"].is_number() {
            *entry = json!({"id": entry["id"], "type": entry["type"], "vmid": entry["vmid"], "name": entry["name"],
                            "node": "pve1", "status": "unknown"});
        }
    }
    bench.set("/cluster/resources", list);
    let (snapshot, _) = bench.collect(3_600).await;
    assert_eq!(node(&snapshot, "pve1").status, NodeStatus::Offline);
    let (old, now) = (guest(&before, 100), guest(&snapshot, 100));
    assert!(now.seen.stale && interfaces(now).contains("(agent 10.0.20.5)"), "{}", interfaces(now));
    assert_eq!(now.nics.len(), old.nics.len());
    assert_eq!((&now.tags, now.memory_bytes, &now.pool), (&old.tags, old.memory_bytes, &old.pool));
    assert_eq!(node(&snapshot, "pve1").cpus, Some(16));
}

#[tokio::test]
async fn a_node_whose_status_may_not_be_read_is_told_and_its_guests_are_current() {
    let bench = Bench::start().await;
    bench.reply(
        "/nodes/pve1/status",
        Reply::with("403 Permission check failed (/nodes/pve1, Sys.Audit)", *b""),
    );
    bench.reply("/cluster/status", Reply::with("403 Permission check failed (/, Sys.Audit)", *b""));
    let (snapshot, _) = bench.collect(0).await;
    assert_eq!(problems(&snapshot), ["cluster: Forbidden", "node pve1: Forbidden", "node pve3: Unreachable"]);
    assert!(!node(&snapshot, "pve1").seen.stale && !guest(&snapshot, 100).seen.stale);
    assert_eq!(node(&snapshot, "pve1").address.map(|one| one.to_string()).as_deref(), Some("10.0.0.11"));
}

/// What the token may list, round by round, and whether guests are withheld.
async fn check_rights(rounds: &[(serde_json::Value, bool)]) {
    let bench = Bench::start().await;
    for (second, (permissions, withheld)) in (0..).zip(rounds) {
        bench.set("/access/permissions", permissions.clone());
        let (snapshot, _) = bench.collect(second).await;
        let unread: Vec<_> = snapshot.unread.iter().map(|one| (one.list, one.withheld)).collect();
        let expected = if *withheld { vec![(MainList::Guests, true)] } else { vec![] };
        assert_eq!(unread, expected, "{permissions} in round {second}");
        let told = problems(&snapshot).contains(&"token: Forbidden".to_owned());
        assert_eq!(told, *withheld, "{permissions} in round {second}");
    }
}

#[tokio::test]
async fn a_right_that_is_gone_withholds_guests() {
    let all = || json!({"/": {"VM.Audit": 1}});
    let below = || json!({"/vms": {"VM.Audit": "1"}, "/nodes": {"Sys.Audit": 1}});
    let some = || json!({"/vms/100": {"VM.Audit": 1}, "/pool/web": {"VM.Audit": 1}});
    check_rights(&[(all(), false), (below(), false)]).await;
    check_rights(&[(some(), false), (some(), false)]).await;
    check_rights(&[(json!({}), true), (all(), false)]).await;
    check_rights(&[(json!({"/": {"Sys.Audit": 1}}), true)]).await;
    check_rights(&[(all(), false), (some(), true), (some(), true), (all(), false), (json!(null), true)])
        .await;
    // Without propagation the right holds at the root alone, where no guest is.
    check_rights(&[(all(), false), (json!({"/": {"VM.Audit": 0}}), true)]).await;
}

#[tokio::test]
async fn rights_that_cannot_be_read_are_those_of_before() {
    let all = json!({"/": {"VM.Audit": 1}});
    let none = json!({"/": {"Sys.Audit": 1}});
    for (before, expected) in [
        (None, vec![(MainList::Guests, false)]),
        (Some(all), vec![]),
        (Some(none), vec![(MainList::Guests, true)]),
    ] {
        let bench = Bench::start().await;
        if let Some(rights) = &before {
            bench.set("/access/permissions", rights.clone());
            bench.collect(0).await;
        }
        bench.reply("/access/permissions", Reply::with("500 no", *b""));
        let (snapshot, _) = bench.collect(1).await;
        let unread: Vec<_> = snapshot.unread.iter().map(|one| (one.list, one.withheld)).collect();
        assert_eq!(unread, expected, "{before:?}");
    }
}

#[tokio::test]
async fn a_token_that_can_write_is_told() {
    let bench = Bench::start().await;
    assert!(bench.source.could_change(Timestamp::default()).await.is_empty());
    bench.set("/access/permissions", json!({"/": {"VM.Audit": 1, "VM.PowerMgmt": 1}}));
    assert_eq!(bench.source.could_change(Timestamp::default()).await, ["VM.PowerMgmt on /"]);
    bench.reply("/access/permissions", Reply::with("500 no", *b""));
    assert!(bench.source.could_change(Timestamp::default()).await.is_empty(), "a collection tells of that");
}

#[tokio::test]
async fn another_address_answers_where_the_first_does_not() {
    let dead = Server::start(|_| Reply::Cut).await;
    let bench = Bench::start().await;
    let both =
        source(&[&dead, &bench.server], Limits { timeout: Duration::from_secs(2), ..Limits::default() });
    let snapshot = both.collect(Timestamp::default()).await;
    assert!(snapshot.failure.is_none());
    assert_eq!(problems(&snapshot), ["node pve3: Unreachable"]);
    let sent = bench.server.received();
    assert!(sent.iter().all(|call| call.header("authorization") == Some(&format!("PVEAPIToken={TOKEN}"))));
    assert!(sent.iter().all(|call| call.method == "GET" && call.body.is_empty()));
}

#[test]
fn keys_that_cannot_be_meant_are_refused() {
    for (line, key, sentence) in [
        ("url = \"10.0.0.11\"\ntoken = { env = \"T\" }", Some("url"), "write it like https://10.0.0.11:8006"),
        ("url = \"https://10.0.0.11:8006\"", Some("token"), "needs url and token"),
        (
            "url = \"https://10.0.0.11:8006\"\ntoken = { env = \"T\" }\ntls = { fingerprint = \"AB\" }",
            Some("tls"),
            "64 hex digits",
        ),
        (
            "url = \"https://10.0.0.11:8006\"\ntoken = { env = \"T\" }\ntls = { ca = \"nowhere.pem\" }",
            Some("tls"),
            "cannot be read",
        ),
        ("url = [\"x\"]\ntoken = { env = \"T\" }", Some("url"), "must be text in quotes"),
        (
            "url = \"https://10.0.0.11:8006\"\nfallback_urls = [\"x\", 5]\ntoken = { env = \"T\" }",
            Some("fallback_urls[1]"),
            "must be text in quotes; write it like fallback_urls = [\"...\"]",
        ),
        (
            "url = \"https://10.0.0.11:8006\"\ntoken = { env = \"T\" }\ntls = { verify = false }",
            Some("tls.verify"),
            "is no key there; known keys: ca, fingerprint",
        ),
    ] {
        let error = build(line.parse().expect("TOML"), Limits::default()).err().expect(line);
        assert_eq!(error.key.as_deref(), key, "{line}");
        assert!(error.message.contains(sentence), "{}", error.message);
    }
}
