//! Proxmox VE's answers in its own words, as far as they are read. What is not read is not named.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::lenient::{flag, number, text, whole};

/// What every answer is wrapped in. `data` must be there, and may be null.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    #[serde(deserialize_with = "Option::deserialize", bound(deserialize = "T: Deserialize<'de>"))]
    pub(super) data: Option<T>,
}

/// A list whose objects are read one by one.
pub(super) type Objects = Vec<Box<RawValue>>;

/// `/version`
#[derive(Default, Deserialize)]
pub(super) struct Version {
    #[serde(default, deserialize_with = "text")]
    pub(super) version: Option<String>,
}

/// An object of `/cluster/status`: the cluster itself, or one of its nodes.
#[derive(Deserialize)]
pub(super) struct Member {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub(super) quorate: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    pub(super) online: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub(super) ip: Option<String>,
}

/// An object of `/cluster/resources`: a node, a guest, or something that is not read.
#[derive(Deserialize)]
pub(super) struct Resource {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) node: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) vmid: Option<u64>,
    #[serde(default, deserialize_with = "text")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) status: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub(super) template: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub(super) tags: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) pool: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) lock: Option<String>,
    #[serde(default, deserialize_with = "number")]
    pub(super) maxcpu: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    pub(super) cpu: Option<f64>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) maxmem: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) mem: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) maxdisk: Option<u64>,
    #[serde(default, deserialize_with = "number")]
    pub(super) uptime: Option<f64>,
}

/// `/access/permissions`: path -> privilege -> whether it holds below that path too.
pub(super) type Permissions = BTreeMap<String, BTreeMap<String, Propagates>>;

/// The value of a privilege.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Propagates(#[serde(deserialize_with = "flag")] pub(super) Option<bool>);

/// `/nodes/{node}/status`
#[derive(Default, Deserialize)]
pub(super) struct NodeStatus {
    #[serde(default, deserialize_with = "number")]
    pub(super) cpu: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    pub(super) uptime: Option<f64>,
    #[serde(default, deserialize_with = "text")]
    pub(super) pveversion: Option<String>,
    #[serde(default)]
    pub(super) memory: Option<Memory>,
    #[serde(default)]
    pub(super) cpuinfo: Option<CpuInfo>,
}

/// A node's memory.
#[derive(Deserialize)]
pub(super) struct Memory {
    #[serde(default, deserialize_with = "whole")]
    pub(super) total: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    pub(super) used: Option<u64>,
}

/// A node's processors.
#[derive(Deserialize)]
pub(super) struct CpuInfo {
    #[serde(default, deserialize_with = "whole")]
    pub(super) cpus: Option<u64>,
}

/// An object of `/nodes/{node}/network`.
#[derive(Deserialize)]
pub(super) struct NodeInterface {
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub(super) kind: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) address: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) address6: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) gateway: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) gateway6: Option<String>,
}

/// `/nodes/{node}/qemu|lxc/{vmid}/config`: hundreds of possible keys, of which few are read.
pub(super) type Config = BTreeMap<String, Value>;

/// `/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces`
#[derive(Deserialize)]
pub(super) struct AgentAnswer {
    pub(super) result: AgentResult,
}

/// What the agent said: interfaces, or (with HTTP 200) that it cannot tell.
pub(super) enum AgentResult {
    Interfaces(Vec<Interface>),
    Refused,
}

impl<'de> Deserialize<'de> for AgentResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_array() {
            let interfaces = serde_json::from_value(value).map_err(serde::de::Error::custom)?;
            return Ok(Self::Interfaces(interfaces));
        }
        if value.is_null() || value.get("error").is_some() {
            return Ok(Self::Refused);
        }
        Err(serde::de::Error::custom(
            "neither interfaces nor an error, expected a list or an object with `error`",
        ))
    }
}

/// An interface as a guest's agent or a container reports it: both spellings, since newer versions send both.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Interface {
    #[serde(default, rename = "hardware-address", deserialize_with = "text")]
    pub(super) hardware_address: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) hwaddr: Option<String>,
    #[serde(default, rename = "ip-addresses")]
    pub(super) ip_addresses: Option<Vec<InterfaceAddress>>,
    #[serde(default, deserialize_with = "text")]
    pub(super) inet: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) inet6: Option<String>,
}

/// One address of an interface.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct InterfaceAddress {
    #[serde(default, rename = "ip-address", deserialize_with = "text")]
    pub(super) ip_address: Option<String>,
}
