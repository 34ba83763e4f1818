//! One source's facts in the order of their natural keys, with the indexes that need no other source.
//!
//! A part depends on its snapshot alone, so a View shares it with the next one until that source is collected again. It
//! knows nothing of the source's place among the others: handles are made where it is used.

use std::cmp::Ordering;
use std::fmt::Debug;
use std::sync::Arc;

use super::refs::narrow;
use crate::fact::{Facts, GuestFact, GuestStatus, Reading};
use crate::{Mac, Snapshot};

/// No place in a list.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// The facts of one source, ordered. Each list holds places in the snapshot's own list; of facts with equal keys one stands.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) guests: Box<[u32]>,
    pub(crate) nodes: Box<[u32]>,
    pub(crate) proxy_hosts: Box<[u32]>,
    pub(crate) certificates: Box<[u32]>,
    pub(crate) devices: Box<[u32]>,
    pub(crate) ports: Box<[u32]>,
    pub(crate) clients: Box<[u32]>,
    pub(crate) forwards: Box<[u32]>,
    pub(crate) subnets: Box<[u32]>,
    pub(crate) vlans: Box<[u32]>,
    pub(crate) assignments: Box<[u32]>,
    pub(crate) port_map: Box<[u32]>,
    pub(crate) customers: Box<[u32]>,
    pub(crate) items: Box<[u32]>,
    pub(crate) invoices: Box<[u32]>,
    /// The node of each guest, by place among `nodes`, or [`NOWHERE`].
    pub(crate) homes: Box<[u32]>,
    /// Where each node's guests begin among `residents`; one more than there are nodes.
    pub(crate) resident_starts: Box<[u32]>,
    /// Guests by node, then VMID.
    pub(crate) residents: Box<[u32]>,
    /// Guests by the hash of their name, in any case.
    pub(crate) guest_names: Box<[(u32, u32)]>,
    /// Whether there are guests of which nobody knows what they bear: an address that nobody is known to bear may be theirs.
    pub(crate) unknown: Unknown,
    /// Interfaces by MAC: the guest and which of its interfaces.
    pub(crate) guest_macs: Box<[(Mac, u16, u32)]>,
}

/// Whether there are guests of which nobody knows what they bear.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unknown {
    /// Some will be read soon. Those whose facts are stale are not waited for: their node does not answer, or they are held.
    pub(crate) not_yet: bool,
    /// Some that run, by the last word of them, could not be read.
    pub(crate) failed: bool,
}

impl Unknown {
    fn of(guests: &[GuestFact]) -> Self {
        let mut unknown = Self::default();
        for guest in guests.iter().filter(|guest| guest.reading != Reading::Done && !guest.template) {
            if guest.reading == Reading::NotYet && !guest.seen.stale {
                unknown.not_yet = true;
            } else if may_run(guest) {
                unknown.failed = true;
            }
        }
        unknown
    }
}

/// Of a guest on a node that does not answer Proxmox does not know whether it runs, nor does anybody then.
fn may_run(guest: &GuestFact) -> bool {
    guest.status == GuestStatus::Running || (guest.status == GuestStatus::Unknown && !guest.seen.stale)
}

/// The places of facts, ordered by key. Of several with one key that stands which was read last, then the first in words:
/// the order in which a source lists things decides nothing.
fn order<T: Debug>(
    facts: &[T],
    key: impl Fn(&T, &T) -> Ordering,
    seen: impl Fn(&T) -> crate::fact::Seen,
) -> Box<[u32]> {
    let mut places: Vec<u32> = (0..narrow(facts.len())).collect();
    let compare = |a: &u32, b: &u32| key(&facts[*a as usize], &facts[*b as usize]);
    if !facts.is_sorted_by(|a, b| key(a, b).is_lt()) {
        places.sort_unstable_by(compare);
        if places.windows(2).any(|pair| compare(&pair[0], &pair[1]).is_eq()) {
            places.sort_by_cached_key(|place| {
                let fact = &facts[*place as usize];
                (std::cmp::Reverse(seen(fact).at), format!("{fact:?}"))
            });
            places.sort_by(compare);
            places.dedup_by(|a, b| compare(a, b).is_eq());
        }
    }
    places.into()
}

/// A hash of a name that is the same in any case.
pub(crate) fn hash_name(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    })
}

impl Part {
    pub(crate) fn new(snapshot: Arc<Snapshot>) -> Self {
        let f = &snapshot.facts;
        let nodes = order(&f.nodes, |a, b| a.name.cmp(&b.name), |n| n.seen);
        let guests = order(&f.guests, |a, b| a.vmid.cmp(&b.vmid), |g| g.seen);
        let mut part = Self {
            proxy_hosts: order(&f.proxy_hosts, |a, b| a.reference.cmp(&b.reference), |h| h.seen),
            certificates: order(&f.certificates, |a, b| a.reference.cmp(&b.reference), |c| c.seen),
            devices: order(&f.devices, |a, b| a.mac.cmp(&b.mac), |d| d.seen),
            ports: order(&f.ports, |a, b| (a.switch, a.number).cmp(&(b.switch, b.number)), |p| p.seen),
            clients: order(&f.clients, |a, b| a.mac.cmp(&b.mac), |c| c.seen),
            forwards: order(&f.port_forwards, |a, b| a.reference.cmp(&b.reference), |p| p.seen),
            subnets: order(&f.subnets, |a, b| (&a.network, a.cidr).cmp(&(&b.network, b.cidr)), |s| s.seen),
            vlans: order(&f.vlans, |a, b| a.reference.cmp(&b.reference), |v| v.seen),
            assignments: order(&f.assignments, |a, b| a.reference.cmp(&b.reference), |a| a.seen),
            port_map: order(&f.port_map, |a, b| a.reference.cmp(&b.reference), |p| p.seen),
            customers: order(&f.customers, |a, b| a.reference.cmp(&b.reference), |c| c.seen),
            items: order(&f.subscription_items, |a, b| a.reference.cmp(&b.reference), |i| i.seen),
            invoices: order(&f.invoices, |a, b| a.reference.cmp(&b.reference), |i| i.seen),
            nodes,
            guests,
            unknown: Unknown::of(&f.guests),
            ..Self::default()
        };
        part.house(f);
        part.guest_names = part.name_guests(f);
        part.guest_macs = part.mac_guests(f);
        part.snapshot = snapshot;
        part
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.snapshot.facts
    }

