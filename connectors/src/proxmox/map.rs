//! From what is known of a guest to what is asserted of it: its interfaces with every address that some rule gives them.

use std::collections::BTreeSet;
use std::sync::Arc;

use schema::fact::{AddressClaim, AddressOrigin, GuestFact, GuestKind, GuestStatus, IpReason, NicFact, Seen};
use schema::source::ProblemCode;
use schema::{Mac, Problem, Timestamp, address};

use super::entries::GuestEntry;
use super::guest::{GuestMemory, Outcome, is_down};
use super::property::{GuestConfig, NicConfig, tags};

/// Asserts a guest. `silent`: its node does not answer, so that nobody could ask for its details.
pub(super) fn guest(entry: &GuestEntry, memory: &mut GuestMemory, silent: bool, now: Timestamp) -> GuestFact {
    let nothing = GuestConfig::default();
    let config = memory.config.as_ref().unwrap_or(&nothing);
    let nics: Box<[NicFact]> = nics(entry.kind, config, memory, silent, now);
    let failed = memory.config_fault.as_ref().is_some_and(|fault| fault.code != ProblemCode::Forbidden)
        || matches!(memory.outcome, Outcome::Failed(_));
    let stale = silent || failed;
    let listed = &entry.resource;
    // Of a guest on a silent node the list has little more than its VMID: what was known of it stays.
    let earlier = memory.fact.as_ref().filter(|_| silent);
    let fact = GuestFact {
        vmid: entry.vmid,
        name: match (&listed.name, earlier) {
            (Some(name), _) => name.as_str().into(),
            (None, Some(earlier)) => earlier.name.clone(),
            (None, None) => nameless(entry).into(),
        },
        kind: entry.kind,
        node: Some(Arc::clone(&entry.node)),
        status: entry.status,
        template: listed.template.or(earlier.map(|fact| fact.template)).unwrap_or(false),
        tags: match (&listed.tags, earlier) {
            (None, Some(earlier)) => earlier.tags.clone(),
            (listed, _) => listed.as_deref().map(tags).unwrap_or_default(),
        },
        pool: listed.pool.as_deref().map(Into::into).or_else(|| earlier?.pool.clone()),
        lock: listed.lock.as_deref().map(Into::into).or_else(|| earlier?.lock.clone()),
        cpus: listed.maxcpu.or_else(|| earlier?.cpus),
        cpu_usage: listed.cpu.or_else(|| earlier?.cpu_usage),
        memory_bytes: listed.maxmem.or_else(|| earlier?.memory_bytes),
        memory_used_bytes: listed.mem.or_else(|| earlier?.memory_used_bytes),
        disk_bytes: listed.maxdisk.or_else(|| earlier?.disk_bytes),
        uptime_seconds: listed.uptime.or_else(|| earlier?.uptime_seconds),
        ip_reason: ip_reason(entry, memory, &nics),
        reading: memory.reading(&nics, now),
        nics,
        seen: Seen {
            at: if stale { memory.fact.as_ref().map_or(now, |fact| fact.seen.at) } else { now },
            stale,
        },
    };
    memory.fact = Some(fact.clone());
    fact
}

/// What Proxmox itself calls a guest without a name.
fn nameless(entry: &GuestEntry) -> String {
    let kind = match entry.kind {
        GuestKind::Qemu => "VM",
        GuestKind::Lxc => "CT",
    };
    format!("{kind} {}", entry.vmid)
}

/// What went wrong with a guest's own details, in one problem; `None` where nothing did. What the token may not read is
/// told once for all guests, elsewhere.
pub(super) fn problem(entry: &GuestEntry, memory: &GuestMemory, now: Timestamp) -> Option<Problem> {
    let told = |code, message: String| Problem {
        code,
        subject: format!("guest {}", entry.vmid).into(),
        message: message.into(),
        since: now,
    };
    if let Some(fault) = memory.config_fault.as_ref().filter(|fault| fault.code != ProblemCode::Forbidden) {
        let gone = fault.message.contains("does not exist");
        return Some(if gone {
            let message = "it has moved or is gone since it was listed; the next collection tells".to_owned();
            told(ProblemCode::Partial, message)
        } else {
            told(fault.code, format!("its configuration could not be read: {fault}"))
        });
    }
    if let Outcome::Failed(fault) = &memory.outcome {
        return Some(told(fault.code, format!("its addresses could not be read: {fault}")));
    }
    let unread = &memory.config.as_ref()?.unread;
    (!unread.is_empty()).then(|| told(ProblemCode::BadResponse, unread.join("; ")))
}

