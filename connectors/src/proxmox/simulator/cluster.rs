//! What a cluster says of itself as a whole: /version, /cluster/status, /cluster/resources, /access/permissions, /nodes.

use std::collections::{BTreeMap, BTreeSet};

use schema::fact::{GuestKind, GuestStatus};
use serde::Serialize;
use serde_json::json;

use crate::world::{Guest, Node};

use super::reply::{self, Refusal};
use super::{At, query};

pub(super) fn version(at: &At<'_>) -> Result<Vec<u8>, Refusal> {
    let version = &at.cluster.version;
    let release = version.rsplit_once('.').map_or(version.as_str(), |(release, _)| release);
    reply::data(&json!({ "version": version, "release": release, "repoid": repoid(version) }))
}

/// A commit's short id, as a version bears one.
pub(super) fn repoid(version: &str) -> String {
    let number = version.bytes().fold(0x9e37_79b9_u32, |sum, byte| sum.wrapping_mul(31) ^ u32::from(byte));
    format!("{number:08x}")
}

pub(super) fn status(at: &At<'_>) -> Result<Vec<u8>, Refusal> {
    let cluster = at.cluster;
    let mut rows = Vec::new();
    if let Some(name) = &cluster.proxmox_name {
        rows.push(json!({
            "id": "cluster", "type": "cluster", "name": name, "nodes": cluster.nodes.len(),
            "quorate": u8::from(cluster.quorate), "version": cluster.nodes.len() + 1,
        }));
    }
    for (number, node) in cluster.nodes.iter().enumerate() {
        rows.push(json!({
            "id": format!("node/{}", node.name), "type": "node", "name": node.name, "nodeid": number + 1,
            "ip": node.address, "level": "", "local": u8::from(node.name == at.server),
            "online": u8::from(node.online),
        }));
    }
    reply::data(&rows)
}

pub(super) fn nodes(at: &At<'_>) -> Result<Vec<u8>, Refusal> {
    let rows: Vec<_> = at.cluster.nodes.iter().map(|node| NodeRow::of(at, node)).collect();
    reply::data(&rows)
}

pub(super) fn permissions(at: &At<'_>, query: Option<&str>) -> Result<Vec<u8>, Refusal> {
    let parameters = query::only(query, &["path", "userid"])?;
    // The role PVEAuditor, and what reading a guest agent takes.
    let agent = if at.before_nine() { "VM.Monitor" } else { "VM.GuestAgent.Audit" };
    let rights: BTreeMap<&str, u8> =
        ["Datastore.Audit", "Mapping.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit", agent]
            .into_iter()
            .map(|right| (right, 1))
            .collect();
    let paths = match parameters.get("path") {
        Some(path) => vec![path],
        None => {
            vec!["/", "/access", "/access/groups", "/mapping", "/nodes", "/pool", "/sdn", "/storage", "/vms"]
        }
    };
    reply::data(&paths.into_iter().map(|path| (path, &rights)).collect::<BTreeMap<_, _>>())
}

pub(super) fn resources(at: &At<'_>, query: Option<&str>) -> Result<Vec<u8>, Refusal> {
    let parameters = query::only(query, &["type"])?;
    let wanted = parameters.one_of("type", &["vm", "storage", "node", "sdn"])?;
    let want = |kind: &str| wanted.is_none_or(|wanted| wanted == kind);
    let mut rows = Vec::new();
    if want("vm") {
        rows.extend(at.cluster.guests.iter().map(|guest| Row::Guest(GuestRow::of(at, guest))));
    }
    if want("node") {
        rows.extend(at.cluster.nodes.iter().map(|node| Row::Node(NodeRow::of(at, node))));
    }
    for node in at.cluster.nodes.iter().filter(|node| node.online) {
        let name = &node.name;
        if want("storage") {
            rows.push(Row::Other(json!({
                "id": format!("storage/{name}/local"), "type": "storage", "node": name, "storage": "local",
                "plugintype": "dir", "content": "backup,iso,vztmpl", "shared": 0, "status": "available",
                "disk": 40_u64 << 30, "maxdisk": 200_u64 << 30,
            })));
        }
        if want("sdn") {
            rows.push(Row::Other(json!({
                "id": format!("sdn/{name}/localnetwork"), "type": "sdn", "node": name, "sdn": "localnetwork",
                "status": "ok",
            })));
        }
    }
    if wanted.is_none() {
        let pools: BTreeSet<_> = at.cluster.guests.iter().filter_map(|guest| guest.pool.as_ref()).collect();
        for pool in pools {
            rows.push(Row::Other(json!({ "id": format!("/pool/{pool}"), "type": "pool", "pool": pool })));
        }
    }
    reply::data(&rows)
}

