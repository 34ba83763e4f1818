//! What each endpoint answers, as data.

use serde_json::Value;

use super::*;
use crate::world::{Change, Reason, Spec};

fn world() -> World {
    World::generate(&Spec { guests: 100, ..Spec::default() }).expect("within bounds")
}

/// Asks the first server of a cluster, and gives the status, the reason phrase and the body.
fn ask(world: &World, source: &str, method: &str, path: &str, token: Option<&str>) -> (u16, String, Value) {
    let upstream = upstreams(world).into_iter().find(|upstream| upstream.name == source).expect("is there");
    let right = format!("PVEAPIToken={}", upstream.environment[0].1);
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token.unwrap_or(&right).strip_prefix("Cookie: ") {
        request = request.header(header::COOKIE, token);
    } else if token != Some("") {
        request = request.header(header::AUTHORIZATION, token.unwrap_or(&right));
    }
    let request = request.body(Bytes::new()).expect("a good request");
    let now = world.epoch.plus(std::time::Duration::from_hours(1));
    let answer = answer(&Ask { world, upstream: &upstream, session_epoch: 0, now, request: &request });
    let reason = answer.extensions().get::<Reason>().map(|reason| reason.0.clone()).unwrap_or_default();
    let body = serde_json::from_slice(answer.body()).unwrap_or(Value::String("none".into()));
    (answer.status().as_u16(), reason, body)
}

fn get(world: &World, path: &str) -> (u16, String, Value) {
    ask(world, "pve-1", "GET", &format!("{ROOT}{path}"), None)
}

/// Where a named guest is: source, node, kind, VMID.
fn place(world: &World, name: &str) -> (String, String) {
    for cluster in &world.clusters {
        if let Some(guest) = cluster.guests.iter().find(|guest| guest.name == name) {
            let (node, kind) = (&cluster.nodes[guest.node].name, super::cluster::word(guest.kind));
            return (cluster.source.clone(), format!("{ROOT}/nodes/{node}/{kind}/{}", guest.vmid));
        }
    }
    panic!("no guest {name}");
}

fn of_guest(world: &World, name: &str, part: &str) -> (u16, String, Value) {
    let (source, base) = place(world, name);
    ask(world, &source, "GET", &format!("{base}/{part}"), None)
}

#[test]
fn only_the_right_token_is_let_in() {
    let world = world();
    let check = |token: &str, reason: &str| {
        let (status, said, body) = ask(&world, "pve-1", "GET", "/api2/json/version", Some(token));
        assert_eq!((status, said.as_str(), body), (401, reason, Value::String("none".into())), "{token}");
    };
    check("", "No ticket");
    check("Bearer abc", "No ticket");
    check("PVEAPIToken reader@pve!fleetgraph=x", "No ticket");
    check("Cookie: PVEAuthCookie=PVE:root@pam:0", "permission denied - invalid PVE ticket");
    check("PVEAPIToken=nobody@pve!fleetgraph=x", "no such user ('nobody@pve')");
    check("PVEAPIToken=reader@pve!other=x", "no such token 'other' for user 'reader@pve'");
    check("PVEAPIToken=reader@pve!fleetgraph=wrong", "invalid token value!");
    let (status, _, body) = ask(&world, "pve-1", "POST", "/api2/json/access/ticket", Some(""));
    assert_eq!((status, &body["message"]), (401, &Value::from("authentication failure\n")));
}

#[test]
fn refusals_have_the_right_status_phrase_and_body() {
    let world = world();
    let dead = &world.clusters[1].nodes[2].name;
    let check = |method: &str, path: &str, status: u16, reason: &str, body: &str| {
        let (got, said, shown) = ask(&world, "pve-2", method, &format!("{ROOT}{path}"), None);
        assert_eq!((got, said.as_str()), (status, reason), "{path}");
        assert!(shown.to_string().contains(body), "{path}: {shown}");
    };
    check("GET", "/nope", 501, "Method 'GET /nope' not implemented", "\"data\":null");
    check("DELETE", "/version", 501, "Method 'DELETE /version' not implemented", "\"data\":null");
    check("GET", "/nodes/pve2a/qemu/abc/config", 400, "Parameter verification failed.", "got 'abc'");
    check(
        "GET",
        "/nodes/pve2a/qemu/99/config",
        400,
        "Parameter verification failed.",
        "minimum value of 100",
    );
    check(
        "GET",
        "/version?wat=1",
        400,
        "Parameter verification failed.",
        "does not allow additional properties",
    );
    check(
        "GET",
        "/cluster/resources?type=cat",
        400,
        "Parameter verification failed.",
        "enumeration 'vm, storage",
    );
    let missing = "Configuration file 'nodes/pve2a/qemu-server/9999.conf' does not exist";
    check("GET", "/nodes/pve2a/qemu/9999/config", 500, missing, "9999.conf");
    let unreachable = "Errors during connection establishment, proxy handshake: No route to host";
    check("GET", &format!("/nodes/{dead}/status"), 595, unreachable, "none");
    check("GET", "/nodes/PVE2A/status", 596, "no such cluster node 'PVE2A'", "none");
    check(
        "GET",
        "/nodes/pve2a/qemu/100/agent/exec",
        501,
        "Method 'GET /nodes/pve2a/qemu/100/agent/exec' not implemented",
        "null",
    );
}

