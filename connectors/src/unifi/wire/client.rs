//! Records of `stat/sta`: what is on the network now.

use serde::Deserialize;

use super::lenient::{flag, number, text, texts};

/// A client. Counters are not read: they wrap (`tx_retries` 4294967320), and nothing here is made of them.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Client {
    /// Its identity; a VPN client has none.
    #[serde(default, deserialize_with = "text")]
    pub(crate) mac: Option<String>,
    /// As people call it.
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    /// Its own word.
    #[serde(default, deserialize_with = "text")]
    pub(crate) hostname: Option<String>,
    /// What it has now. `last_ip` and `fixed_ip` are not read: the one is what it had, the other what it ought to have.
    #[serde(default, deserialize_with = "text")]
    pub(crate) ip: Option<String>,
    /// Its IPv6 addresses, link-local ones among them.
    #[serde(default, deserialize_with = "texts")]
    pub(crate) ipv6_addresses: Vec<String>,
    /// 802.1Q; 0 is untagged.
    #[serde(default, deserialize_with = "number")]
    pub(crate) vlan: Option<u16>,
    /// 802.1Q, as the gateway sees it.
    #[serde(default, deserialize_with = "number")]
    pub(crate) gw_vlan: Option<u16>,
    /// The `_id` of its network.
    #[serde(default, deserialize_with = "text")]
    pub(crate) network_id: Option<String>,
    /// By cable, if the flag does not lag.
    #[serde(default, deserialize_with = "flag")]
    pub(crate) is_wired: Option<bool>,
    /// The switch behind whose port it was last seen.
    #[serde(default, deserialize_with = "text")]
    pub(crate) sw_mac: Option<String>,
    /// That port.
    #[serde(default, deserialize_with = "number")]
    pub(crate) sw_port: Option<u16>,
    /// The access point that it was last seen at.
    #[serde(default, deserialize_with = "text")]
    pub(crate) ap_mac: Option<String>,
    /// Seconds since 1970, by the controller's clock, as all of these.
    #[serde(default, deserialize_with = "number")]
    pub(crate) last_seen: Option<i64>,
    /// By a switch.
    #[serde(default, rename = "_last_seen_by_usw", deserialize_with = "number")]
    pub(crate) seen_by_switch: Option<i64>,
    /// By an access point.
    #[serde(default, rename = "_last_seen_by_uap", deserialize_with = "number")]
    pub(crate) seen_by_access_point: Option<i64>,
    /// By the gateway.
    #[serde(default, rename = "_last_seen_by_ugw", deserialize_with = "number")]
    pub(crate) seen_by_gateway: Option<i64>,
}
