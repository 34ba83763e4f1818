//! One collection: the lists first, then each node's own status, then the details of those guests that are due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream;
use schema::fact::{GuestKind, GuestStatus, MainList, NodeStatus};
use schema::source::ProblemCode;
use schema::{Facts, Problem, Snapshot, Timestamp};
use tokio::time::Instant;

use super::api::Api;
use super::cluster::{ClusterMemory, Members};
use super::entries::{Entries, GuestEntry};
use super::guest::{Addresses, Details, GuestMemory, Outcome};
use super::map;
use super::node::{self, NodeMemory, Said};
use super::property::GuestConfig;
use super::rights::beyond_reading;
use super::wire::{self, Member, Permissions};
use crate::Connector;
use crate::http::CallError;
use crate::objects;

/// Calls under way at once; the share of the connections allows no more.
const AT_ONCE: usize = 5;

/// A Proxmox VE cluster, or a single node.
pub(super) struct Proxmox {
    pub(super) api: Api,
    pub(super) memory: Mutex<Memory>,
    /// No more details are asked for once a collection has taken this long, and no more nodes once it has taken half of
    /// that: a hundred hung agents must not cost the whole collection, and the next one goes on where this one stopped.
    pub(super) budget: Duration,
}

/// What is remembered from one collection to the next.
#[derive(Default)]
pub(super) struct Memory {
    cluster: ClusterMemory,
    nodes: BTreeMap<Arc<str>, NodeMemory>,
    guests: BTreeMap<u32, GuestMemory>,
}

/// What a node said when it was asked.
struct NodeAnswer {
    name: Arc<str>,
    status: Result<wire::NodeStatus, CallError>,
    network: Option<Result<Vec<wire::NodeInterface>, CallError>>,
}

/// A guest whose details are to be read.
struct Asked {
    vmid: u32,
    kind: GuestKind,
    node: Arc<str>,
    status: GuestStatus,
}

impl Asked {
    fn of(entry: &GuestEntry) -> Self {
        Self { vmid: entry.vmid, kind: entry.kind, node: Arc::clone(&entry.node), status: entry.status }
    }
}

/// Why guests may be missing from their list.
struct Unseen {
    code: ProblemCode,
    message: String,
    /// By the token's own rights.
    withheld: bool,
}

/// One collection under way.
struct Round {
    now: Timestamp,
    problems: Vec<Problem>,
}

#[async_trait]
impl Connector for Proxmox {
    async fn collect(&self, now: Timestamp) -> Snapshot {
        let began = Instant::now();
        let (resources, members, permissions) =
            tokio::join!(self.api.cluster_resources(), self.api.cluster_status(), self.api.permissions());
        let mut round = Round { now, problems: Vec::new() };
        let entries = match resources {
            Ok(resources) => Entries::read(&resources, now),
            Err(error) => return round.failed(&error),
        };
        let unreadable = entries.unreadable();
        let members = round.members(members);
        let unseen = self.unseen_guests(&mut round, permissions);
        self.read_version(&mut round).await;

        let answers = self.ask_nodes(&entries, members.as_ref(), began + self.budget / 2, now).await;
        let silent = round.silent_nodes(&entries, members.as_ref(), &answers);
        let left = self.read_guests(&entries, &silent, began + self.budget, now).await;
        if left > 0 {
            let message = format!(
                "the details of {left} guests were not read for want of time: the next collections go on with them"
            );
            round.report(ProblemCode::Partial, "guests", message);
        }
        let facts = self.assert(&mut round, entries, members.as_ref(), &answers, &silent);
        let problems = round.problems;
        let mut snapshot = Snapshot { collected_at: now, facts, problems, ..Snapshot::default() };
        for (list, count) in unreadable {
            let message = format!("{count} of them cannot be read");
            snapshot.not_read(list, ProblemCode::BadResponse, &message, false);
        }
        if let Some(Unseen { code, message, withheld }) = unseen {
            snapshot.not_read(MainList::Guests, code, &message, withheld);
        }
        snapshot
    }

