//! What is set on the controller and seldom changes: networks, port profiles, port forwards, sites.

use serde::Deserialize;

use super::PortVlans;
use super::lenient::{flag, number, text};

/// A record of `rest/networkconf`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NetworkConf {
    /// Its identity.
    #[serde(rename = "_id")]
    pub(crate) id: String,
    /// As people call it.
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    /// corporate, guest, vlan-only, remote-user-vpn, site-vpn, vpn-client, wan.
    #[serde(default, deserialize_with = "text")]
    pub(crate) purpose: Option<String>,
    /// Whether it is in use.
    #[serde(default, deserialize_with = "flag")]
    pub(crate) enabled: Option<bool>,
    /// Whether `vlan` counts.
    #[serde(default, deserialize_with = "flag")]
    pub(crate) vlan_enabled: Option<bool>,
    /// 2 to 4018; the default network has none and is VLAN 1.
    #[serde(default, deserialize_with = "number")]
    pub(crate) vlan: Option<u16>,
    /// The gateway's address in it and its length: `10.1.0.1/22`.
    #[serde(default, deserialize_with = "text")]
    pub(crate) ip_subnet: Option<String>,
    /// static, pd, single_network, none.
    #[serde(default, deserialize_with = "text")]
    pub(crate) ipv6_interface_type: Option<String>,
    /// The gateway's address in it and its length, where the type is static.
    #[serde(default, deserialize_with = "text")]
    pub(crate) ipv6_subnet: Option<String>,
}

/// A record of `rest/portconf`: a port profile.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PortConf {
    /// Its identity.
    #[serde(rename = "_id")]
    pub(crate) id: String,
    /// What its ports carry.
    #[serde(flatten)]
    pub(crate) vlans: PortVlans,
}

/// A record of `rest/portforward`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PortForward {
    /// Its identity.
    #[serde(rename = "_id")]
    pub(crate) id: String,
    /// As people call it.
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    /// Whether it forwards anything; the oldest controllers do not say, and forward.
    #[serde(default, deserialize_with = "flag")]
    pub(crate) enabled: Option<bool>,
    /// tcp, udp, tcp_udp.
    #[serde(default, deserialize_with = "text")]
    pub(crate) proto: Option<String>,
    /// The public port, a list or a range.
    #[serde(default, deserialize_with = "text")]
    pub(crate) dst_port: Option<String>,
    /// Where it leads.
    #[serde(default, deserialize_with = "text")]
    pub(crate) fwd: Option<String>,
    /// The port there; the public one where nothing is said.
    #[serde(default, deserialize_with = "text")]
    pub(crate) fwd_port: Option<String>,
}

/// A record of `self/sites`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Site {
    /// As it stands in paths, and in the configuration.
    pub(crate) name: String,
    /// As people call it.
    #[serde(default, deserialize_with = "text")]
    pub(crate) desc: Option<String>,
}
