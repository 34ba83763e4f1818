//! The address plan, the same in every network: that is what makes `network` matter.
//!
//! 10.0.0.0/16 is management (devices, nodes, proxies, NAS), 10.N.0.0/20 the N-th VLAN of guests. The first 256 addresses
//! of each are for the awkward cases, which have the same addresses in every world.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

/// How many addresses of a VLAN are handed out to ordinary guests.
pub(in crate::world) const VLAN_CAPACITY: u32 = 3_500;

/// The VLAN id of the N-th VLAN of guests.
pub(in crate::world) fn vlan_id(vlan: u16) -> u16 {
    if vlan == 0 { 1 } else { 100 + vlan }
}

/// The subnet of the N-th VLAN; of 0, management's.
pub(in crate::world) fn subnet(vlan: u16) -> IpNet {
    let prefix = if vlan == 0 { 16 } else { 20 };
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, octet(vlan), 0, 0), prefix))
}

/// The router of that subnet.
pub(in crate::world) fn router(vlan: u16) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, octet(vlan), 0, 1))
}

/// The `host`-th address of the N-th VLAN.
pub(in crate::world) fn address(vlan: u16, host: u32) -> IpAddr {
    let base = u32::from(Ipv4Addr::new(10, octet(vlan), 0, 0));
    IpAddr::V4(Ipv4Addr::from(base + host))
}

/// The same machine's IPv6 address, by a unique local prefix.
pub(in crate::world) fn address6(vlan: u16, host: u32) -> IpAddr {
    let [_, _, high, low] = host.to_be_bytes();
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x10, 0, vlan, 0, 0, 0, u16::from_be_bytes([high, low])))
}

/// A node's address: they start at 10.0.16.11.
pub(in crate::world) fn node(number: u32) -> IpAddr {
    address(0, 16 * 256 + 11 + number)
}

/// A device's address: they start at 10.0.1.1, the gateway being 10.0.0.1.
pub(in crate::world) fn device(number: u32) -> IpAddr {
    address(0, 256 + 1 + number)
}

fn octet(vlan: u16) -> u8 {
    u8::try_from(vlan).expect("a network has at most 200 VLANs of guests, as Spec's bounds have it")
}

/// Hands out the addresses of a network's VLANs to ordinary guests, one VLAN after the other in turn.
pub(in crate::world) struct Pool {
    vlans: u16,
    handed_out: u32,
}

impl Pool {
    pub(in crate::world) fn new(vlans: u16) -> Self {
        Self { vlans, handed_out: 0 }
    }

    /// A VLAN and a host within it that nobody has.
    pub(in crate::world) fn next(&mut self) -> (u16, u32) {
        let vlans = u32::from(self.vlans);
        let vlan = u16::try_from(self.handed_out % vlans).unwrap_or(0) + 1;
        let host = 256 + self.handed_out / vlans;
        self.handed_out += 1;
        (vlan, host)
    }
}
