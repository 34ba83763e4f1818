//! *Empty is not none*, round by round: what came, at which minute, and what is held after it.

#![expect(
    clippy::single_range_in_vec_init,
    reason = "a list of ranges of VMIDs is what is meant, often of one"
)]

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use schema::fact::{
    CertificateFact, DeviceFact, DeviceKind, EntitlementStatus, GuestFact, GuestKind, GuestStatus,
    InvoiceFact, MainList, NodeFact, NodeStatus, PortFact, PortForwardFact, Protocol, ProxyHostFact,
    ProxyKind, Reading, Seen, SubscriptionItemFact,
};
use schema::source::ProblemCode;
use schema::{Facts, Mac, Snapshot, Timestamp};

use super::super::hold::{Memory, hold};

fn guest(vmid: u32, at: Timestamp) -> GuestFact {
    GuestFact {
        vmid,
        name: format!("guest-{vmid}").into(),
        kind: GuestKind::Qemu,
        node: Some("pve1".into()),
        status: GuestStatus::Running,
        template: false,
        tags: Box::default(),
        pool: None,
        lock: None,
        cpus: None,
        cpu_usage: None,
        memory_bytes: None,
        memory_used_bytes: None,
        disk_bytes: None,
        uptime_seconds: None,
        nics: Box::default(),
        ip_reason: None,
        reading: Reading::Done,
        seen: Seen { at, stale: false },
    }
}

/// One collection.
struct Round {
    minute: i64,
    /// VMIDs that came.
    came: Vec<Range<u32>>,
    withheld: bool,
    /// VMIDs that are held, marked stale.
    held: Vec<Range<u32>>,
}

fn round(minute: i64, came: Vec<Range<u32>>, held: Vec<Range<u32>>) -> Round {
    Round { minute, came, withheld: false, held }
}

fn withheld(minute: i64, came: Vec<Range<u32>>, held: Vec<Range<u32>>) -> Round {
    Round { withheld: true, ..round(minute, came, held) }
}

/// Runs the rounds one after the other; what came is always there and never stale.
fn check(what: &str, rounds: &[Round]) {
    let mut memory = Memory::default();
    let mut before: Option<Snapshot> = None;
    for Round { minute, came, withheld, held } in rounds {
        let now = Timestamp::from_seconds(minute * 60);
        let came: BTreeSet<u32> = came.iter().cloned().flatten().collect();
        let held: BTreeSet<u32> = held.iter().cloned().flatten().collect();
        let mut fresh = Snapshot {
            collected_at: now,
            facts: Facts { guests: came.iter().map(|vmid| guest(*vmid, now)).collect(), ..Facts::default() },
            ..Snapshot::default()
        };
        if *withheld {
            fresh.not_read(MainList::Guests, ProblemCode::Forbidden, "no right", true);
        }
        let kept = hold(&mut memory, before.as_ref(), fresh, now);

        let place = format!("{what}, minute {minute}");
        let marked = |stale: bool| -> BTreeSet<u32> {
            let guests = kept.facts.guests.iter().filter(|guest| guest.seen.stale == stale);
            guests.map(|guest| guest.vmid).collect()
        };
        assert_eq!((marked(false), marked(true)), (came, held.clone()), "{place}");
        assert_eq!(kept.held_back, !held.is_empty(), "{place}");
        let problems: Vec<_> =
            kept.problems.iter().map(|problem| (problem.code, &*problem.subject)).collect();
        let expected = if held.is_empty() { vec![] } else { vec![(ProblemCode::Partial, "guests")] };
        assert_eq!(problems, expected, "{place}");
        assert!(
            kept.facts
                .guests
                .iter()
                .all(|guest| guest.seen.at <= now && guest.seen.stale == (guest.seen.at < now))
        );
        before = Some(kept);
    }
}

