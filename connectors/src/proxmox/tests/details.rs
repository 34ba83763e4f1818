//! When guests' details are read, and what becomes of them where they cannot be.

use serde_json::json;

use schema::fact::{GuestStatus, Reading};

use super::*;

const ROUND: &[&str] = &[
    "/access/permissions",
    "/cluster/resources",
    "/cluster/status",
    "/nodes/pve1/status",
    "/nodes/pve2/status",
];

const AGENT: &str = "/nodes/pve1/qemu/100/agent/network-get-interfaces";
const CONFIG: &str = "/nodes/pve1/qemu/100/config";

fn silent() -> Reply {
    Reply::with(
        "500 QEMU guest agent is not running",
        *br#"{"data":null,"message":"QEMU guest agent is not running\n"}"#,
    )
}

/// A fleet whose details were all read, and are not due for a while but for the guest 100: its are in 5 minutes at most.
async fn read_twice() -> Bench {
    let bench = Bench::start().await;
    bench.collect(0).await;
    bench.collect(300).await;
    bench
}

#[tokio::test]
async fn what_seldom_changes_is_read_seldom() {
    let bench = Bench::start().await;
    let (_, first) = bench.collect(0).await;
    // One call each for the lists and the version, two for each live node, one or two for each guest of a live node.
    assert_eq!(first.len(), 4 + 2 * 2 + 8 + 4, "{first:?}");
    let (_, second) = bench.collect(10).await;
    assert_eq!(second, ROUND);
    let mut again = Vec::new();
    for second in (20..=310).step_by(10) {
        again.extend(bench.collect(second).await.1);
    }
    for path in first.iter().filter(|path| !ROUND.contains(&path.as_str())) {
        let count = again.iter().filter(|asked| *asked == path).count();
        assert!((1..=2).contains(&count), "{path} was asked {count} times more within five minutes");
    }
}

/// After a change in the list, exactly these details are read.
async fn check(change: (&str, serde_json::Value), expected: &[&str]) {
    let bench = read_twice().await;
    bench.set_guest(100, change.0, change.1.clone());
    bench.set("/nodes/pve2/qemu/100/config", json!({}));
    let (_, asked) = bench.collect(310).await;
    let details: Vec<_> = asked.iter().map(String::as_str).filter(|path| !ROUND.contains(path)).collect();
    assert_eq!(details, expected, "{change:?}");
}

#[tokio::test]
async fn what_happened_to_a_guest_makes_its_details_due() {
    check(("cpu", json!(0.9)), &[]).await;
    check(("uptime", json!(86_500)), &[]).await;
    check(("uptime", json!(3)), &[AGENT, CONFIG]).await;
    check(("status", json!("paused")), &[CONFIG]).await;
    check(("status", json!("stopped")), &[CONFIG]).await;
    check(("node", json!("pve2")), &["/nodes/pve2/qemu/100/config"]).await;
}

#[tokio::test]
async fn an_agent_that_falls_silent_keeps_its_last_word_for_a_quarter_of_an_hour() {
    let bench = read_twice().await;
    bench.set("/nodes/pve1/qemu/100/config", json!({"agent": 1, "net0": "virtio=BC:24:11:00:64:00"}));
    bench.set(AGENT, json!({"result": [{"hardware-address": "bc:24:11:00:64:00", "ip-addresses": [{"ip-address": "10.0.20.5"}]}]}));
    let shown = async |second: i64| interfaces(guest(&bench.collect(second).await.0, 100));
    assert_eq!(shown(600).await, "net0 agent 10.0.20.5");
    bench.reply(AGENT, silent());
    assert_eq!(shown(900).await, "net0 (agent 10.0.20.5)");
    // It is asked again soon, for a backup lasts minutes.
    bench.heal(AGENT);
    assert_eq!(shown(960).await, "net0 agent 10.0.20.5");
    bench.reply(AGENT, silent());
    assert_eq!(shown(1_260).await, "net0 (agent 10.0.20.5)");
    assert_eq!(shown(1_860).await, "net0 (agent 10.0.20.5)");
    assert_eq!(shown(1_861).await, "net0 AgentError");
    // Another boot ends it at once.
    bench.heal(AGENT);
    assert_eq!(shown(2_400).await, "net0 agent 10.0.20.5");
    bench.reply(AGENT, silent());
    bench.set_guest(100, "uptime", json!(5));
    assert_eq!(shown(2_410).await, "net0 AgentError");
}

