//! The cluster as a whole: its name, its quorum, and what the token may list.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use schema::Timestamp;
use schema::fact::{ClusterFact, Seen};

use super::property;
use super::wire::{Member, Permissions, Version};

/// A version seldom changes.
const VERSION_EVERY: Duration = Duration::from_mins(5);
/// The privilege by which `/cluster/resources` shows a guest.
const LISTS_GUESTS: &str = "VM.Audit";

/// What is remembered of the cluster.
#[derive(Default)]
pub(super) struct ClusterMemory {
    version: Option<Box<str>>,
    version_due: Timestamp,
    fact: ClusterFact,
    /// The token could list every guest there is.
    listed_all: bool,
    /// It withheld guests when its rights were last read.
    withheld: Option<bool>,
}

/// `/cluster/status`, sorted.
#[derive(Default)]
pub(super) struct Members {
    pub(super) name: Option<String>,
    pub(super) quorate: Option<bool>,
    /// Whether each node is online, and its address.
    pub(super) nodes: BTreeMap<Arc<str>, (Option<bool>, Option<IpAddr>)>,
}

impl Members {
    pub(super) fn read(members: Vec<Member>) -> Self {
        let mut sorted = Self::default();
        for member in members {
            match (member.kind.as_str(), member.name) {
                ("cluster", name) => {
                    sorted.name = name;
                    sorted.quorate = member.quorate;
                }
                ("node", Some(name)) => {
                    let address = member.ip.as_deref().and_then(property::address);
                    sorted.nodes.insert(name.into(), (member.online, address));
                }
                _ => {}
            }
        }
        sorted
    }
}

impl ClusterMemory {
    pub(super) fn version_is_due(&self, now: Timestamp) -> bool {
        now >= self.version_due
    }

    pub(super) fn note_version(&mut self, version: Version, now: Timestamp) {
        self.version = version.version.map(Into::into);
        self.version_due = now.plus(VERSION_EVERY);
    }

    /// The cluster as it is now known; `None` for members that could not be read: what was known of it stays, stale.
    pub(super) fn assert(&mut self, members: Option<&Members>, now: Timestamp) -> ClusterFact {
        self.fact.version.clone_from(&self.version);
        match members {
            Some(members) => {
                self.fact.proxmox_name = members.name.as_deref().map(Into::into);
                self.fact.quorate = members.quorate;
                self.fact.seen = Seen { at: now, stale: false };
            }
            None => self.fact.seen.stale = true,
        }
        self.fact.clone()
    }

    /// What [`Self::withholds_guests`] said last; `None` before the token's rights were read.
    pub(super) fn withheld_guests(&self) -> Option<bool> {
        self.withheld
    }

    /// Whether guests are missing from the list because the token may not list them: no right to any, or only to some
    /// where it had the right to all.
    pub(super) fn withholds_guests(&mut self, permissions: &Permissions) -> bool {
        let all = ["/", "/vms"].iter().any(|path| {
            let privileges = permissions.get(*path);
            privileges.and_then(|held| held.get(LISTS_GUESTS)).is_some_and(|held| held.0 == Some(true))
        });
        let some = permissions.values().any(|held| held.contains_key(LISTS_GUESTS));
        self.listed_all |= all;
        let withheld = !some || (self.listed_all && !all);
        self.withheld = Some(withheld);
        withheld
    }
}
