//! What holds for the drift of every fleet: tried on small ones, in which names, addresses and MACs collide all the time.

#[path = "chance/fleet.rs"]
#[expect(dead_code, reason = "the properties of the join use more of it")]
mod fleet;
#[expect(dead_code, reason = "the properties of the join use more of it")]
mod kit;

use std::collections::BTreeSet;
use std::sync::Arc;

use fleet::fleet;
use kit::read::{NOW, inputs};
use proptest::prelude::*;
use schema::drift::{DriftKind, Finding, FindingKey, find};
use schema::fact::{GuestFact, Reading};
use schema::view::{Inputs, join, rejoin};
use schema::{Held, Snapshot, Timestamp};

fn drift(inputs: &Inputs) -> Vec<Finding> {
    find(&join(inputs), NOW).findings
}

/// What is found of `before` and no longer of `after` must not count as gone.
fn check_resolves_nothing(before: &[Finding], after: &Inputs) -> Result<(), TestCaseError> {
    let view = join(after);
    let look = find(&view, NOW);
    let left: BTreeSet<&FindingKey> = look.findings.iter().map(|one| &one.key).collect();
    for one in before {
        let there = left.contains(&one.key);
        prop_assert!(there || !look.shows_gone(&view, one, NOW), "{one:?}");
    }
    Ok(())
}

fn without_clients(inputs: &mut Inputs) {
    for held in &mut inputs.sources {
        let mut snapshot = held.snapshot.as_deref().cloned().unwrap_or_default();
        snapshot.facts.clients.clear();
        held.snapshot = Some(Arc::new(snapshot));
    }
}

/// The same fleet, in which guests of one source were not read: what they bear, or also which interfaces they have.
fn unread(
    inputs: &Inputs,
    which: usize,
    reading: Reading,
    all_of_it: bool,
    is_unread: impl Fn(&GuestFact) -> bool,
) -> Inputs {
    let mut inputs = inputs.clone();
    let held = &mut inputs.sources[which];
    let mut snapshot = held.snapshot.as_deref().cloned().unwrap_or_default();
    for guest in snapshot.facts.guests.iter_mut().filter(|guest| is_unread(guest)) {
        guest.reading = reading;
        guest.seen.stale = false;
        guest.nics.iter_mut().for_each(|nic| nic.claims = Box::default());
        if all_of_it {
            guest.nics = Box::default();
        }
    }
    held.snapshot = Some(Arc::new(snapshot));
    inputs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_matters(fleet in fleet(), by in 0usize..8) {
        let expected = drift(&fleet.inputs());
        let mut other = fleet.inputs();
        let by = by % other.sources.len();
        other.sources.rotate_left(by);
        prop_assert_eq!(&drift(&other), &expected);
        prop_assert_eq!(&drift(&fleet.reversed().inputs()), &expected);
        prop_assert_eq!(&find(&rejoin(&join(&other), &fleet.inputs()), NOW).findings, &expected);
    }

    #[test]
    fn keys_are_unique_and_every_finding_rests_on_something(fleet in fleet()) {
        let view = join(&fleet.inputs());
        let findings = find(&view, NOW).findings;
        prop_assert!(findings.is_sorted_by(|one, next| one.key < next.key));
        for one in &findings {
            prop_assert!(!one.sources.is_empty() && one.sources.is_sorted(), "{one:?}");
            prop_assert_eq!(one.seen, NOW);
            let about = one.about.as_ref();
            prop_assert!(about.is_none_or(|about| view.find(about).is_some()), "{one:?}");
        }
    }

    #[test]
    fn a_source_that_is_silent_since_the_start_resolves_nothing(fleet in fleet(), which in 0usize..8) {
        let inputs = fleet.inputs();
        let mut blind = inputs.clone();
        let which = which % blind.sources.len();
        blind.sources[which] = Held::pending(Arc::clone(&inputs.sources[which].info));
        check_resolves_nothing(&drift(&inputs), &blind)?;
    }

    // After a restart the list of guests is there before what each of them bears.
    #[test]
    fn guests_that_were_not_read_yet_resolve_nothing(
        fleet in fleet(),
        which in 0usize..8,
        odd in any::<Option<bool>>(),
        failed in any::<bool>(),
        all_of_it in any::<bool>(),
    ) {
        let mut inputs = fleet.inputs();
        if failed {
            // What a client table says of a guest is taken at its word where nobody may ever ask the guest itself.
            without_clients(&mut inputs);
        }
        let which = which % inputs.sources.len();
        let reading = if failed { Reading::Failed } else { Reading::NotYet };
        let is_unread = |guest: &GuestFact| odd.is_none_or(|odd| odd == (guest.vmid % 2 == 1));
        let mut before = drift(&inputs);
        // A guest that runs at the address ends it, though nobody may ever ask what else it bears.
        before.retain(|one| !failed || one.key.kind != DriftKind::UpstreamGuestStopped);
        check_resolves_nothing(&before, &unread(&inputs, which, reading, all_of_it, is_unread))?;
    }

    #[test]
    fn an_old_source_hides_nothing_and_makes_findings_old(fleet in fleet(), which in 0usize..8) {
        let inputs = fleet.inputs();
        let mut old = inputs.clone();
        let which = which % old.sources.len();
        let at = Timestamp::from_millis(NOW.millis() - 3_600_000);
        let held = &mut old.sources[which];
        held.snapshot = held.snapshot.as_ref().map(|snapshot| {
            Arc::new(Snapshot { collected_at: at, ..Snapshot::clone(snapshot) })
        });
        let name = held.info.name.clone();
        let expected: Vec<Finding> = drift(&inputs)
            .into_iter()
            .map(|one| Finding { seen: if one.sources.contains(&name) { at } else { NOW }, ..one })
            .collect();
        prop_assert_eq!(drift(&old), expected);
    }
}

