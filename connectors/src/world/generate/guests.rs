//! Ordinary guests: what fills a fleet besides the awkward cases.

use schema::fact::{GuestKind, GuestStatus};

use super::Draft;
use super::draw::Draw;
use super::plan;
use crate::world::spec::EPOCH;
use crate::world::{Agent, Configured, Guest, GuestAt, Nic};

const WORK: &[&str] = &[
    "web", "api", "db", "cache", "queue", "mail", "git", "ci", "wiki", "chat", "erp", "crm", "dns", "ldap",
    "proxy", "logs", "metrics", "backup", "build", "files", "worker", "search", "auth", "shop", "vpn",
];
const TAGS: &[&str] = &["prod", "staging", "web", "database", "customer", "internal", "k8s", "monitored"];
const POOLS: &[&str] = &["customers", "infrastructure", "build"];

/// The first VMID of ordinary guests; below it are the awkward ones, and a template at 900.
const FIRST_VMID: u32 = 1_000;

/// Fills the clusters up to the wanted number of guests, evenly.
pub(super) fn fill(draft: &mut Draft, draw: &mut Draw) {
    let total = draft.size.guests as usize;
    let clusters = draft.clusters.len();
    let mut next_vmid = vec![FIRST_VMID; clusters];
    for cluster in 0..clusters {
        add_template(cluster, draft, draw);
    }
    let mut have: usize = draft.clusters.iter().map(|cluster| cluster.guests.len()).sum();
    let share = total.div_ceil(clusters);
    for cluster in (0..clusters).rev() {
        while have < total && (draft.clusters[cluster].guests.len() < share || cluster == 0) {
            let vmid = next_vmid[cluster];
            // People delete guests: numbers have gaps.
            next_vmid[cluster] += 1 + u32::from(draw.percent(10)) * 3;
            let guest = ordinary(cluster, vmid, draft, draw);
            draft.clusters[cluster].guests.push(guest);
            have += 1;
        }
    }
}

fn ordinary(cluster: usize, vmid: u32, draft: &mut Draft, draw: &mut Draw) -> Guest {
    let site = draft.site_of[cluster];
    let node = pick_node(cluster, draft, draw);
    let (vlan, host) = draft.pools[site].next();
    let mut addresses = vec![plan::address(vlan, host)];
    if draw.percent(15) {
        addresses.push(plan::address6(vlan, host));
    }
    let kind = if draw.percent(45) { GuestKind::Lxc } else { GuestKind::Qemu };
    let (agent, configured) = match kind {
        GuestKind::Lxc => {
            (Agent::Off, draw.one_of(&[Configured::Static, Configured::Static, Configured::Dhcp]))
        }
        GuestKind::Qemu => match draw.below(20) {
            0..=11 => {
                (Agent::Answers, draw.one_of(&[Configured::Nothing, Configured::Static, Configured::Dhcp]))
            }
            12..=14 => (Agent::Off, Configured::Static),
            15..=17 => (Agent::Off, Configured::Nothing),
            18 => (Agent::Silent, Configured::Dhcp),
            _ => (Agent::Unsupported, Configured::Nothing),
        },
    };
    let status = match draw.below(100) {
        0..=88 => GuestStatus::Running,
        89 if kind == GuestKind::Qemu => GuestStatus::Paused,
        _ => GuestStatus::Stopped,
    };
    let nic = draft.nic(vlan, addresses, configured);
    let mut guest = bare(vmid, format!("{}-{vmid}", draw.one_of(WORK)), kind, node, vec![nic], draw);
    (guest.status, guest.agent) = (status, agent);
    guest.tags = TAGS.iter().filter(|_| draw.percent(12)).map(|tag| (*tag).to_owned()).collect();
    guest.pool = draw.percent(30).then(|| draw.one_of(POOLS).to_owned());
    guest.lock = (draw.percent(1) && status == GuestStatus::Running).then(|| "backup".to_owned());
    guest
}

/// A running guest whose agent answers, with drawn figures.
pub(in crate::world) fn bare(
    vmid: u32,
    name: String,
    kind: GuestKind,
    node: usize,
    nics: Vec<Nic>,
    draw: &mut Draw,
) -> Guest {
    let memory_bytes = draw.one_of(&[1_u64, 2, 4, 8, 16, 32]) << 30;
    Guest {
        vmid,
        name,
        kind,
        node,
        status: GuestStatus::Running,
        template: false,
        tags: Vec::new(),
        pool: None,
        lock: None,
        cpus: draw.one_of(&[1, 2, 2, 4, 4, 8]),
        cpu_usage: draw.fraction() * 0.8,
        memory_bytes,
        memory_used_bytes: memory_bytes / 100 * draw.between(5, 95),
        disk_bytes: draw.one_of(&[8_u64, 16, 32, 64, 128]) << 30,
        started_at: super::before(EPOCH, draw.between(60, 86_000)),
        agent: Agent::Answers,
        nics,
        inner: Vec::new(),
    }
}

fn add_template(cluster: usize, draft: &mut Draft, draw: &mut Draw) {
    let nic = draft.nic(1, Vec::new(), Configured::Dhcp);
    let mut template = bare(900, "debian-13-template".into(), GuestKind::Qemu, 0, vec![nic], draw);
    (template.template, template.status, template.agent) = (true, GuestStatus::Stopped, Agent::Off);
    draft.clusters[cluster].guests.push(template);
}

/// Any node, but few guests were on one that is dead now: most were moved away.
fn pick_node(cluster: usize, draft: &Draft, draw: &mut Draw) -> usize {
    let nodes = &draft.clusters[cluster].nodes;
    let node = draw.below(nodes.len());
    if nodes[node].online || draw.percent(25) { node } else { draw.below(2) }
}

impl Draft {
    /// An interface in a VLAN, with the next MAC.
    pub(in crate::world) fn nic(
        &mut self,
        vlan: u16,
        addresses: Vec<std::net::IpAddr>,
        configured: Configured,
    ) -> Nic {
        let vlan = (vlan != 0).then(|| plan::vlan_id(vlan));
        Nic { bridge: "vmbr0".into(), mac: self.guest_macs.next(), vlan, addresses, configured }
    }

    /// A guest under construction.
    pub(in crate::world) fn guest(&self, at: GuestAt) -> &Guest {
        let guests = &self.clusters[at.cluster].guests;
        // While cases are added there are few, and they are not in order yet.
        guests.iter().find(|guest| guest.vmid == at.vmid).expect("only guests that were added are named")
    }
}
