//! What a node says of itself: /nodes/{node}/status, /nodes/{node}/network.

use serde_json::{Value, json};

use crate::world::{Bond, Node};

use super::cluster::repoid;
use super::reply::{self, Refusal};
use super::{At, query};

pub(super) fn status(at: &At<'_>, node: &Node) -> Result<Vec<u8>, Refusal> {
    let version = &at.cluster.version;
    let load = |factor: f64| format!("{:.2}", node.cpu_usage * f64::from(node.cpus) * factor);
    let (total, used) = (node.memory_bytes, node.memory_used_bytes);
    let (disk, disk_used) = (200_u64 << 30, 40_u64 << 30);
    reply::data(&json!({
        "boot-info": { "mode": "efi", "secureboot": 0 },
        "cpu": node.cpu_usage,
        "cpuinfo": {
            "cores": node.cpus / 2, "cpus": node.cpus, "sockets": 2, "hvm": "1", "mhz": "2600.000",
            "model": "Intel(R) Xeon(R) CPU E5-2690 v4 @ 2.60GHz", "user_hz": 100,
        },
        "current-kernel": {
            "machine": "x86_64", "release": "6.14.11-4-pve", "sysname": "Linux",
            "version": "#1 SMP PREEMPT_DYNAMIC PMX 6.14.11-4 (2025-10-10T08:04Z)",
        },
        "idle": 0,
        "ksm": { "shared": 0 },
        "kversion": "Linux 6.14.11-4-pve #1 SMP PREEMPT_DYNAMIC PMX 6.14.11-4 (2025-10-10T08:04Z)",
        "loadavg": [load(1.1), load(1.0), load(0.9)],
        "memory": { "available": total - used, "free": (total - used) / 2, "total": total, "used": used },
        "pveversion": format!("pve-manager/{version}/{}", repoid(version)),
        "rootfs": { "avail": disk - disk_used, "free": disk - disk_used, "total": disk, "used": disk_used },
        "swap": { "free": 8_u64 << 30, "total": 8_u64 << 30, "used": 0 },
        "uptime": node.uptime(at.now),
        "wait": 0.001,
    }))
}

const TYPES: &[&str] = &[
    "bridge",
    "bond",
    "eth",
    "alias",
    "vlan",
    "fabric",
    "OVSBridge",
    "OVSBond",
    "OVSPort",
    "OVSIntPort",
    "vnet",
    "any_bridge",
    "any_local_bridge",
    "include_sdn",
];

pub(super) fn network(at: &At<'_>, node: &Node, query: Option<&str>) -> Result<Vec<u8>, Refusal> {
    let parameters = query::only(query, &["type"])?;
    let wanted = parameters.one_of("type", TYPES)?.map(|wanted| match wanted {
        "any_bridge" | "any_local_bridge" => "bridge",
        other => other,
    });
    let mut rows: Vec<Value> = Vec::new();
    let manual = |iface: &str, kind: &str, priority: usize| {
        json!({
            "iface": iface, "type": kind, "method": "manual", "method6": "manual", "families": ["inet"],
            "priority": priority, "active": 1,
        })
    };
    for (number, nic) in node.nics.iter().enumerate() {
        let mut row = manual(&nic.name, "eth", number + 3);
        row["exists"] = json!(1);
        if nic.port.is_none() {
            row.as_object_mut().map(|row| row.remove("active"));
        }
        rows.push(row);
    }
    let names: Vec<&str> = node.nics.iter().map(|nic| nic.name.as_str()).collect();
    if let Some(bond) = node.bond {
        let mut row = manual("bond0", "bond", 10);
        row["slaves"] = json!(names.join(" "));
        row["autostart"] = json!(1);
        match bond {
            Bond::Lag => {
                row["bond_mode"] = json!("802.3ad");
                row["bond_xmit_hash_policy"] = json!("layer2+3");
            }
            Bond::ActiveBackup => {
                row["bond_mode"] = json!("active-backup");
                row["bond-primary"] = json!(names.first());
            }
        }
        rows.push(row);
    }
    let below = if node.bond.is_some() { "bond0" } else { names.first().copied().unwrap_or("eno1") };
    let prefix = at.prefix_of(node.address);
    let mut bridge = manual("vmbr0", "bridge", 11);
    bridge["method"] = json!("static");
    bridge["address"] = json!(node.address);
    bridge["netmask"] = json!(prefix.to_string());
    bridge["cidr"] = json!(format!("{}/{prefix}", node.address));
    bridge["gateway"] = json!(at.gateway_of(node.address));
    bridge["autostart"] = json!(1);
    bridge["bridge_ports"] = json!(below);
    bridge["bridge_stp"] = json!("off");
    bridge["bridge_fd"] = json!("0");
    bridge["bridge_vlan_aware"] = json!(1);
    bridge["bridge_vids"] = json!("2-4094");
    rows.push(bridge);
    rows.retain(|row| wanted.is_none_or(|wanted| wanted == "include_sdn" || row["type"] == wanted));
    reply::data(&rows)
}
