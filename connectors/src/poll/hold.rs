//! *Empty is not none* (docs/design.md, rule 2): what a main list lacks is kept, marked stale, until its loss is believed.
//!
//! What an upstream may hide on its own is a list of its own: each kind of host of a proxy, its certificates, forwards,
//! subscriptions and invoices.
//!
//! A list that comes back empty, or without more than half of ten or more objects, is more often a token that lost its
//! rights or an upstream that is starting than a fleet that is gone. What came is taken; what is missing stays.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use schema::fact::{
    CertificateFact, ClientFact, CustomerFact, DeviceFact, GuestFact, InvoiceFact, MainList, NodeFact,
    PortForwardFact, ProxyHostFact, ProxyKind, Seen, SubscriptionItemFact,
};
use schema::source::ProblemCode;
use schema::{Facts, Mac, Problem, Snapshot, Timestamp};

/// A loss is believed once it has been seen this often ...
const TIMES: u32 = 5;
/// ... over at least this long.
const LONG: Duration = Duration::from_mins(10);
/// A list shorter than this may lose more than half of itself at once, short of all.
const FEW: usize = 10;

/// What is missing from each main list of one source, and since when.
#[derive(Debug, Default)]
pub(super) struct Memory {
    nodes: Losses<Arc<str>>,
    guests: Losses<u32>,
    proxy_hosts: Losses<Box<str>>,
    certificates: Losses<Box<str>>,
    devices: Losses<Mac>,
    clients: Losses<Mac>,
    port_forwards: Losses<Box<str>>,
    customers: Losses<Box<str>>,
    subscription_items: Losses<Box<str>>,
    invoices: Losses<Box<str>>,
}

type Losses<K> = BTreeMap<K, Loss>;

/// How often an object was missing in a row, and when that was first seen.
#[derive(Clone, Copy, Debug)]
struct Loss {
    first: Timestamp,
    times: u32,
}

/// Completes a snapshot by what it lacks of the one before, as far as that loss is not believed yet; says so in its
/// problems. `now` is the time of this collection.
pub(super) fn hold(
    memory: &mut Memory,
    before: Option<&Snapshot>,
    mut fresh: Snapshot,
    now: Timestamp,
) -> Snapshot {
    let Some(before) = before else { return fresh };
    for unread in &mut fresh.unread {
        // What was read before is served from then.
        unread.never &= before.unread(unread.list).is_some_and(|earlier| earlier.never);
    }
    let (old, new) = (&before.facts, &mut fresh.facts);
    let withheld = |part: Part| match part {
        Part::Main(list) => fresh.unread.iter().any(|unread| unread.list == list && unread.withheld),
        Part::Beside(_) => false,
    };
    let mut round = Round { now, problems: Vec::new() };

    round.list(&mut memory.nodes, &old.nodes, &mut new.nodes, &withheld);
    round.list(&mut memory.guests, &old.guests, &mut new.guests, &withheld);
    round.list(&mut memory.proxy_hosts, &old.proxy_hosts, &mut new.proxy_hosts, &withheld);
    round.list(&mut memory.certificates, &old.certificates, &mut new.certificates, &withheld);
    round.list(&mut memory.devices, &old.devices, &mut new.devices, &withheld);
    round.list(&mut memory.clients, &old.clients, &mut new.clients, &withheld);
    round.list(&mut memory.port_forwards, &old.port_forwards, &mut new.port_forwards, &withheld);
    round.list(&mut memory.customers, &old.customers, &mut new.customers, &withheld);
    let (old_items, new_items) = (&old.subscription_items, &mut new.subscription_items);
    round.list(&mut memory.subscription_items, old_items, new_items, &withheld);
    round.list(&mut memory.invoices, &old.invoices, &mut new.invoices, &withheld);
    keep_parts_of_devices(&memory.devices, old, new);

    fresh.held_back |= !round.problems.is_empty();
    fresh.problems.append(&mut round.problems);
    fresh
}

/// A device that is held keeps its ports and what it heard; they come with it, in one answer.
fn keep_parts_of_devices(held: &Losses<Mac>, old: &Facts, new: &mut Facts) {
    let present: BTreeSet<_> = new.ports.iter().map(|port| (port.switch, port.number)).collect();
    for port in &old.ports {
        if held.contains_key(&port.switch) && !present.contains(&(port.switch, port.number)) {
            let mut kept = port.clone();
            kept.seen.stale = true;
            new.ports.push(kept);
        }
    }
    let speaks: BTreeSet<_> = new.lldp.iter().map(|neighbour| neighbour.switch).collect();
    for neighbour in &old.lldp {
        if held.contains_key(&neighbour.switch) && !speaks.contains(&neighbour.switch) {
            let mut kept = neighbour.clone();
            kept.seen.stale = true;
            new.lldp.push(kept);
        }
    }
}

/// One application of the rule, list by list.
struct Round {
    now: Timestamp,
    problems: Vec<Problem>,
}