    async fn could_change(&self, _now: Timestamp) -> Vec<String> {
        // What cannot be read was told by the collection.
        self.api.permissions().await.map(|held| beyond_reading(&held)).unwrap_or_default()
    }
}

impl Proxmox {
    /// No await happens while this is held.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the list of guests may lack some that are there, for it is filtered by the token's rights and never refused.
    fn unseen_guests(
        &self,
        round: &mut Round,
        permissions: Result<Permissions, CallError>,
    ) -> Option<Unseen> {
        let unseen = match permissions {
            Ok(permissions) => {
                if !self.memory().cluster.withholds_guests(&permissions) {
                    return None;
                }
                let message = "the token may not list all guests: give it the role PVEAuditor on / (with privilege \
                               separation a token has none of its user's rights)";
                round.report(ProblemCode::Forbidden, "token", message.to_owned());
                Unseen { code: ProblemCode::Forbidden, message: message.to_owned(), withheld: true }
            }
            Err(error) => {
                let message = format!("the token's rights could not be read: {error}");
                round.report(error.code, "permissions", message.clone());
                // The list is taken for as whole as it was when they were last read.
                let withheld = match self.memory().cluster.withheld_guests() {
                    Some(false) => return None,
                    known => known == Some(true),
                };
                let message = format!("nobody knows whether all guests were listed: {message}");
                Unseen { code: error.code, message, withheld }
            }
        };
        Some(unseen)
    }

    async fn read_version(&self, round: &mut Round) {
        if !self.memory().cluster.version_is_due(round.now) {
            return;
        }
        match self.api.version().await {
            Ok(version) => self.memory().cluster.note_version(version, round.now),
            Err(error) => {
                round.report(error.code, "version", format!("the version could not be read: {error}"));
            }
        }
    }

    /// Asks each node that is said to be online for its own status, and where it is due for its network. Those that were
    /// silent last time come last, the one asked longest ago before the others, so that none uses up another's time.
    async fn ask_nodes(
        &self,
        entries: &Entries,
        members: Option<&Members>,
        deadline: Instant,
        now: Timestamp,
    ) -> Vec<NodeAnswer> {
        let online = entries.nodes.iter().filter(|(name, entry)| {
            let online = members.and_then(|members| members.nodes.get(*name)?.0);
            node::status(entry, online) == NodeStatus::Online
        });
        let mut asked: Vec<(node::Turn, Arc<str>, bool)> = {
            let mut memory = self.memory();
            online
                .map(|(name, _)| {
                    let known = memory.nodes.entry(Arc::clone(name)).or_default();
                    (known.turn(), Arc::clone(name), known.network_is_due(now))
                })
                .collect()
        };
        asked.sort();
        let answers = stream::iter(asked).map(|(_, name, network_is_due)| async move {
            let status = if Instant::now() < deadline {
                if let Some(known) = self.memory().nodes.get_mut(&name) {
                    known.note_asked(now);
                }
                self.api.node_status(&name).await
            } else {
                Err(CallError::new(ProblemCode::Timeout, "too many nodes before it did not answer in time"))
            };
            // A silent node would cost a second time-out.
            let network = match &status {
                Err(error) if is_silence(error) => None,
                _ if network_is_due => Some(self.api.node_network(&name).await),
                _ => None,
            };
            NodeAnswer { name, status, network }
        });
        answers.buffer_unordered(AT_ONCE).collect().await
    }

