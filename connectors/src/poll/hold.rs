//! *Empty is not none* (docs/design.md, rule 2): what a main list lacks is kept, marked stale, until its loss is believed.
//!
//! A list that comes back empty, or without more than half of ten or more objects, is more often a token that lost its
//! rights or an upstream that is starting than a fleet that is gone. What came is taken; what is missing stays.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use schema::fact::{
    ClientFact, CustomerFact, DeviceFact, GuestFact, MainList, NodeFact, ProxyHostFact, ProxyKind, Seen,
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
    devices: Losses<Mac>,
    clients: Losses<Mac>,
    customers: Losses<Box<str>>,
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
    let withheld = |list: MainList| fresh.unread.iter().any(|unread| unread.list == list && unread.withheld);
    let mut round = Round { now, problems: Vec::new() };

    round.list(&mut memory.nodes, &old.nodes, &mut new.nodes, &withheld);
    round.list(&mut memory.guests, &old.guests, &mut new.guests, &withheld);
    round.list(&mut memory.proxy_hosts, &old.proxy_hosts, &mut new.proxy_hosts, &withheld);
    round.list(&mut memory.devices, &old.devices, &mut new.devices, &withheld);
    round.list(&mut memory.clients, &old.clients, &mut new.clients, &withheld);
    round.list(&mut memory.customers, &old.customers, &mut new.customers, &withheld);
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
        is_withheld: &impl Fn(MainList) -> bool,
    ) {
        let came = new.len();
        let present: BTreeSet<F::Key> = new.iter().map(Listed::key).collect();
        let missing: Vec<&F> = old.iter().filter(|object| !present.contains(&object.key())).collect();
        losses.retain(|key, _| !present.contains(key));
        if missing.is_empty() {
            losses.clear();
            return;
        }
        let suspicious = came == 0 || (old.len() >= FEW && missing.len() * 2 > old.len());
        let mut hidden = None;
        for object in missing {
            let key = object.key();
            let withheld = is_withheld(object.list());
            let known = losses.get(&key).copied();
            if known.is_none() && !suspicious && !withheld {
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
            hidden = hidden.or(withheld.then(|| object.list()));
            let mut kept = object.clone();
            kept.seen().stale = true;
            new.push(kept);
        }
        let held = new.len() - came;
        if held > 0 {
            self.problems.push(self.problem(hidden.unwrap_or(F::LIST), came, held, hidden.is_some()));
        }
    }

    fn problem(&self, list: MainList, came: usize, held: usize, withheld: bool) -> Problem {
        let name = list.words();
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

/// An object of a main list.
trait Listed: Clone {
    /// What makes it the same object in the next collection.
    type Key: Ord + Clone;
    /// Its list.
    const LIST: MainList;

    /// The list that it came in, where its kind comes in several.
    fn list(&self) -> MainList {
        Self::LIST
    }
    fn key(&self) -> Self::Key;
    fn seen(&mut self) -> &mut Seen;
}

macro_rules! listed {
    ($($fact:ty, $list:ident, $key:ty, $field:ident $(, $of:expr)?;)*) => {$(
        impl Listed for $fact {
            type Key = $key;
            const LIST: MainList = MainList::$list;

            fn key(&self) -> $key {
                self.$field.clone()
            }

            fn seen(&mut self) -> &mut Seen {
                &mut self.seen
            }

            $(fn list(&self) -> MainList {
                $of(self)
            })?
        }
    )*};
}

fn list_of_host(host: &ProxyHostFact) -> MainList {
    if host.kind == ProxyKind::Stream { MainList::Streams } else { MainList::ProxyHosts }
}

listed! {
    NodeFact, Nodes, Arc<str>, name;
    GuestFact, Guests, u32, vmid;
    ProxyHostFact, ProxyHosts, Box<str>, reference, list_of_host;
    DeviceFact, Devices, Mac, mac;
    ClientFact, Clients, Mac, mac;
    CustomerFact, Customers, Box<str>, reference;
}
