//! Records of `stat/device`: switches, gateways, access points, and what their ports say.

use serde::Deserialize;

use super::lenient::{Each, flag, number, numbers, text, texts};

/// A device of the controller.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Device {
    /// Its identity.
    pub(crate) mac: String,
    /// As people call it.
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    /// Its own word.
    #[serde(default, deserialize_with = "text")]
    pub(crate) hostname: Option<String>,
    /// UniFi's model code: `US24P250`.
    #[serde(default, deserialize_with = "text")]
    pub(crate) model: Option<String>,
    /// usw, uap, ugw, udm, uxg, ...
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub(crate) kind: Option<String>,
    /// Its own address; of a gateway the public one.
    #[serde(default, deserialize_with = "text")]
    pub(crate) ip: Option<String>,
    /// Of a gateway: its address on the LAN, where the firmware tells it.
    #[serde(default, deserialize_with = "text")]
    pub(crate) lan_ip: Option<String>,
    /// Where the controller reaches it; of a gateway its address on the LAN, or loopback where both are one machine.
    #[serde(default, deserialize_with = "text")]
    pub(crate) connect_request_ip: Option<String>,
    /// Whether it is this controller's.
    #[serde(default, deserialize_with = "flag")]
    pub(crate) adopted: Option<bool>,
    /// 1: connected.
    #[serde(default, deserialize_with = "number")]
    pub(crate) state: Option<i64>,
    /// Changes with every change of its settings.
    #[serde(default, deserialize_with = "text")]
    pub(crate) cfgversion: Option<String>,
    /// How it hangs on the one above it.
    #[serde(default)]
    pub(crate) uplink: Option<Uplink>,
    /// The same, as of when it was last connected.
    #[serde(default)]
    pub(crate) last_uplink: Option<Uplink>,
    /// What hangs on its ports, of the controller's own devices.
    #[serde(default)]
    pub(crate) downlink_table: Each<Downlink>,
    /// What it hears; newer firmware.
    #[serde(default)]
    pub(crate) lldp_table: Each<DeviceNeighbour>,
    /// Its ports.
    #[serde(default)]
    pub(crate) port_table: Each<Port>,
    /// What somebody set on its ports.
    #[serde(default)]
    pub(crate) port_overrides: Each<PortOverride>,
}

/// How a device hangs on the one above it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Uplink {
    /// wire, wireless.
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub(crate) kind: Option<String>,
    /// The device above; a gateway has none.
    #[serde(default, rename = "uplink_mac", deserialize_with = "text")]
    pub(crate) above: Option<String>,
    /// The port there.
    #[serde(default, rename = "uplink_remote_port", deserialize_with = "number")]
    pub(crate) remote_port: Option<u16>,
    /// Its own port.
    #[serde(default, deserialize_with = "number")]
    pub(crate) port_idx: Option<u16>,
}

/// A device below, as the one above tells it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Downlink {
    /// The port it hangs on.
    #[serde(default, deserialize_with = "number")]
    pub(crate) port_idx: Option<u16>,
    /// The device.
    #[serde(default, deserialize_with = "text")]
    pub(crate) mac: Option<String>,
}

/// A neighbour in a device's own `lldp_table`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DeviceNeighbour {
    /// Mostly a MAC.
    #[serde(default, deserialize_with = "text")]
    pub(crate) chassis_id: Option<String>,
    /// False: heard over the air, between access points.
    #[serde(default, deserialize_with = "flag")]
    pub(crate) is_wired: Option<bool>,
    /// The port that heard it.
    #[serde(default, deserialize_with = "number")]
    pub(crate) local_port_idx: Option<u16>,
    /// The interface that heard it: `eth3`.
    #[serde(default, deserialize_with = "text")]
    pub(crate) local_port_name: Option<String>,
    /// What it calls itself, where the firmware tells it.
    #[serde(default, alias = "lldp_system_name", deserialize_with = "text")]
    pub(crate) system_name: Option<String>,
}