/// Collections one after the other: which lists each does not read, and of which of them nothing is known then.
fn check_never(rounds: &[(&[MainList], &[MainList])]) {
    let mut memory = Memory::default();
    let mut before: Option<Snapshot> = None;
    for (round, (unread, never)) in rounds.iter().enumerate() {
        let mut fresh = Snapshot::default();
        for list in *unread {
            fresh.not_read(*list, ProblemCode::Timeout, "no answer", false);
        }
        let kept = hold(&mut memory, before.as_ref(), fresh, Timestamp::default());
        let lists: Vec<_> = kept.unread.iter().map(|one| one.list).collect();
        assert_eq!(lists, *unread, "round {round}");
        let unknown: Vec<_> = kept.unread.iter().filter(|one| one.never).map(|one| one.list).collect();
        assert_eq!(unknown, *never, "round {round}");
        before = Some(kept);
    }
}

#[test]
fn a_list_that_was_read_once_is_known_from_then_on() {
    use MainList::{Clients, Devices};
    check_never(&[
        (&[Clients], &[Clients]),
        (&[Clients, Devices], &[Clients]),
        (&[Devices], &[]),
        (&[Clients, Devices], &[]),
        (&[], &[]),
        (&[Clients], &[]),
    ]);
}

#[test]
fn a_sudden_loss_is_held_until_it_is_believed() {
    check("nothing where nothing was is no loss", &[round(0, vec![], vec![]), round(1, vec![], vec![])]);
    check(
        "a short list may lose more than half, short of all",
        &[round(0, vec![0..9], vec![]), round(1, vec![0..1], vec![]), round(2, vec![], vec![0..1])],
    );
    check("half of ten is no sudden loss", &[round(0, vec![0..10], vec![]), round(1, vec![0..5], vec![])]);
    check(
        "what comes back is fresh again",
        &[round(0, vec![0..3], vec![]), round(1, vec![], vec![0..3]), round(2, vec![0..3], vec![])],
    );
    check(
        "what came is taken, new ones too",
        &[round(0, vec![0..10], vec![]), round(1, vec![0..4, 90..92], vec![4..10])],
    );
    check(
        "five times over ten minutes",
        &[
            round(0, vec![0..10], vec![]),
            round(1, vec![], vec![0..10]),
            round(3, vec![], vec![0..10]),
            round(6, vec![], vec![0..10]),
            round(10, vec![], vec![0..10]),
            round(11, vec![], vec![]),
        ],
    );
    check(
        "ten minutes do not do with four times",
        &[
            round(0, vec![0..10], vec![]),
            round(1, vec![], vec![0..10]),
            round(20, vec![], vec![0..10]),
            round(40, vec![], vec![0..10]),
            round(60, vec![], vec![0..10]),
            round(80, vec![], vec![]),
        ],
    );
    check(
        "five times do not do within ten minutes",
        &[
            round(0, vec![0..10], vec![]),
            round(1, vec![], vec![0..10]),
            round(2, vec![], vec![0..10]),
            round(3, vec![], vec![0..10]),
            round(4, vec![], vec![0..10]),
            round(5, vec![], vec![0..10]),
            round(6, vec![], vec![0..10]),
            round(11, vec![], vec![]),
        ],
    );
}

#[test]
fn each_object_is_counted_by_itself() {
    check(
        "those that do not come back stay on their own count",
        &[
            round(0, vec![0..20], vec![]),
            round(1, vec![0..8], vec![8..20]),
            round(2, vec![0..15], vec![15..20]),
            // One more is missing, of a list that lacks less than half: that is an ordinary loss.
            round(3, vec![1..15], vec![15..20]),
            round(4, vec![1..15], vec![15..20]),
            round(11, vec![1..15], vec![]),
        ],
    );
    check(
        "while the list lacks more than half, one more that is missing is held too",
        &[
            round(0, vec![0..20], vec![]),
            round(1, vec![0..8], vec![8..20]),
            round(2, vec![0..7], vec![7..20]),
        ],
    );
    check(
        "one that came back begins anew",
        &[
            round(0, vec![0..2], vec![]),
            round(1, vec![], vec![0..2]),
            round(4, vec![], vec![0..2]),
            round(6, vec![], vec![0..2]),
            round(8, vec![1..2], vec![0..1]),
            round(11, vec![], vec![1..2]),
            round(12, vec![], vec![1..2]),
        ],
    );
}