#[test]
fn agents_and_containers_tell_what_they_know() {
    let world = world();
    let check = |name: &str, part: &str, status: u16, pointer: &str, expected: Value| {
        let (got, reason, body) = of_guest(&world, name, part);
        assert_eq!(got, status, "{name}: {reason}");
        let found = if pointer == "reason" {
            Value::from(reason)
        } else {
            body.pointer(pointer).cloned().unwrap_or_default()
        };
        assert_eq!(found, expected, "{name} {part} {pointer}: {body}");
    };
    let agent = "agent/network-get-interfaces";
    check("app", agent, 200, "/data/result/1/ip-addresses/0/ip-address", "10.1.0.10".into());
    check("app", agent, 200, "/data/result/0/hardware-address", "00:00:00:00:00:00".into());
    check("sso-a", agent, 200, "/data/result/1/ip-addresses/1/ip-address", "10.1.0.24".into());
    check("k8s-1", agent, 200, "/data/result/3/hardware-address", "ee:ee:ee:ee:ee:ee".into());
    check("windows", agent, 200, "/data/result/error/class", "Unsupported".into());
    check("erp", agent, 500, "reason", "QEMU guest agent is not running".into());
    check("ghost", agent, 500, "reason", "No QEMU guest agent configured".into());
    check("paused", agent, 500, "reason", "QEMU guest agent is not running".into());
    check("chat", "interfaces", 200, "/data/1/inet", "10.1.0.12/20".into());
    check("legacy", "interfaces", 200, "/data", Value::Null);
    check("erp", "config", 200, "/data/agent", "1".into());
    check("builder", "config", 200, "/data/ipconfig0", "ip=10.1.0.16/20,gw=10.1.0.1".into());
    check(
        "chat",
        "config",
        200,
        "/data/memory",
        (world.clusters[0].guests.iter().find(|guest| guest.name == "chat").expect("is there").memory_bytes
            >> 20)
            .into(),
    );
    check("paused", "status/current", 200, "/data/qmpstatus", "paused".into());
    check("paused", "status/current", 200, "/data/status", "running".into());
    let (_, _, body) = of_guest(&world, "legacy", "config");
    let net = body["data"]["net0"].as_str().unwrap_or_default().to_owned();
    assert!(net.starts_with("name=eth0,bridge=vmbr0,firewall=1,hwaddr=BC:24:11:"), "{net}");
    assert!(net.ends_with("ip=10.1.0.18/20,gw=10.1.0.1,tag=101,type=veth"), "{net}");
}

#[test]
fn lists_are_whole_and_a_dead_node_stays_listed() {
    let world = world();
    let (_, _, vms) = ask(&world, "pve-2", "GET", "/api2/json/cluster/resources?type=vm", None);
    let rows = vms["data"].as_array().expect("a list");
    assert_eq!(rows.len(), world.clusters[1].guests.len());
    let of_dead = rows.iter().filter(|row| row["node"] == "pve2c");
    assert!(of_dead.clone().all(|row| row["status"] == "unknown" && row.get("name").is_none()));
    assert!(of_dead.count() > 0);
    let (_, _, status) = ask(&world, "pve-2", "GET", "/api2/json/cluster/status", None);
    let online: Vec<_> =
        status["data"].as_array().expect("a list").iter().filter_map(|row| row["online"].as_u64()).collect();
    assert_eq!(online, [1, 1, 0]);
    let (_, _, network) = get(&world, "/nodes/pve1b/network?type=bond");
    assert_eq!(network["data"][0]["slaves"], "eno1 eno2");
    assert_eq!(network["data"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_happens_to_the_world_shows() {
    let mut world = world();
    let now = world.epoch;
    let status = |world: &World| of_guest(world, "app", "status/current").2["data"]["status"].clone();
    assert_eq!(status(&world), "running");
    world.apply(&Change::Stop("app".into()), now).expect("is there");
    assert_eq!(status(&world), "stopped");
    world.apply(&Change::Start("app".into()), now).expect("is there");
    assert_eq!(of_guest(&world, "app", "status/current").2["data"]["uptime"], 3_600);
    let change = Change::Move { guest: "app".into(), to: "pve1c".into() };
    world.apply(&change, now).expect("is there");
    assert!(place(&world, "app").1.contains("/nodes/pve1c/"));
    world.apply(&Change::Kill("pve1c".into()), now).expect("is there");
    assert_eq!(of_guest(&world, "app", "config").0, 595);
    let empty = world.emptied();
    assert_eq!(get(&empty, "/cluster/resources?type=vm").2["data"], serde_json::json!([]));
    assert_eq!(get(&empty, "/nodes").2["data"], serde_json::json!([]));
}