impl Round {
    fn list<F: Listed>(
        &mut self,
        losses: &mut Losses<F::Key>,
        old: &[F],
        new: &mut Vec<F>,
        is_withheld: &impl Fn(Part) -> bool,
    ) {
        let present: BTreeSet<F::Key> = new.iter().map(Listed::key).collect();
        let missing: Vec<&F> = old.iter().filter(|object| !present.contains(&object.key())).collect();
        losses.retain(|key, _| !present.contains(key));
        if missing.is_empty() {
            losses.clear();
            return;
        }
        let mut parts: BTreeMap<Part, Counts> = BTreeMap::new();
        for object in old {
            parts.entry(object.part()).or_default().old += 1;
        }
        for object in &*new {
            parts.entry(object.part()).or_default().came += 1;
        }
        for object in &missing {
            parts.entry(object.part()).or_default().missing += 1;
        }
        for object in missing {
            let (key, part) = (object.key(), object.part());
            let counts = parts.entry(part).or_default();
            let withheld = is_withheld(part);
            let known = losses.get(&key).copied();
            if known.is_none() && !counts.is_suspicious() && !withheld {
                continue;
            }
            let loss = if withheld {
                // What the credentials may not list was not seen to be missing: the count begins when they may again.
                Loss { first: self.now, times: 0 }
            } else {
                let earlier = known.filter(|loss| loss.times > 0);
                earlier.map_or(Loss { first: self.now, times: 1 }, |loss| Loss {
                    times: loss.times.saturating_add(1),
                    ..loss
                })
            };
            if loss.times >= TIMES && self.now.since(loss.first) >= LONG {
                losses.remove(&key);
                continue;
            }
            losses.insert(key, loss);
            counts.held += 1;
            let mut kept = object.clone();
            kept.seen().stale = true;
            new.push(kept);
        }
        for (part, counts) in parts.iter().filter(|(_, counts)| counts.held > 0) {
            self.problems.push(self.problem(part.words(), *counts, is_withheld(*part)));
        }
    }

    fn problem(&self, name: &str, Counts { came, held, .. }: Counts, withheld: bool) -> Problem {
        let message = if withheld {
            format!(
                "the credentials may not list all {name} any more: {came} came, the {held} that are missing stay, \
                 marked stale, until the right is given back"
            )
        } else {
            format!(
                "only {came} {name} came: the {held} that are missing stay, marked stale, until they come back or \
                 have been missing {TIMES} times over at least {} minutes",
                LONG.as_secs() / 60
            )
        };
        Problem { code: ProblemCode::Partial, subject: name.into(), message: message.into(), since: self.now }
    }
}

/// What comes in one answer and can be hidden by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// Of which the source may say that the credentials may not read it.
    Main(MainList),
    /// By the name that people have for it.
    Beside(&'static str),
}

impl Part {
    const fn words(self) -> &'static str {
        match self {
            Self::Main(list) => list.words(),
            Self::Beside(words) => words,
        }
    }
}

/// How many objects of a part there were, came, are missing, and are held.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    old: usize,
    came: usize,
    missing: usize,
    held: usize,
}

impl Counts {
    const fn is_suspicious(self) -> bool {
        self.came == 0 || (self.old >= FEW && self.missing * 2 > self.old)
    }
}

/// An object of a list that is held.
trait Listed: Clone {
    /// What makes it the same object in the next collection.
    type Key: Ord + Clone;

    fn part(&self) -> Part;
    fn key(&self) -> Self::Key;
    fn seen(&mut self) -> &mut Seen;
}

macro_rules! listed {
    ($($fact:ty, $part:expr, $key:ty, $field:ident;)*) => {$(
        impl Listed for $fact {
            type Key = $key;

            fn part(&self) -> Part {
                let part: fn(&Self) -> Part = $part;
                part(self)
            }

            fn key(&self) -> $key {
                self.$field.clone()
            }

            fn seen(&mut self) -> &mut Seen {
                &mut self.seen
            }
        }
    )*};
}

fn part_of_host(host: &ProxyHostFact) -> Part {
    Part::Main(match host.kind {
        ProxyKind::Proxy => MainList::ProxyHosts,
        ProxyKind::Redirection => MainList::RedirectionHosts,
        ProxyKind::Dead => MainList::DeadHosts,
        ProxyKind::Stream => MainList::Streams,
    })
}

listed! {
    NodeFact, |_| Part::Main(MainList::Nodes), Arc<str>, name;
    GuestFact, |_| Part::Main(MainList::Guests), u32, vmid;
    ProxyHostFact, part_of_host, Box<str>, reference;
    CertificateFact, |_| Part::Beside("certificates"), Box<str>, reference;
    DeviceFact, |_| Part::Main(MainList::Devices), Mac, mac;
    ClientFact, |_| Part::Main(MainList::Clients), Mac, mac;
    PortForwardFact, |_| Part::Beside("port forwards"), Box<str>, reference;
    CustomerFact, |_| Part::Main(MainList::Customers), Box<str>, reference;
    SubscriptionItemFact, |_| Part::Beside("items of subscriptions"), Box<str>, reference;
    InvoiceFact, |_| Part::Beside("invoices"), Box<str>, reference;
}
