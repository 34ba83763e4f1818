//! Growing a world from a seed: networks, nodes cabled to them, guests on those, names that lead to guests.
//!
//! The order matters: whatever is found by an address must bear it first. Nothing here looks anything up in what an
//! observer would see; that is derived last (`clients`).

mod billing;
pub(super) mod clients;
pub(super) mod draw;
pub(super) mod guests;
mod nodes;
pub(super) mod plan;
mod proxies;
mod site;
mod written;

use std::collections::BTreeMap;

use schema::Timestamp;

use self::clients::Sighting;
use self::draw::{Draw, Macs, Part};
use self::site::Site;
use super::spec::{EPOCH, Size};
use super::{Billing, Case, Cluster, Guest, GuestAt, Proxy, Spec, SpecError, World, cases};

/// A world under construction.
pub(super) struct Draft {
    pub(super) size: Size,
    pub(super) sites: Vec<Site>,
    /// The network of each cluster.
    pub(super) site_of: Vec<usize>,
    pub(super) clusters: Vec<Cluster>,
    pub(super) proxies: Vec<Proxy>,
    /// The network of each proxy.
    pub(super) site_of_proxy: Vec<usize>,
    pub(super) pools: Vec<plan::Pool>,
    /// How many nodes each network has by now.
    nodes_in: Vec<u32>,
    guest_macs: Macs,
    node_macs: Macs,
    pub(super) client_macs: Macs,
    /// Guests that are not seen where they are.
    pub(super) sightings: BTreeMap<GuestAt, Sighting>,
    pub(super) cases: Vec<Case>,
}

impl World {
    /// Grows the world of a specification: always the same one.
    pub fn generate(spec: &Spec) -> Result<Self, SpecError> {
        let size = spec.size()?;
        let seed = size.seed;
        let mut secrets = Draw::new(seed, Part::Secrets);
        let mut draft = ground(size);
        for cluster in 0..size.clusters as usize {
            let mut draw = Draw::nth(seed, Part::Nodes, cluster as u64);
            let built = nodes::build(cluster, &mut draft, &mut draw, &mut secrets);
            draft.clusters.push(built);
        }
        let mut draw = Draw::new(seed, Part::Cases);
        proxies::build(&mut draft, &mut draw, &mut secrets);
        cases::add(&mut draft, &mut draw);
        guests::fill(&mut draft, &mut Draw::new(seed, Part::Guests));
        for cluster in &mut draft.clusters {
            cluster.guests.sort_by_key(|guest| guest.vmid);
        }
        proxies::add_hosts(&mut draft, &mut Draw::new(seed, Part::Names));
        proxies::add_certificates(&mut draft, &mut Draw::new(seed, Part::Names));
        clients::see(&mut draft, &mut Draw::new(seed, Part::Clients));
        written::add(&mut draft, &mut Draw::new(seed, Part::Written));
        let billing = billing::build(&mut draft, &mut Draw::new(seed, Part::Billing), &mut secrets);
        Ok(draft.finish(seed, billing))
    }
}

/// Networks, and nothing on them.
fn ground(size: Size) -> Draft {
    let mut draw = Draw::new(size.seed, Part::Sites);
    let mut device_macs = Macs::of([0x74, 0xac, 0xb9], &mut draw);
    let guest_macs = Macs::of([0xbc, 0x24, 0x11], &mut draw);
    let node_macs = Macs::of([0x3c, 0xec, 0xef], &mut draw);
    let client_macs = Macs::of([0x00, 0x11, 0x32], &mut draw);
    let networks = size.networks as usize;
    let sites: Vec<Site> =
        (0..networks).map(|number| site::build(number, &size, &mut draw, &mut device_macs)).collect();
    let clusters = size.clusters as usize;
    Draft {
        site_of: (0..clusters).map(|cluster| cluster * networks / clusters).collect(),
        pools: sites.iter().map(|site| plan::Pool::new(site.vlans)).collect(),
        nodes_in: vec![0; networks],
        sites,
        clusters: Vec::with_capacity(clusters),
        proxies: Vec::new(),
        site_of_proxy: Vec::new(),
        guest_macs,
        node_macs,
        client_macs,
        sightings: BTreeMap::new(),
        cases: Vec::new(),
        size,
    }
}

impl Draft {
    /// A guest, once all of them are in order.
    fn guest_in_order(&self, at: GuestAt) -> &Guest {
        self.clusters[at.cluster].guest(at.vmid).expect("only guests of this draft are named")
    }

    fn finish(self, seed: u64, billing: Billing) -> World {
        World {
            seed,
            epoch: EPOCH,
            networks: self.sites.into_iter().map(|site| site.network).collect(),
            clusters: self.clusters,
            proxies: self.proxies,
            billing,
            cases: self.cases,
        }
    }
}

/// So many seconds earlier.
fn before(at: Timestamp, seconds: u64) -> Timestamp {
    Timestamp::from_millis(at.millis().saturating_sub_unsigned(seconds.saturating_mul(1_000)))
}
