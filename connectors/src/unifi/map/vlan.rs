//! What a port carries: its own setting, else its override's, else its profile's, as numbers.

use std::collections::{BTreeMap, BTreeSet};

use super::network::vlan_of;
use crate::unifi::kept::Kept;
use crate::unifi::wire::PortVlans;

/// More VLANs than a controller takes: each port that carries all of them lists them.
const MOST_VLANS: usize = 512;

/// The VLANs of the site, and the port profiles that name them.
#[derive(Debug, Default)]
pub(super) struct Vlans<'a> {
    of_network: BTreeMap<&'a str, u16>,
    all: BTreeSet<u16>,
    profiles: BTreeMap<&'a str, &'a PortVlans>,
}

/// What a port carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Carried {
    /// Untagged.
    pub(super) native: Option<u16>,
    /// Tagged, ascending.
    pub(super) tagged: Box<[u16]>,
}

impl<'a> Vlans<'a> {
    /// Those that were read; none where networks were never read.
    pub(super) fn new(kept: &'a Kept) -> Self {
        let mut vlans = Self::default();
        for network in kept.networks.reading.iter().flat_map(|networks| &networks.list.good) {
            if let Some(vlan) = vlan_of(network) {
                vlans.of_network.insert(&network.id, vlan);
                if network.enabled != Some(false) && vlans.all.len() < MOST_VLANS {
                    vlans.all.insert(vlan);
                }
            }
        }
        for profile in kept.profiles.reading.iter().flat_map(|profiles| &profiles.list.good) {
            vlans.profiles.insert(&profile.id, &profile.vlans);
        }
        vlans
    }

    /// The VLAN of a network by its `_id`.
    pub(super) fn of_network(&self, id: &str) -> Option<u16> {
        self.of_network.get(id).copied()
    }

    /// What a port carries, by what is said of it, the strongest first: its override, itself, its profile.
    pub(super) fn carried(&self, said: &[&PortVlans]) -> Carried {
        let profile =
            said.iter().find_map(|vlans| vlans.portconf_id.as_deref()).and_then(|id| self.profiles.get(id));
        let said: Vec<&PortVlans> = said.iter().copied().chain(profile.copied()).collect();
        let forward = said.iter().find_map(|vlans| vlans.forward.as_deref());
        let tagging = said.iter().find_map(|vlans| vlans.tagged_vlan_mgmt.as_deref());
        if forward == Some("disabled") {
            return Carried::default();
        }
        let native = said
            .iter()
            .find_map(|vlans| vlans.native_networkconf_id.as_deref())
            .and_then(|id| self.of_network(id));
        let mut tagged = match (forward, tagging) {
            (Some("native"), _) | (_, Some("block_all")) | (None, None) => BTreeSet::new(),
            (Some("customize"), None) => self.named(&said, |vlans| &vlans.tagged_networkconf_ids),
            _ => {
                let excluded = self.named(&said, |vlans| &vlans.excluded_networkconf_ids);
                self.all.difference(&excluded).copied().collect()
            }
        };
        if let Some(native) = native {
            tagged.remove(&native);
        }
        Carried { native, tagged: tagged.into_iter().collect() }
    }

    /// The VLANs of the networks that the strongest list names.
    fn named(&self, said: &[&PortVlans], list: impl Fn(&PortVlans) -> &Vec<String>) -> BTreeSet<u16> {
        said.iter()
            .map(|vlans| list(vlans))
            .find(|ids| !ids.is_empty())
            .into_iter()
            .flatten()
            .filter_map(|id| self.of_network(id))
            .collect()
    }
}