    /// Reads the details of the guests that are due, in their turn; says how many are left.
    async fn read_guests(
        &self,
        entries: &Entries,
        silent: &BTreeSet<Arc<str>>,
        deadline: Instant,
        now: Timestamp,
    ) -> usize {
        let mut due: Vec<((bool, Timestamp), Asked)> = Vec::new();
        {
            let mut memory = self.memory();
            for entry in entries.guests.values() {
                let known = memory.guests.entry(entry.vmid).or_insert_with(|| GuestMemory::new(entry));
                known.note(entry, now);
                if known.is_due(now) && !silent.contains(&entry.node) {
                    due.push((known.turn(), Asked::of(entry)));
                }
            }
        }
        due.sort_by_key(|(turn, guest)| (*turn, guest.vmid));
        let reading = stream::iter(due).map(|(_, guest)| async move {
            if Instant::now() >= deadline {
                return 1;
            }
            let reading = self.read_guest(&guest).await;
            // At once, so that a collection that is cut off has not worked for nothing.
            if let Some(known) = self.memory().guests.get_mut(&guest.vmid) {
                known.absorb(guest.vmid, reading, now);
            }
            0
        });
        reading.buffer_unordered(AT_ONCE).fold(0, async |left, one| left + one).await
    }

    async fn read_guest(&self, guest: &Asked) -> Details {
        let (node, vmid) = (&*guest.node, guest.vmid);
        let config = match guest.kind {
            GuestKind::Qemu => self.api.qemu_config(node, vmid).await,
            GuestKind::Lxc => self.api.lxc_config(node, vmid).await,
        };
        let config = config.map(|config| GuestConfig::read(&config));
        let asks = match (&config, guest.kind) {
            _ if guest.status != GuestStatus::Running => false,
            (Ok(config), GuestKind::Qemu) => config.agent,
            (Ok(_), GuestKind::Lxc) => true,
            (Err(_), _) => false,
        };
        if !asks {
            return Details { config, addresses: Addresses::NotAsked };
        }
        let answer = match guest.kind {
            GuestKind::Qemu => self.api.agent_interfaces(node, vmid).await,
            GuestKind::Lxc => self.api.lxc_interfaces(node, vmid).await.map(Some),
        };
        let addresses = match answer {
            Ok(Some(interfaces)) => Addresses::Answered(interfaces),
            Ok(None) => Addresses::Silent,
            Err(error) => Addresses::Failed(error),
        };
        Details { config, addresses }
    }

    fn assert(
        &self,
        round: &mut Round,
        entries: Entries,
        members: Option<&Members>,
        answers: &[NodeAnswer],
        silent: &BTreeSet<Arc<str>>,
    ) -> Facts {
        let now = round.now;
        let mut memory = self.memory();
        let Memory { cluster, nodes, guests } = &mut *memory;
        nodes.retain(|name, _| entries.nodes.contains_key(name) || entries.unread_nodes.contains(name));
        guests.retain(|vmid, _| entries.guests.contains_key(vmid) || entries.unread_guests.contains(vmid));
        let mut facts = Facts { cluster: Some(cluster.assert(members, now)), ..Facts::default() };

        for (name, entry) in &entries.nodes {
            let known = nodes.entry(Arc::clone(name)).or_default();
            let answer = answers.iter().find(|answer| answer.name == *name);
            match answer.and_then(|answer| answer.network.as_ref()) {
                Some(Ok(interfaces)) => known.note_network(interfaces, now),
                Some(Err(error)) => {
                    round.report(error.code, &format!("network of node {name}"), error.to_string());
                }
                None => {}
            }
            let status = answer.and_then(|answer| answer.status.as_ref().ok());
            let (online, address) =
                members.and_then(|members| members.nodes.get(name)).copied().unwrap_or_default();
            // A node that the list calls offline is known to be just that.
            let stale = silent.contains(name) && node::status(entry, online) == NodeStatus::Online;
            let said = Said { entry, online, address, status, silent: stale };
            facts.nodes.push(known.assert(name, &said, now));
        }
        let mut refused = [0usize; 2];
        for entry in entries.guests.values() {
            let Some(known) = guests.get_mut(&entry.vmid) else { continue };
            let node_is_silent = silent.contains(&entry.node);
            facts.guests.push(map::guest(entry, known, node_is_silent, now));
            if !node_is_silent {
                round.problems.extend(map::problem(entry, known, now));
            }
            let forbidden =
                known.config_fault.as_ref().is_some_and(|fault| fault.code == ProblemCode::Forbidden);
            refused[0] += usize::from(forbidden);
            refused[1] += usize::from(known.outcome == Outcome::Refused);
        }
        round.refused(refused);
        // What is listed and could not be read keeps what was known of it.
        let old_nodes = entries.unread_nodes.iter().filter_map(|name| nodes.get(name)?.fact.clone());
        facts.nodes.extend(old_nodes.map(|mut fact| {
            fact.seen.stale = true;
            fact
        }));
        let unread = entries.unread_guests.iter().filter(|vmid| !entries.guests.contains_key(vmid));
        let old_guests = unread.filter_map(|vmid| guests.get(vmid)?.fact.clone());
        facts.guests.extend(old_guests.map(|mut fact| {
            fact.seen.stale = true;
            fact
        }));
        round.problems.extend(entries.problems);
        facts
    }
}