#[derive(Serialize)]
#[serde(untagged)]
enum Row<'a> {
    Guest(GuestRow<'a>),
    Node(NodeRow<'a>),
    Other(serde_json::Value),
}

/// A node, in /nodes and in /cluster/resources.
#[derive(Serialize)]
struct NodeRow<'a> {
    id: String,
    r#type: &'static str,
    node: &'a str,
    status: &'static str,
    level: &'static str,
    #[serde(flatten)]
    figures: Option<NodeFigures>,
}

#[derive(Serialize)]
struct NodeFigures {
    cpu: f64,
    maxcpu: u32,
    mem: u64,
    maxmem: u64,
    disk: u64,
    maxdisk: u64,
    uptime: u64,
}

impl<'a> NodeRow<'a> {
    fn of(at: &At<'_>, node: &'a Node) -> Self {
        Self {
            id: format!("node/{}", node.name),
            r#type: "node",
            node: &node.name,
            status: if node.online { "online" } else { "offline" },
            level: "",
            figures: node.online.then(|| NodeFigures {
                cpu: node.cpu_usage,
                maxcpu: node.cpus,
                mem: node.memory_used_bytes,
                maxmem: node.memory_bytes,
                disk: 40 << 30,
                maxdisk: 200 << 30,
                uptime: node.uptime(at.now),
            }),
        }
    }
}

/// A guest in /cluster/resources. Of a dead node's guests only what the cluster's configuration says is left.
#[derive(Serialize)]
struct GuestRow<'a> {
    id: String,
    r#type: &'static str,
    vmid: u32,
    node: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<String>,
    #[serde(flatten)]
    figures: Option<GuestFigures<'a>>,
}

#[derive(Serialize)]
struct GuestFigures<'a> {
    name: &'a str,
    template: u8,
    cpu: f64,
    maxcpu: u32,
    mem: u64,
    maxmem: u64,
    disk: u64,
    maxdisk: u64,
    diskread: u64,
    diskwrite: u64,
    netin: u64,
    netout: u64,
    uptime: u64,
}

impl<'a> GuestRow<'a> {
    fn of(at: &At<'a>, guest: &'a Guest) -> Self {
        let kind = word(guest.kind);
        let status = at.cluster.status_of(guest);
        let uptime = at.uptime(guest);
        let running = u64::from(at.active(guest));
        Self {
            id: format!("{kind}/{}", guest.vmid),
            r#type: kind,
            vmid: guest.vmid,
            node: &at.cluster.nodes[guest.node].name,
            status: match status {
                GuestStatus::Running => "running",
                GuestStatus::Paused => "paused",
                GuestStatus::Unknown => "unknown",
                GuestStatus::Stopped | GuestStatus::Suspended => "stopped",
            },
            pool: guest.pool.as_deref(),
            lock: lock(guest),
            tags: tags(guest),
            figures: (status != GuestStatus::Unknown).then(|| GuestFigures {
                name: &guest.name,
                template: u8::from(guest.template),
                cpu: if running == 1 { guest.cpu_usage } else { 0.0 },
                maxcpu: guest.cpus,
                mem: running * guest.memory_used_bytes,
                maxmem: guest.memory_bytes,
                disk: if guest.kind == GuestKind::Lxc { running * guest.disk_bytes / 3 } else { 0 },
                maxdisk: guest.disk_bytes,
                diskread: uptime * 9_000,
                diskwrite: uptime * 14_000,
                netin: uptime * 21_000,
                netout: uptime * 17_000,
                uptime,
            }),
        }
    }
}

/// `qemu` or `lxc`
pub(super) fn word(kind: GuestKind) -> &'static str {
    match kind {
        GuestKind::Qemu => "qemu",
        GuestKind::Lxc => "lxc",
    }
}

/// What holds a guest; one that sleeps on its disk is stopped under a lock of that name.
pub(super) fn lock(guest: &Guest) -> Option<&str> {
    if guest.status == GuestStatus::Suspended { Some("suspended") } else { guest.lock.as_deref() }
}

/// `prod;web`
pub(super) fn tags(guest: &Guest) -> Option<String> {
    (!guest.tags.is_empty()).then(|| guest.tags.join(";"))
}