#[test]
fn what_the_credentials_may_not_list_is_held_for_as_long_as_that_lasts() {
    check(
        "a right that is gone",
        &[
            round(0, vec![0..3], vec![]),
            withheld(1, vec![], vec![0..3]),
            withheld(20, vec![], vec![0..3]),
            withheld(40, vec![], vec![0..3]),
            withheld(60, vec![], vec![0..3]),
            withheld(80, vec![], vec![0..3]),
            withheld(100, vec![2..3], vec![0..2]),
            round(120, vec![0..3], vec![]),
        ],
    );
    check(
        "one object of many is held as well, and counted from when the right came back",
        &[
            round(0, vec![0..30], vec![]),
            withheld(1, vec![1..30], vec![0..1]),
            round(30, vec![1..30], vec![0..1]),
            round(33, vec![1..30], vec![0..1]),
            round(36, vec![1..30], vec![0..1]),
            round(39, vec![1..30], vec![0..1]),
            round(42, vec![1..30], vec![]),
        ],
    );
}

#[test]
fn each_list_is_judged_by_itself_and_devices_keep_their_ports() {
    let at = Timestamp::from_seconds(0);
    let seen = Seen { at, stale: false };
    let mac = Mac([0, 0, 0, 0, 0, 1]);
    let node = NodeFact {
        name: "pve1".into(),
        status: NodeStatus::Online,
        address: None,
        cpus: None,
        cpu_usage: None,
        memory_bytes: None,
        memory_used_bytes: None,
        uptime_seconds: None,
        version: None,
        bonded: false,
        seen,
    };
    let device = DeviceFact {
        mac,
        name: "sw1".into(),
        model: None,
        kind: DeviceKind::Switch,
        address: None,
        online: true,
        uplink: None,
        seen,
    };
    let port = PortFact {
        switch: mac,
        number: 1,
        name: None,
        up: true,
        speed_mbps: None,
        poe: None,
        is_uplink: false,
        is_downlink: false,
        native_vlan: None,
        tagged_vlans: Box::default(),
        lag: None,
        seen,
    };
    let facts = Facts {
        nodes: vec![node],
        guests: vec![guest(100, at)],
        devices: vec![device],
        ports: vec![port],
        ..Facts::default()
    };
    let before = Snapshot { facts, ..Snapshot::default() };
    let now = at.plus(Duration::from_secs(10));
    let came = Facts { guests: vec![guest(100, now)], ..Facts::default() };
    let fresh = Snapshot { facts: came, ..Snapshot::default() };

    let kept = hold(&mut Memory::default(), Some(&before), fresh, now);

    let subjects: Vec<_> = kept.problems.iter().map(|problem| &*problem.subject).collect();
    assert_eq!(subjects, ["nodes", "devices"]);
    assert!(
        kept.facts.nodes[0].seen.stale && kept.facts.devices[0].seen.stale && kept.facts.ports[0].seen.stale
    );
    assert!(!kept.facts.guests[0].seen.stale);
    assert_eq!(
        &*kept.problems[0].message,
        "only 0 nodes came: the 1 that are missing stay, marked stale, until they come back or have been missing 5 \
         times over at least 10 minutes"
    );
}

fn host(reference: &str, kind: ProxyKind) -> ProxyHostFact {
    ProxyHostFact {
        reference: reference.into(),
        kind,
        domain_names: Box::default(),
        forward_scheme: None,
        forward_host: None,
        forward_port: None,
        redirect_to: None,
        locations: Box::default(),
        enabled: true,
        incoming_port: None,
        protocol: None,
        ssl_forced: false,
        certificate: None,
        access_list_name: None,
        seen: Seen::default(),
    }
}

/// Takes a kind of things away.
type Hide = fn(&mut Facts);

