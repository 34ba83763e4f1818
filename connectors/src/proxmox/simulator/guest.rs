//! What a node says of its guests: lists, configurations, status.

use std::fmt::Write as _;

use schema::fact::{GuestKind, GuestStatus};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::world::{Agent, Configured, Guest};

use super::cluster::{lock, tags, word};
use super::reply::{self, Refusal};
use super::{At, interfaces, query};

/// What can be asked of one guest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Config,
    Current,
    AgentInterfaces,
    ContainerInterfaces,
}

impl What {
    pub(super) fn of(kind: GuestKind, part: &str, last: Option<&str>) -> Option<Self> {
        match (kind, part, last) {
            (_, "config", None) => Some(Self::Config),
            (_, "status", Some("current")) => Some(Self::Current),
            (GuestKind::Qemu, "agent", Some("network-get-interfaces")) => Some(Self::AgentInterfaces),
            (GuestKind::Lxc, "interfaces", None) => Some(Self::ContainerInterfaces),
            _ => None,
        }
    }

    /// Whether it takes such parameters.
    pub(super) fn check(self, query: Option<&str>) -> Result<(), Refusal> {
        let known: &[&str] = if self == Self::Config { &["current", "snapshot"] } else { &[] };
        query::only(query, known).map(|_| ())
    }
}

pub(super) fn answer(at: &At<'_>, guest: &Guest, what: What) -> Result<Vec<u8>, Refusal> {
    match what {
        What::Config => reply::data(&config(at, guest)),
        What::Current => reply::data(&current(at, guest)),
        What::AgentInterfaces => interfaces::of_agent(at, guest),
        What::ContainerInterfaces => interfaces::of_container(at, guest),
    }
}

/// A good request for each of those that answers with data, in version 9's form: the official schema is of that.
pub(super) fn sample_paths(before_nine: bool, node: &str, guest: &Guest) -> Vec<String> {
    let base = format!("/nodes/{node}/{}/{}", word(guest.kind), guest.vmid);
    let mut paths = vec![format!("{base}/config"), format!("{base}/status/current")];
    match guest.kind {
        GuestKind::Lxc if guest.runs() && !before_nine => paths.push(format!("{base}/interfaces")),
        GuestKind::Qemu if guest.runs() && matches!(guest.agent, Agent::Answers | Agent::Unsupported) => {
            paths.push(format!("{base}/agent/network-get-interfaces"));
        }
        _ => {}
    }
    paths
}

pub(super) fn list(at: &At<'_>, node: usize, kind: GuestKind, full: bool) -> Result<Vec<u8>, Refusal> {
    let guests = at.cluster.guests.iter().filter(|guest| guest.node == node && guest.kind == kind);
    let rows: Vec<Value> = guests
        .map(|guest| {
            let mut row = figures(at, guest);
            if full && kind == GuestKind::Qemu {
                row.insert("qmpstatus".into(), json!(qmpstatus(guest)));
            }
            Value::Object(row)
        })
        .collect();
    reply::data(&rows)
}

/// What lists and the current status have in common.
fn figures(at: &At<'_>, guest: &Guest) -> Map<String, Value> {
    let active = at.active(guest);
    let uptime = at.uptime(guest);
    let mut row = Map::new();
    let mut put = |key: &str, value: Value| row.insert(key.to_owned(), value);
    put("vmid", json!(guest.vmid));
    put("name", json!(guest.name));
    put("status", json!(if active { "running" } else { "stopped" }));
    put("cpus", json!(guest.cpus));
    put("cpu", json!(if active { guest.cpu_usage } else { 0.0 }));
    put("maxmem", json!(guest.memory_bytes));
    put("mem", json!(if active { guest.memory_used_bytes } else { 0 }));
    put("maxdisk", json!(guest.disk_bytes));
    put("uptime", json!(uptime));
    for (key, rate) in [("netin", 21_000), ("netout", 17_000), ("diskread", 9_000), ("diskwrite", 14_000)] {
        put(key, json!(uptime * rate));
    }
    if let Some(tags) = tags(guest) {
        put("tags", json!(tags));
    }
    if let Some(lock) = lock(guest) {
        put("lock", json!(lock));
    }
    if guest.template {
        put("template", json!(1));
    }
    if active {
        put("pid", json!(1_000 + guest.vmid));
    }
    if guest.kind == GuestKind::Lxc {
        put("type", json!("lxc"));
        put("maxswap", json!(512_u64 << 20));
        put("swap", json!(0));
        put("disk", json!(if active { guest.disk_bytes / 3 } else { 0 }));
    }
    row
}