#[tokio::test]
async fn a_guest_that_has_just_started_is_asked_again_soon() {
    let bench = read_twice().await;
    bench.set_guest(100, "uptime", json!(2));
    bench.reply(AGENT, silent());
    bench.collect(400).await;
    bench.set_guest(100, "uptime", json!(33));
    bench.heal(AGENT);
    let (snapshot, asked) = bench.collect(431).await;
    assert!(asked.contains(&AGENT.to_owned()), "{asked:?}");
    assert!(interfaces(guest(&snapshot, 100)).contains("agent 10.0.20.5"));
}

#[tokio::test]
async fn a_stopped_guest_has_no_addresses_of_its_own_words() {
    let bench = read_twice().await;
    bench.set_guest(100, "status", json!("stopped"));
    bench.set_guest(100, "uptime", json!(0));
    let (snapshot, _) = bench.collect(310).await;
    assert_eq!(interfaces(guest(&snapshot, 100)), "net0 cloud-init 10.0.20.5; net2; net10");
}

/// One fault of the details of guest 100: what is shown of it, and which problems there are besides the dead node's.
async fn check_fault(path: &str, reply: Reply, stale: bool, shown: &str, expected: &[&str]) {
    let bench = read_twice().await;
    let reply_shown = format!("{path} {reply:?}");
    bench.reply(path, reply);
    let (snapshot, _) = bench.collect(620).await;
    let web = guest(&snapshot, 100);
    assert_eq!((web.seen.stale, interfaces(web).as_str()), (stale, shown), "{reply_shown}");
    assert!(!guest(&snapshot, 105).seen.stale);
    let mut found = problems(&snapshot);
    found.retain(|problem| problem != "node pve3: Unreachable");
    assert_eq!(found, expected, "{reply_shown}");
}