fn nics(
    kind: GuestKind,
    config: &GuestConfig,
    memory: &GuestMemory,
    silent: bool,
    now: Timestamp,
) -> Box<[NicFact]> {
    let origin = match kind {
        GuestKind::Qemu => AddressOrigin::GuestAgent,
        GuestKind::Lxc => AddressOrigin::ContainerInterfaces,
    };
    // While the node is silent nobody asked the agent, and its last word stands for as long as that lasts.
    let reported = match (&memory.outcome, silent) {
        (Outcome::Answered, _) | (_, true) => memory.reported.as_ref().map(|(_, by_mac)| by_mac),
        (Outcome::NotAsked, false) if memory.reported.is_none() => None,
        _ => memory.reported_within_silence(now),
    };
    let stale = silent || memory.outcome != Outcome::Answered;
    let mut taken: BTreeSet<Mac> = BTreeSet::new();
    let fact = |nic: &NicConfig| {
        // Two interfaces that were given one MAC cannot be told apart: the first has what the guest reports of it.
        let own = nic.mac.filter(|mac| taken.insert(*mac));
        let reported = own.and_then(|mac| reported?.get(&mac)).into_iter().flatten();
        let reported = reported.map(|address| AddressClaim { origin, address: *address, stale });
        let written = match kind {
            GuestKind::Qemu => AddressOrigin::CloudInit,
            GuestKind::Lxc => AddressOrigin::StaticConfig,
        };
        let written = nic.addresses.iter().map(|address| AddressClaim {
            origin: written,
            address: *address,
            stale: false,
        });
        NicFact {
            name: nic.name.as_str().into(),
            mac: nic.mac,
            bridge: nic.bridge.as_deref().map(Into::into),
            vlan_tag: nic.vlan_tag,
            claims: reported.chain(written).collect(),
        }
    };
    config.nics.iter().map(fact).collect()
}

/// Why nothing that Proxmox said gives an address; `None` where something does, or nobody can tell.
fn ip_reason(entry: &GuestEntry, memory: &GuestMemory, nics: &[NicFact]) -> Option<IpReason> {
    let usable = |claim: &AddressClaim| address::names_a_machine(claim.address);
    if nics.iter().flat_map(|nic| &nic.claims).any(usable) {
        return None;
    }
    let Some(config) = &memory.config else {
        let forbidden = memory.config_fault.as_ref()?.code == ProblemCode::Forbidden;
        return forbidden.then_some(IpReason::NoPermission);
    };
    if is_down(entry.status) || entry.resource.template == Some(true) {
        return Some(IpReason::Stopped);
    }
    if entry.status == GuestStatus::Unknown {
        return None;
    }
    let dynamic = config.nics.iter().any(|nic| nic.dynamic).then_some(IpReason::DhcpUnknown);
    match (&memory.outcome, entry.kind) {
        (Outcome::Refused, _) => Some(IpReason::NoPermission),
        (Outcome::Silent | Outcome::Failed(_), GuestKind::Qemu) => Some(IpReason::AgentError),
        (Outcome::NotAsked, GuestKind::Qemu) if config.agent => Some(IpReason::AgentError),
        (Outcome::NotAsked, GuestKind::Qemu) => dynamic.or(Some(IpReason::AgentOff)),
        (Outcome::Answered, GuestKind::Qemu) => Some(IpReason::DhcpUnknown),
        (_, GuestKind::Lxc) => dynamic,
    }
}