fn current(at: &At<'_>, guest: &Guest) -> Value {
    let mut row = figures(at, guest);
    row.insert("ha".into(), json!({ "managed": 0 }));
    if guest.kind == GuestKind::Qemu {
        row.insert("qmpstatus".into(), json!(qmpstatus(guest)));
        if guest.agent != Agent::Off {
            row.insert("agent".into(), json!(1));
        }
    }
    Value::Object(row)
}

fn qmpstatus(guest: &Guest) -> &'static str {
    match guest.status {
        GuestStatus::Running => "running",
        GuestStatus::Paused => "paused",
        _ => "stopped",
    }
}

fn config(at: &At<'_>, guest: &Guest) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("digest", json!(digest(at, guest)));
    put("cores", json!(guest.cpus));
    put("onboot", json!(1));
    if let Some(tags) = tags(guest) {
        put("tags", json!(tags));
    }
    if let Some(lock) = lock(guest) {
        put("lock", json!(lock));
    }
    if guest.template {
        put("template", json!(1));
    }
    let (vmid, gigabytes, megabytes) = (guest.vmid, guest.disk_bytes >> 30, guest.memory_bytes >> 20);
    match guest.kind {
        GuestKind::Qemu => {
            put("name", json!(guest.name));
            // A property string since version 8.1, and so a JSON string.
            put("memory", json!(megabytes.to_string()));
            put("sockets", json!(1));
            put("ostype", json!(if guest.agent == Agent::Unsupported { "win11" } else { "l26" }));
            put("boot", json!("order=scsi0;net0"));
            put("scsihw", json!("virtio-scsi-single"));
            put("scsi0", json!(format!("local-lvm:vm-{vmid}-disk-0,iothread=1,size={gigabytes}G")));
            match guest.agent {
                Agent::Off => {}
                Agent::Answers => drop(put("agent", json!("enabled=1,fstrim_cloned_disks=1"))),
                Agent::Silent | Agent::Unsupported => drop(put("agent", json!("1"))),
            }
            for (number, nic) in guest.nics.iter().enumerate() {
                put(&format!("net{number}"), json!(interfaces::qemu_net(nic)));
                if let Some(told) = interfaces::ipconfig(at, nic) {
                    put(&format!("ipconfig{number}"), json!(told));
                }
            }
            if guest.nics.iter().any(|nic| nic.configured != Configured::Nothing) {
                put("ide2", json!(format!("local-lvm:vm-{vmid}-cloudinit,media=cdrom")));
                put("ciuser", json!("debian"));
            }
        }
        GuestKind::Lxc => {
            put("hostname", json!(guest.name));
            put("memory", json!(megabytes));
            put("swap", json!(512));
            put("arch", json!("amd64"));
            put("ostype", json!("debian"));
            put("unprivileged", json!(1));
            put("features", json!("nesting=1"));
            put("rootfs", json!(format!("local-lvm:vm-{vmid}-disk-0,size={gigabytes}G")));
            for (number, nic) in guest.nics.iter().enumerate() {
                put(&format!("net{number}"), json!(interfaces::lxc_net(at, number, nic)));
            }
        }
    }
    Value::Object(map)
}

/// Of the configuration: the same as long as nobody edits it.
fn digest(at: &At<'_>, guest: &Guest) -> String {
    let hash = Sha256::digest(format!("{}/{}/{}", at.world.seed, at.cluster.source, guest.vmid));
    hash.iter().take(20).fold(String::with_capacity(40), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
