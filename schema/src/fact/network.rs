//! Switches and what hangs on them, in UniFi's words.

use std::net::IpAddr;

use super::Seen;
use crate::{Mac, Timestamp};

/// A device of the controller: switch, gateway or access point.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceFact {
    /// Its identity.
    pub mac: Mac,
    /// As people call it; its model where nobody did.
    pub name: Box<str>,
    /// `USW-48-PoE`.
    pub model: Option<Box<str>>,
    /// What it is. Only a switch and a gateway have ports that are cabled.
    pub kind: DeviceKind,
    /// Its own address.
    pub address: Option<IpAddr>,
    /// state 1 of the controller.
    pub online: bool,
    /// The device above it, and the port there.
    pub uplink: Option<(Mac, Option<u16>)>,
    /// How well it is known.
    pub seen: Seen,
}

/// What a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceKind {
    /// `usw`.
    Switch,
    /// `ugw`, `udm`, `uxg`.
    Gateway,
    /// `uap`.
    AccessPoint,
    /// Anything else.
    Other,
}

/// A port of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct PortFact {
    /// Its device.
    pub switch: Mac,
    /// `port_idx`.
    pub number: u16,
    /// As people call it.
    pub name: Option<Box<str>>,
    /// It has link.
    pub up: bool,
    /// Mbit/s; `None` without link.
    pub speed_mbps: Option<u32>,
    /// Whether it feeds what hangs on it; `None` where it cannot.
    pub poe: Option<bool>,
    /// It leads to the device above.
    pub is_uplink: bool,
    /// It leads to a device below.
    pub is_downlink: bool,
    /// 802.1Q.
    pub native_vlan: Option<u16>,
    /// 802.1Q; ascending.
    pub tagged_vlans: Box<[u16]>,
    /// Ports of one device with the same number here are one link aggregation group; the lowest port's number.
    pub lag: Option<u16>,
    /// How well it is known.
    pub seen: Seen,
}

/// A client as the controller sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientFact {
    /// Its identity.
    pub mac: Mac,
    /// What it was last seen with.
    pub address: Option<IpAddr>,
    /// Its own word, or a person's.
    pub hostname: Option<Box<str>>,
    /// 802.1Q.
    pub vlan: Option<u16>,
    /// By cable: judged by the port, not by a flag that lags.
    pub wired: bool,
    /// The switch and port behind which it was last seen.
    pub port: Option<(Mac, u16)>,
    /// When.
    pub last_seen: Option<Timestamp>,
    /// How well it is known.
    pub seen: Seen,
}

/// A neighbour that a device heard by LLDP on one of its ports.
#[derive(Clone, Debug, PartialEq)]
pub struct LldpFact {
    /// The device that heard it.
    pub switch: Mac,
    /// On this port.
    pub port: u16,
    /// The neighbour's chassis id, where that is a MAC.
    pub chassis: Option<Mac>,
    /// The neighbour's system name, as sent.
    pub system_name: Option<Box<str>>,
    /// How well it is known.
    pub seen: Seen,
}

/// A port forward of the gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct PortForwardFact {
    /// The controller's `_id`.
    pub reference: Box<str>,
    /// As people call it.
    pub name: Option<Box<str>>,
    /// Disabled ones are configured and forward nothing.
    pub enabled: bool,
    /// tcp, udp or both.
    pub protocol: Protocol,
    /// A port, a list or a range, as the controller writes it: `443`, `80,443`, `8000-8100`.
    pub public_port: Box<str>,
    /// Where it leads.
    pub forward_address: Option<IpAddr>,
    /// The port there, in the same writing.
    pub forward_port: Box<str>,
    /// How well it is known.
    pub seen: Seen,
}

/// A transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// Both.
    TcpUdp,
}