    pub(crate) fn guest(&self, index: usize) -> &GuestFact {
        &self.facts().guests[self.guests[index] as usize]
    }

    /// The place of a node among `nodes`.
    pub(crate) fn find_node(&self, name: &str) -> Option<usize> {
        find(&self.nodes, &self.facts().nodes, |node| (*node.name).cmp(name))
    }

    /// The place of a guest among `guests`.
    pub(crate) fn find_guest(&self, vmid: u32) -> Option<usize> {
        find(&self.guests, &self.facts().guests, |guest| guest.vmid.cmp(&vmid))
    }

    /// The guests of a node, by VMID.
    pub(crate) fn residents(&self, node: usize) -> &[u32] {
        &self.residents[self.resident_starts[node] as usize..self.resident_starts[node + 1] as usize]
    }

    /// The guests that bear a name, in any case, by VMID.
    pub(crate) fn guests_named<'p>(&'p self, name: &'p str, hash: u32) -> impl Iterator<Item = u32> + 'p {
        let start = self.guest_names.partition_point(|entry| entry.0 < hash);
        self.guest_names[start..]
            .iter()
            .take_while(move |entry| entry.0 == hash)
            .map(|entry| entry.1)
            .filter(move |guest| self.guest(*guest as usize).name.eq_ignore_ascii_case(name))
    }

    /// The interfaces that bear a MAC: guest and place among its interfaces.
    pub(crate) fn interfaces_of(&self, mac: Mac) -> impl Iterator<Item = (u32, u16)> + '_ {
        let start = self.guest_macs.partition_point(|entry| entry.0 < mac);
        self.guest_macs[start..]
            .iter()
            .take_while(move |entry| entry.0 == mac)
            .map(|entry| (entry.2, entry.1))
    }

    /// Puts every guest on its node.
    fn house(&mut self, facts: &Facts) {
        // Few names, many guests: the last node found is most often the next one's, too.
        let mut last: Option<(Arc<str>, u32)> = None;
        let mut homes = Vec::with_capacity(self.guests.len());
        for place in &self.guests {
            let home = facts.guests[*place as usize].node.as_ref().map_or(NOWHERE, |name| match &last {
                Some((known, home)) if Arc::ptr_eq(known, name) => *home,
                _ => {
                    let found =
                        find(&self.nodes, &facts.nodes, |node| node.name.cmp(name)).map_or(NOWHERE, narrow);
                    last = Some((name.clone(), found));
                    found
                }
            });
            homes.push(home);
        }
        let mut starts = vec![0u32; self.nodes.len() + 1];
        for home in homes.iter().filter(|home| **home != NOWHERE) {
            starts[*home as usize + 1] += 1;
        }
        for node in 0..self.nodes.len() {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut residents = vec![0u32; starts.last().map_or(0, |end| *end as usize)];
        for (guest, home) in homes.iter().enumerate().filter(|(_, home)| **home != NOWHERE) {
            let slot = &mut next[*home as usize];
            residents[*slot as usize] = narrow(guest);
            *slot += 1;
        }
        (self.homes, self.resident_starts, self.residents) = (homes.into(), starts.into(), residents.into());
    }

    fn name_guests(&self, facts: &Facts) -> Box<[(u32, u32)]> {
        let mut names: Vec<(u32, u32)> = self
            .guests
            .iter()
            .enumerate()
            .map(|(guest, place)| (hash_name(&facts.guests[*place as usize].name), narrow(guest)))
            .collect();
        names.sort_unstable();
        names.into()
    }

    fn mac_guests(&self, facts: &Facts) -> Box<[(Mac, u16, u32)]> {
        let mut macs = Vec::with_capacity(self.guests.len());
        for (guest, place) in self.guests.iter().enumerate() {
            // Proxmox gives a guest 32 interfaces at most; what a hostile answer has beyond 65,535 bears no MAC here.
            for (nic, number) in facts.guests[*place as usize].nics.iter().zip(0u16..) {
                if let Some(mac) = nic.mac.filter(|mac| !mac.is_anonymous()) {
                    macs.push((mac, number, narrow(guest)));
                }
            }
        }
        macs.sort_unstable_by_key(|(mac, number, guest)| (*mac, *guest, *number));
        macs.into()
    }
}

/// The place of a key in an ordered list of places.
pub(crate) fn find<T>(places: &[u32], facts: &[T], compare: impl Fn(&T) -> Ordering) -> Option<usize> {
    places.binary_search_by(|place| compare(&facts[*place as usize])).ok()
}