impl Round {
    fn failed(self, error: &CallError) -> Snapshot {
        let failure = self.problem(error.code, "collection", error.to_string());
        Snapshot { collected_at: self.now, failure: Some(failure), ..Snapshot::default() }
    }

    fn report(&mut self, code: ProblemCode, subject: &str, message: String) {
        let problem = self.problem(code, subject, message);
        self.problems.push(problem);
    }

    fn problem(&self, code: ProblemCode, subject: &str, message: String) -> Problem {
        Problem { code, subject: subject.into(), message: message.into(), since: self.now }
    }

    fn members(&mut self, answer: Result<wire::Objects, CallError>) -> Option<Members> {
        match answer {
            Ok(list) => {
                let (members, unread) = objects::each::<Member>(&list);
                for object in unread {
                    let id = object.id.unwrap_or_else(|| "without id".to_owned());
                    self.report(ProblemCode::BadResponse, &format!("member {id}"), object.reason);
                }
                Some(Members::read(members))
            }
            Err(error) => {
                let message = format!("its name, quorum and node addresses could not be read: {error}");
                self.report(error.code, "cluster", message);
                None
            }
        }
    }

    /// The nodes of which nothing can be learnt now, with a problem for each: they and their guests are as last seen.
    fn silent_nodes(
        &mut self,
        entries: &Entries,
        members: Option<&Members>,
        answers: &[NodeAnswer],
    ) -> BTreeSet<Arc<str>> {
        let mut silent = BTreeSet::new();
        for (name, entry) in &entries.nodes {
            let subject = format!("node {name}");
            let online = members.and_then(|members| members.nodes.get(name)?.0);
            if node::status(entry, online) == NodeStatus::Offline {
                let message =
                    "Proxmox says that it is offline: its guests are as they were last seen".to_owned();
                self.report(ProblemCode::Unreachable, &subject, message);
                silent.insert(Arc::clone(name));
                continue;
            }
            let Some(Err(error)) =
                answers.iter().find(|answer| answer.name == *name).map(|answer| &answer.status)
            else {
                continue;
            };
            if is_silence(error) {
                let message = format!("it and its guests are as they were last seen: {error}");
                self.report(error.code, &subject, message);
                silent.insert(Arc::clone(name));
            } else {
                self.report(error.code, &subject, format!("its status could not be read: {error}"));
            }
        }
        silent
    }

    /// What the token may not read, told once and not for each guest.
    fn refused(&mut self, [configurations, agents]: [usize; 2]) {
        if configurations > 0 {
            let message = format!(
                "the token may not read the configuration of {configurations} guests: give it the role PVEAuditor on /"
            );
            self.report(ProblemCode::Forbidden, "guest configurations", message);
        }
        if agents > 0 {
            let message = format!(
                "the token may not ask {agents} guests for their addresses: give it VM.GuestAgent.Audit (before \
                 Proxmox VE 9: VM.Monitor)"
            );
            self.report(ProblemCode::Forbidden, "guest agents", message);
        }
    }
}

/// Whether a node did not answer at all, as opposed to an answer that is a refusal.
fn is_silence(error: &CallError) -> bool {
    matches!(error.code, ProblemCode::Unreachable | ProblemCode::Timeout)
}