/// The findings of `before` that `after` lacks, and whether each is gone.
fn check_gone(before: &str, after: &str, expected: &[(&str, bool)]) {
    let (before, view) = (drift(&inputs(before)), join(&inputs(after)));
    let look = find(&view, NOW);
    let left: BTreeSet<&FindingKey> = look.findings.iter().map(|one| &one.key).collect();
    let lacking = before.iter().filter(|one| !left.contains(&one.key));
    let gone: Vec<(String, bool)> = lacking
        .map(|one| (format!("{} {}", one.key.kind.name(), one.key.subject), look.shows_gone(&view, one, NOW)))
        .collect();
    let gone: Vec<(&str, bool)> = gone.iter().map(|(key, gone)| (&**key, *gone)).collect();
    assert_eq!(gone, expected, "{after}");
}

#[test]
fn what_two_guests_share_is_gone_once_both_were_read() {
    let before = "source pve proxmox\n guest 100 a nic=m1;agent:10.0.0.5\n guest 101 b nic=m2;agent:10.0.0.5";
    let shared = |gone| [("DUPLICATE_GUEST_IP 10.0.0.5", gone)];
    for (after, gone) in [
        ("guest 100 a nic=m1;agent:10.0.0.5\n guest 101 b nic=m2;agent:10.0.0.6", true),
        ("guest 100 a nic=m1;agent:10.0.0.5\n guest 101 b stopped nic=m2", true),
        ("guest 100 a nic=m1;agent:10.0.0.5", true),
        // The list is known, what they bear is not.
        ("guest 100 a nic=m1;agent:10.0.0.5\n guest 101 b nic=m2 reading=not-yet", false),
        ("guest 100 a nic=m1;agent:10.0.0.5\n guest 101 b nic=m2 reading=failed", false),
        ("guest 100 a nic=m1;agent:10.0.0.5\n guest 101 b unknown reading=not-yet", false),
        // Another one that nobody may ask keeps nothing of theirs open, but one that is read soon does.
        (
            "guest 100 a nic=m1;agent:10.0.0.5\n guest 101 b nic=m2;agent:10.0.0.6\n guest 102 c nic=m3 reading=failed",
            true,
        ),
        (
            "guest 100 a nic=m1;agent:10.0.0.5\n guest 101 b nic=m2;agent:10.0.0.6\n guest 102 c nic=m3 reading=not-yet",
            false,
        ),
    ] {
        check_gone(before, &format!("source pve proxmox\n {after}"), &shared(gone));
    }
}

#[test]
fn a_guest_that_was_started_is_not_waited_for_where_nobody_may_ask_it() {
    let fleet = |guest: &str| {
        format!("source pve proxmox\n {guest}\nsource edge npm\n host p1 a.example.org 10.0.0.5:80")
    };
    let before = fleet("guest 100 a stopped nic=m1;static:10.0.0.5");
    for (after, gone) in [
        ("guest 100 a nic=m1;static:10.0.0.5", true),
        ("guest 100 a nic=m1;static:10.0.0.5 reading=failed", true),
        ("guest 100 a nic=m1;static:10.0.0.5 reading=not-yet", false),
        ("guest 100 a stopped reading=failed", false),
        ("guest 100 a stopped reading=not-yet", false),
    ] {
        check_gone(&before, &fleet(after), &[("UPSTREAM_GUEST_STOPPED a.example.org", gone)]);
    }
}