/// An upstream hides kinds of things one by one, by the rights of each: one that is empty is held, whatever else came.
#[test]
fn each_kind_that_can_be_hidden_is_judged_by_itself() {
    let (seen, at) = (Seen::default(), Timestamp::default());
    let certificate = CertificateFact {
        reference: "c1".into(),
        nice_name: "app".into(),
        provider: "letsencrypt".into(),
        domain_names: Box::default(),
        expires_on: None,
        seen,
    };
    let forward = PortForwardFact {
        reference: "f1".into(),
        name: None,
        enabled: true,
        protocol: Protocol::Tcp,
        public_port: "443".into(),
        forward_address: None,
        forward_port: "443".into(),
        seen,
    };
    let item = SubscriptionItemFact {
        reference: "si_1".into(),
        customer: "cus_1".into(),
        sku: "gold".into(),
        product: None,
        seats: None,
        valid_from: None,
        valid_to: None,
        status: EntitlementStatus::Active,
        seen,
    };
    let invoice = InvoiceFact {
        reference: "in_1".into(),
        customer: "cus_1".into(),
        number: None,
        status: "open".into(),
        currency: "eur".into(),
        total_minor: 1,
        period_start: None,
        period_end: None,
        lines: Box::default(),
        seen,
    };
    let all = Facts {
        proxy_hosts: vec![
            host("p1", ProxyKind::Proxy),
            host("r1", ProxyKind::Redirection),
            host("d1", ProxyKind::Dead),
            host("s1", ProxyKind::Stream),
        ],
        certificates: vec![certificate],
        port_forwards: vec![forward],
        subscription_items: vec![item],
        invoices: vec![invoice],
        ..Facts::default()
    };
    let hidden: [(&str, Hide); 8] = [
        ("proxy hosts", |facts| facts.proxy_hosts.retain(|host| host.kind != ProxyKind::Proxy)),
        ("redirection hosts", |facts| facts.proxy_hosts.retain(|host| host.kind != ProxyKind::Redirection)),
        ("404 hosts", |facts| facts.proxy_hosts.retain(|host| host.kind != ProxyKind::Dead)),
        ("streams", |facts| facts.proxy_hosts.retain(|host| host.kind != ProxyKind::Stream)),
        ("certificates", |facts| facts.certificates.clear()),
        ("port forwards", |facts| facts.port_forwards.clear()),
        ("items of subscriptions", |facts| facts.subscription_items.clear()),
        ("invoices", |facts| facts.invoices.clear()),
    ];
    let before = Snapshot { facts: all.clone(), ..Snapshot::default() };
    for (words, hide) in hidden {
        let mut facts = all.clone();
        hide(&mut facts);
        let came = facts.len();
        let fresh = Snapshot { facts, ..Snapshot::default() };
        let kept = hold(&mut Memory::default(), Some(&before), fresh, at);
        let subjects: Vec<_> = kept.problems.iter().map(|problem| &*problem.subject).collect();
        assert_eq!((subjects, kept.facts.len()), (vec![words], came + 1));
    }
}

/// What is hidden holds its own kind: a proxy host that is gone is gone, though hosts of another kind may not be listed.
#[test]
fn a_hidden_kind_of_host_holds_its_own_and_no_other() {
    let kinds = [
        (ProxyKind::Redirection, MainList::RedirectionHosts, "may not list all redirection hosts"),
        (ProxyKind::Dead, MainList::DeadHosts, "may not list all 404 hosts"),
        (ProxyKind::Stream, MainList::Streams, "may not list all streams"),
    ];
    for (kind, list, words) in kinds {
        let hosts = |hosts: &[(&str, ProxyKind)]| Facts {
            proxy_hosts: hosts.iter().map(|(reference, kind)| host(reference, *kind)).collect(),
            ..Facts::default()
        };
        let all = [("p1", ProxyKind::Proxy), ("p2", ProxyKind::Proxy), ("h1", kind)];
        let before = Snapshot { facts: hosts(&all), ..Snapshot::default() };
        let mut fresh = Snapshot { facts: hosts(&all[..1]), ..Snapshot::default() };
        fresh.not_read(list, ProblemCode::Forbidden, "no right", true);
        let kept = hold(&mut Memory::default(), Some(&before), fresh, Timestamp::default());
        let references: Vec<_> = kept.facts.proxy_hosts.iter().map(|host| &*host.reference).collect();
        assert_eq!(references, ["p1", "h1"], "{kind:?}");
        let [problem] = &kept.problems[..] else { panic!("{:?}", kept.problems) };
        assert!(problem.message.contains(words), "{}", problem.message);
    }
}
