//! `/cluster/resources`, sorted into nodes and guests; what cannot be read of it is told object by object.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schema::fact::{GuestKind, GuestStatus, MainList, NodeStatus};
use schema::source::ProblemCode;
use schema::{Problem, Timestamp};

use super::wire::{Objects, Resource};
use crate::objects;

/// What the list said.
#[derive(Default)]
pub(super) struct Entries {
    /// By name.
    pub(super) nodes: BTreeMap<Arc<str>, NodeEntry>,
    /// By VMID.
    pub(super) guests: BTreeMap<u32, GuestEntry>,
    /// Guests that are in the list and could not be read.
    pub(super) unread_guests: BTreeSet<u32>,
    /// Nodes that are in the list and could not be read.
    pub(super) unread_nodes: BTreeSet<Arc<str>>,
    /// Guests without a VMID, nodes without a name, and what may be either.
    nameless: [usize; 3],
    pub(super) problems: Vec<Problem>,
}

/// A node, as listed.
pub(super) struct NodeEntry {
    /// `None`: the list does not say.
    pub(super) status: Option<NodeStatus>,
    pub(super) resource: Resource,
}

/// A guest, as listed.
pub(super) struct GuestEntry {
    pub(super) vmid: u32,
    pub(super) kind: GuestKind,
    pub(super) node: Arc<str>,
    pub(super) status: GuestStatus,
    pub(super) resource: Resource,
}

impl GuestEntry {
    /// Seconds since it was started; 0 where it does not run.
    pub(super) fn uptime(&self) -> f64 {
        self.resource.uptime.unwrap_or(0.0)
    }
}

impl Entries {
    pub(super) fn read(objects: &Objects, now: Timestamp) -> Self {
        let (resources, unread) = objects::each::<Resource>(objects);
        let mut entries = Self::default();
        for resource in resources {
            entries.take(resource, now);
        }
        for object in unread {
            let id = object.id.as_deref().unwrap_or("without id");
            let subject = match id.split_once('/') {
                Some(("qemu" | "lxc", vmid)) => {
                    match vmid.parse::<u32>() {
                        Ok(vmid) => entries.unread_guests.extend([vmid]),
                        Err(_) => entries.nameless[0] += 1,
                    }
                    format!("guest {vmid}")
                }
                Some(("node", name)) => {
                    entries.unread_nodes.insert(name.into());
                    format!("node {name}")
                }
                // A storage, a pool, a network: no guest and no node.
                Some((kind, _)) if !kind.is_empty() => format!("resource {id}"),
                _ => {
                    entries.nameless[2] += 1;
                    format!("resource {id}")
                }
            };
            entries.report(&subject, &object.reason, now);
        }
        entries
    }

    /// The lists in which something stands that could not be read, and how much.
    pub(super) fn unreadable(&self) -> impl Iterator<Item = (MainList, usize)> + use<> {
        let [guests, nodes, either] = self.nameless;
        let counts = [
            (MainList::Guests, self.unread_guests.len() + guests + either),
            (MainList::Nodes, self.unread_nodes.len() + nodes + either),
        ];
        counts.into_iter().filter(|(_, count)| *count > 0)
    }

    fn take(&mut self, resource: Resource, now: Timestamp) {
        let kind = match resource.kind.as_str() {
            "node" => return self.take_node(resource, now),
            "qemu" => GuestKind::Qemu,
            "lxc" => GuestKind::Lxc,
            // Storages, pools, networks: not read. So is whatever a later version may list.
            _ => return,
        };
        let vmid = resource.vmid.and_then(|vmid| u32::try_from(vmid).ok());
        let Some(vmid) = vmid else {
            self.nameless[0] += 1;
            return self.report("guest without VMID", "its VMID is missing", now);
        };
        let subject = format!("guest {vmid}");
        let Some(node) = resource.node.as_deref().filter(|name| is_name(name)) else {
            self.unread_guests.insert(vmid);
            return self.report(&subject, "its node is missing, or is no node's name", now);
        };
        let status = guest_status(resource.status.as_deref(), resource.lock.as_deref());
        if status.is_none() {
            self.report(&subject, "its status is a word that is not known here: taken as unknown", now);
        }
        let status = status.unwrap_or(GuestStatus::Unknown);
        let entry = GuestEntry { vmid, kind, node: node.into(), status, resource };
        if self.guests.contains_key(&vmid) {
            return self.report(&subject, "it is listed twice: the first is taken", now);
        }
        self.guests.insert(vmid, entry);
    }

    fn take_node(&mut self, resource: Resource, now: Timestamp) {
        let Some(name) = resource.node.as_deref().filter(|name| is_name(name)) else {
            self.nameless[1] += 1;
            return self.report("node without name", "its name is missing, or is no node's name", now);
        };
        let name: Arc<str> = name.into();
        let status = resource.status.as_deref().map(|status| match status {
            "online" => NodeStatus::Online,
            "offline" => NodeStatus::Offline,
            _ => NodeStatus::Unknown,
        });
        self.nodes.entry(name).or_insert(NodeEntry { status, resource });
    }

    fn report(&mut self, subject: &str, what: &str, now: Timestamp) {
        self.problems.push(Problem {
            code: ProblemCode::BadResponse,
            subject: objects::short(subject).into(),
            message: what.into(),
            since: now,
        });
    }
}

/// A node's name as Proxmox allows it: it goes into the paths of calls, so that nothing else may pass.
fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    name.len() <= 253 && name.bytes().all(allowed) && name.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// Proxmox' word for a guest: QEMU's own state where it has one. `None`: a word that is not known.
fn guest_status(status: Option<&str>, lock: Option<&str>) -> Option<GuestStatus> {
    Some(match status {
        None | Some("unknown") => GuestStatus::Unknown,
        // Suspended to disk: it does not run, and its lock says why.
        Some("stopped") if matches!(lock, Some("suspended" | "suspending")) => GuestStatus::Suspended,
        Some("stopped" | "shutdown") => GuestStatus::Stopped,
        Some("running" | "save-vm" | "finish-migrate" | "postmigrate") => GuestStatus::Running,
        Some(
            "paused" | "prelaunch" | "inmigrate" | "restore-vm" | "io-error" | "internal-error"
            | "guest-panicked" | "watchdog" | "debug" | "colo" | "frozen",
        ) => GuestStatus::Paused,
        Some("suspended") => GuestStatus::Suspended,
        Some(_) => return None,
    })
}