/// Some fleets never let anybody ask an agent; what is mended there ends all the same.
#[test]
fn what_is_mended_is_gone_though_a_guest_that_it_names_may_never_be_asked() {
    // Known by the client table alone.
    let fleet = |guest: &str, rest: &str| {
        format!(
            "source pve proxmox\n {guest} reading=failed\nsource office unifi\n client m1 addr=10.0.0.5\n{rest}"
        )
    };
    let guest = "guest 100 a nic=m1";
    check_gone(
        &fleet(guest, "source plan ipam\n declared 1 10.0.0.9"),
        &fleet(guest, "source plan ipam\n declared 1 10.0.0.9\n declared 2 10.0.0.5"),
        &[("GUEST_IP_NOT_DECLARED 10.0.0.5", true)],
    );
    check_gone(
        &fleet("guest 100 a nic=m1 nic=m2", "source plan ipam\n declared 1 10.0.0.5 vmid=101"),
        &fleet("guest 100 a nic=m1 nic=m2", "source plan ipam\n declared 1 10.0.0.5 vmid=100"),
        &[
            ("VMID_IP_MISMATCH 10.0.0.5", true),
            ("GUEST_ONLY_DECLARED 101", true),
            ("GUEST_ONLY_LIVE pve/100", true),
        ],
    );
    let twin = "\n guest 101 b stopped nic=m1";
    check_gone(
        &fleet(&format!("guest 100 a nic=m1{twin}"), ""),
        &fleet(&format!("guest 100 a nic=m1{}", twin.replace("m1", "m3")), ""),
        &[("DUPLICATE_MAC 02:00:00:00:00:01", true)],
    );
    let heard = |map: &str| {
        format!(
            "source pve proxmox\n node n1\n guest 100 a node=n1 reading=failed\nsource office unifi\n switch s1 core\n \
             port s1/1-8\n lldp s1/3 name=n1\nsource plan ipam\n{map}"
        )
    };
    check_gone(
        &heard(" cable 1 core 4 n1"),
        &heard(" cable 1 core 3 n1"),
        &[("PORT_MAP_MISMATCH pve/n1", true)],
    );
    check_gone(&heard(" cable 1 core 4 n1"), &heard(""), &[("PORT_MAP_MISMATCH pve/n1", true)]);
    let leads = |target: &str, old: &str| {
        format!(
            "source pve proxmox\n guest 100 a stopped {old}\n guest 101 b nic=m2;agent:10.0.0.6\nsource edge npm\n host p1 \
             a.example.org {target}:80"
        )
    };
    let stopped = leads("10.0.0.5", "nic=m1;static:10.0.0.5");
    let gone = |gone| [("UPSTREAM_GUEST_STOPPED a.example.org", gone)];
    check_gone(&stopped, &leads("10.0.0.6", "reading=failed"), &gone(true));
    check_gone(&stopped, &leads("10.0.0.5", "reading=failed"), &gone(false));
    check_gone(&stopped, &leads("10.0.0.5", "reading=failed").replace(":80", ":80 disabled"), &gone(true));
    check_gone(
        &stopped,
        &leads("10.0.0.5", "reading=failed").replace("a.example.org", "b.example.org"),
        &gone(true),
    );
}

/// Proxmox does not know whether the guests of a node run that does not answer.
#[test]
fn a_node_that_falls_silent_resolves_nothing() {
    let fleet = |guest: &str| {
        format!(
            "source pve proxmox\n node n1\n {guest}\n guest 101 b nic=m2;agent:10.0.0.5\nsource plan ipam\n \
             declared 1 10.0.0.5 vmid=109\n vlan 1 20 servers\n subnet 10.0.0.0/24 vlan=1\nsource edge npm\n \
             host p1 a.example.org 10.0.0.6:80"
        )
    };
    for (before, after, expected) in [
        (
            "guest 100 a node=n1 nic=m1;agent:10.0.0.5",
            "guest 100 a node=n1 unknown stale nic=m1;old:10.0.0.5",
            vec![("DUPLICATE_GUEST_IP 10.0.0.5", false)],
        ),
        (
            "guest 100 a node=n1 nic=m1;agent:10.0.0.7;vlan:30",
            "guest 100 a node=n1 unknown stale nic=m1;old:10.0.0.7;vlan:30",
            vec![("GUEST_IP_NOT_DECLARED 10.0.0.7", false), ("VLAN_MISMATCH pve/100 net0 10.0.0.7", false)],
        ),
        (
            "guest 100 a node=n1 stopped nic=m1;static:10.0.0.6",
            "guest 100 a node=n1 unknown stale nic=m1;static:10.0.0.6",
            vec![("UPSTREAM_GUEST_STOPPED a.example.org", false)],
        ),
    ] {
        check_gone(&fleet(before), &fleet(after), &expected);
    }
}

/// What rests on a list alone is resolved, whatever nobody could read of a guest.
#[test]
fn what_guests_bear_matters_to_nothing_else() {
    let before =
        "source pve proxmox\n guest 100 a nic=m1\n guest 101 b nic=m2\nsource files declared\n written 1 101";
    let after = "source pve proxmox\n guest 100 a nic=m1 reading=failed\n guest 101 b nic=m2\nsource files declared\n written 1 101\n written 2 100";
    check_gone(before, after, &[("GUEST_ONLY_LIVE pve/100", true)]);
}

#[test]
fn a_node_that_its_guests_place_stays_there_until_they_were_read() {
    let fleet = |guests: &str| {
        format!(
            "source pve proxmox\n node n1\n node n2\n {guests}\nsource office unifi\n switch s1 core\n port s1/1-8\n \
             client m1 port=s1/3\nsource plan ipam\n cable 1 core 4 n1"
        )
    };
    let before = fleet("guest 100 a node=n1 nic=m1");
    for (after, gone) in [
        ("guest 100 a node=n1", true),
        ("guest 100 a node=n1 reading=failed", false),
        // What another node's guests bear says nothing of this one.
        ("guest 100 a node=n1\n guest 101 b node=n2 reading=failed", true),
    ] {
        check_gone(&before, &fleet(after), &[("PORT_MAP_MISMATCH pve/n1", gone)]);
    }
}