/// A port. A gateway of the older kind has ports without number, which name nothing.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Port {
    /// Its number, from 1.
    #[serde(default, rename = "port_idx", deserialize_with = "number")]
    pub(crate) number: Option<u16>,
    /// As people call it.
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    /// `eth3`
    #[serde(default, deserialize_with = "text")]
    pub(crate) ifname: Option<String>,
    /// It has link.
    #[serde(default, deserialize_with = "flag")]
    pub(crate) up: Option<bool>,
    /// Mbit/s; 0 without link.
    #[serde(default, deserialize_with = "number")]
    pub(crate) speed: Option<u32>,
    /// It can feed what hangs on it.
    #[serde(default, rename = "port_poe", deserialize_with = "flag")]
    pub(crate) poe_able: Option<bool>,
    /// It does.
    #[serde(default, deserialize_with = "flag")]
    pub(crate) poe_enable: Option<bool>,
    /// And what hangs on it takes it.
    #[serde(default, deserialize_with = "flag")]
    pub(crate) poe_good: Option<bool>,
    /// It leads to the device above.
    #[serde(default, deserialize_with = "flag")]
    pub(crate) is_uplink: Option<bool>,
    /// The first port of the group that this one belongs to; `false` for the first itself and where there is no group.
    #[serde(default, deserialize_with = "number")]
    pub(crate) aggregated_by: Option<u16>,
    /// The number of its group, from 1; newer firmware.
    #[serde(default, deserialize_with = "number")]
    pub(crate) lag_idx: Option<u16>,
    /// switch, mirror, aggregate.
    #[serde(default, deserialize_with = "text")]
    pub(crate) op_mode: Option<String>,
    /// How many ports its group has, itself and those behind it; older firmware.
    #[serde(default, deserialize_with = "number")]
    pub(crate) aggregate_num_ports: Option<u16>,
    /// The ports of its group; newer firmware.
    #[serde(default, deserialize_with = "numbers")]
    pub(crate) aggregate_members: Vec<u16>,
    /// What it carries.
    #[serde(flatten)]
    pub(crate) vlans: PortVlans,
    /// What it hears; older firmware.
    #[serde(default)]
    pub(crate) lldp_table: Each<PortNeighbour>,
}

/// A neighbour in a port's `lldp_table`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PortNeighbour {
    /// Mostly a MAC.
    #[serde(default, alias = "chassis_id", deserialize_with = "text")]
    pub(crate) lldp_chassis_id: Option<String>,
    /// What it calls itself.
    #[serde(default, alias = "system_name", deserialize_with = "text")]
    pub(crate) lldp_system_name: Option<String>,
}

/// What somebody set on a port.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PortOverride {
    /// Its number; one without is left over from an older firmware.
    #[serde(default, deserialize_with = "number")]
    pub(crate) port_idx: Option<u16>,
    /// switch, mirror, aggregate.
    #[serde(default, deserialize_with = "text")]
    pub(crate) op_mode: Option<String>,
    /// How many ports its group has; older controllers.
    #[serde(default, deserialize_with = "number")]
    pub(crate) aggregate_num_ports: Option<u16>,
    /// The ports of its group; newer controllers.
    #[serde(default, deserialize_with = "numbers")]
    pub(crate) aggregate_members: Vec<u16>,
    /// What it carries.
    #[serde(flatten)]
    pub(crate) vlans: PortVlans,
}

/// What a port carries, as a port, an override and a port profile all say it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct PortVlans {
    /// Its profile's `_id`.
    #[serde(default, deserialize_with = "text")]
    pub(crate) portconf_id: Option<String>,
    /// all, native, customize, disabled.
    #[serde(default, deserialize_with = "text")]
    pub(crate) forward: Option<String>,
    /// auto, block_all, custom; newer controllers.
    #[serde(default, deserialize_with = "text")]
    pub(crate) tagged_vlan_mgmt: Option<String>,
    /// The `_id` of the network that is untagged.
    #[serde(default, deserialize_with = "text")]
    pub(crate) native_networkconf_id: Option<String>,
    /// Networks that are not tagged although the others are; newer controllers.
    #[serde(default, deserialize_with = "texts")]
    pub(crate) excluded_networkconf_ids: Vec<String>,
    /// Networks that are tagged; older controllers.
    #[serde(default, deserialize_with = "texts")]
    pub(crate) tagged_networkconf_ids: Vec<String>,
}