#[tokio::test]
async fn faults_of_one_guest_keep_what_was_known_and_are_told() {
    let known = "net0 agent 10.0.20.5 agent fe80::be24:11ff:fe00:6400 agent 10.0.30.5 cloud-init 10.0.20.5; net2; net10";
    let old = "net0 (agent 10.0.20.5) (agent fe80::be24:11ff:fe00:6400) (agent 10.0.30.5) cloud-init 10.0.20.5; net2; \
               net10";
    let locked = "500 can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout";
    let gone = "500 Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist";
    let refused = "403 Permission check failed (/vms/100, VM.Audit)";
    for (path, reply, stale, shown, expected) in [
        (CONFIG, Reply::with(locked, *br#"{"data":null}"#), true, known, vec!["guest 100: BadResponse"]),
        (CONFIG, Reply::with(gone, *br#"{"data":null}"#), true, known, vec!["guest 100: Partial"]),
        (CONFIG, Reply::with("595 No route to host", *b""), true, known, vec!["guest 100: Unreachable"]),
        (CONFIG, Reply::Hang, true, known, vec!["guest 100: Timeout"]),
        (CONFIG, Reply::json(*b"{\"data\":[1]}"), true, known, vec!["guest 100: BadResponse"]),
        (
            CONFIG,
            Reply::with(refused, *br#"{"data":null}"#),
            false,
            known,
            vec!["guest configurations: Forbidden"],
        ),
        (AGENT, silent(), false, old, vec![]),
        (AGENT, Reply::Hang, false, old, vec![]),
        (
            AGENT,
            Reply::json(*br#"{"data":{"result":{"error":{"class":"CommandDisabled"}}}}"#),
            false,
            old,
            vec![],
        ),
        (AGENT, Reply::with(refused, *br#"{"data":null}"#), false, old, vec!["guest agents: Forbidden"]),
        (
            AGENT,
            Reply::json(*br#"{"data":{"result":{"interfaces":7}}}"#),
            true,
            old,
            vec!["guest 100: BadResponse"],
        ),
        (AGENT, Reply::json(*b"<html>"), true, old, vec!["guest 100: BadResponse"]),
    ] {
        check_fault(path, reply, stale, shown, &expected).await;
    }
}

#[tokio::test]
async fn without_the_right_to_ask_there_is_a_reason_for_having_no_address() {
    let bench = Bench::start().await;
    let refused = || Reply::with("403 Permission check failed", *br#"{"data":null}"#);
    bench.reply("/nodes/pve1/qemu/105/agent/network-get-interfaces", refused());
    bench.reply("/nodes/pve2/lxc/104/config", refused());
    let (snapshot, _) = bench.collect(0).await;
    assert_eq!(interfaces(guest(&snapshot, 105)), "net0 NoPermission");
    assert_eq!(interfaces(guest(&snapshot, 104)), " NoPermission");
    // What they bear nobody knows; of those whose agents are off or silent there is nothing to know.
    assert_eq!(unread(&snapshot), [(104, Reading::Failed), (105, Reading::Failed)]);
    assert_eq!(
        problems(&snapshot),
        ["guest agents: Forbidden", "guest configurations: Forbidden", "node pve3: Unreachable"]
    );
}

/// The guests of nodes that answer of which nobody could read what they bear.
fn unread(snapshot: &Snapshot) -> Vec<(u32, Reading)> {
    let guests = snapshot.facts.guests.iter().filter(|guest| guest.status != GuestStatus::Unknown);
    guests.filter(|guest| guest.reading != Reading::Done).map(|guest| (guest.vmid, guest.reading)).collect()
}

/// A fleet whose guest 105 has told its address, which stands nowhere else.
async fn told_once() -> Bench {
    let bench = Bench::start().await;
    let interface =
        json!({ "hardware-address": "bc:24:11:00:69:00", "ip-addresses": [{ "ip-address": "10.0.20.9" }] });
    bench.set("/nodes/pve1/qemu/105/agent/network-get-interfaces", json!({ "result": [interface] }));
    let (snapshot, _) = bench.collect(0).await;
    assert_eq!(
        (interfaces(guest(&snapshot, 105)).as_str(), unread(&snapshot)),
        ("net0 agent 10.0.20.9", vec![])
    );
    bench
}

/// What it once said is asserted for a while; after that nobody knows any more.
#[tokio::test]
async fn an_agent_that_may_not_be_asked_any_more_leaves_a_guest_of_which_nobody_knows() {
    let bench = told_once().await;
    let refused = Reply::with("403 Permission check failed", *br#"{"data":null}"#);
    bench.reply("/nodes/pve1/qemu/105/agent/network-get-interfaces", refused);
    let failed = || vec![(105, Reading::Failed)];
    for (second, expected) in [(620, vec![]), (899, vec![]), (1_300, failed()), (1_700, failed())] {
        let (snapshot, _) = bench.collect(second).await;
        assert_eq!(unread(&snapshot), expected, "second {second}: {}", interfaces(guest(&snapshot, 105)));
    }
}

/// While pvestatd hangs, a node that answers knows of none of its guests whether it runs, and nobody asks them.
#[tokio::test]
async fn a_guest_of_which_nobody_knows_whether_it_runs_is_not_known() {
    let bench = Bench::start().await;
    for status in ["unknown", "paused"] {
        bench.set_guest(105, "status", json!(status));
        let fresh = source(&[&bench.server], Limits::default());
        let told = |second| {
            let fresh = Arc::clone(&fresh);
            async move { of_105(&fresh.collect(Timestamp::from_seconds(second)).await) }
        };
        let expected = if status == "unknown" { Reading::Failed } else { Reading::Done };
        assert_eq!(told(0).await, expected, "{status}");
        // It runs again, and there was no time to ask it.
        bench.set_guest(105, "status", json!("running"));
        bench.reply("/nodes/pve1/qemu/105/config", Reply::with("500 can't lock file", *br#"{"data":null}"#));
        assert_eq!(told(10).await, Reading::Failed, "{status}, then running");
        bench.heal("/nodes/pve1/qemu/105/config");
        assert_eq!(told(100).await, Reading::Done, "{status}, then running, and asked");
    }
}

fn of_105(snapshot: &Snapshot) -> Reading {
    guest(snapshot, 105).reading
}

/// Each interface counts: what one of them bears says nothing of the other.
#[tokio::test]
async fn a_guest_is_known_where_each_of_its_interfaces_has_an_address() {
    let bench = Bench::start().await;
    let refused = Reply::with("403 Permission check failed", *br#"{"data":null}"#);
    bench.reply("/nodes/pve1/qemu/105/agent/network-get-interfaces", refused);
    let second = "virtio=BC:24:11:00:69:01,bridge=vmbr0";
    for (second_address, expected) in [("ip=dhcp", vec![(105, Reading::Failed)]), ("ip=10.0.21.5/24", vec![])]
    {
        let config = json!({
            "agent": "1",
            "net0": "virtio=BC:24:11:00:69:00,bridge=vmbr0", "ipconfig0": "ip=10.0.20.5/24",
            "net1": second, "ipconfig1": second_address,
        });
        bench.set("/nodes/pve1/qemu/105/config", config);
        let fresh = source(&[&bench.server], Limits::default());
        let snapshot = fresh.collect(Timestamp::from_seconds(0)).await;
        assert_eq!(unread(&snapshot), expected, "{second_address}");
    }
}

#[tokio::test]
async fn a_guest_that_was_started_again_is_not_known_until_it_was_asked() {
    let bench = told_once().await;
    bench.set_guest(105, "uptime", json!(1));
    let locked = Reply::with("500 can't lock file", *br#"{"data":null}"#);
    bench.reply("/nodes/pve1/qemu/105/config", locked);
    let (snapshot, _) = bench.collect(10).await;
    assert_eq!(unread(&snapshot), [(105, Reading::Failed)], "{}", interfaces(guest(&snapshot, 105)));
}

#[tokio::test]
async fn hung_agents_cost_a_bounded_time_and_the_next_collection_goes_on() {
    let bench = Bench::start().await;
    let limits = Limits {
        timeout: Duration::from_millis(100),
        collect_timeout: Duration::from_millis(500),
        ..Limits::default()
    };
    let hasty = source(&[&bench.server], limits);
    let list: Vec<_> = (200..260)
        .map(|vmid| json!({"id": format!("qemu/{vmid}"), "type": "qemu", "vmid": vmid, "node": "pve1", "status": "running"}))
        .chain([json!({"id": "node/pve1", "type": "node", "node": "pve1", "status": "online"})])
        .collect();
    bench.set("/cluster/resources", json!(list));
    for vmid in 200..260 {
        bench.set(&format!("/nodes/pve1/qemu/{vmid}/config"), json!({"agent": 1}));
        bench.reply(&format!("/nodes/pve1/qemu/{vmid}/agent/network-get-interfaces"), Reply::Hang);
    }
    let mut left = Vec::new();
    for second in 0..40 {
        let snapshot = hasty.collect(Timestamp::from_seconds(second)).await;
        assert_eq!(snapshot.facts.guests.len(), 60);
        left.push(snapshot.problems.iter().filter(|problem| &*problem.subject == "guests").count());
        let waits = unread(&snapshot).iter().any(|(_, reading)| *reading == Reading::NotYet);
        assert_eq!(waits, left.ends_with(&[1]), "second {second}");
        if left.ends_with(&[0]) {
            break;
        }
    }
    assert!(left.len() > 2 && left.ends_with(&[0]), "{left:?}");
}
