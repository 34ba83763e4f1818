//! Subnets and VLANs as they are set on the controller.

use ipnet::IpNet;
use schema::fact::{Seen, SubnetFact, VlanFact, VlanState};
use schema::{Facts, SourceInfo};

use super::{Problems, Reading};
use crate::unifi::wire::{self, NetworkConf};

/// The VLAN of a network that is one's own: the default network, which names none, is VLAN 1.
pub(super) fn vlan_of(network: &NetworkConf) -> Option<u16> {
    let own = matches!(network.purpose.as_deref(), Some("corporate" | "guest" | "vlan-only"));
    let tagged = network.vlan_enabled != Some(false) || network.purpose.as_deref() == Some("vlan-only");
    let vlan = network.vlan.filter(|_| tagged).unwrap_or(1);
    (own && (1..=4094).contains(&vlan)).then_some(vlan)
}

/// Maps networks. A WAN is the provider's; a network that is switched off has a VLAN that is retired, and no subnet.
pub(super) fn map(
    networks: &Reading<NetworkConf>,
    info: &SourceInfo,
    facts: &mut Facts,
    problems: &mut Problems,
) {
    problems.unread("network", &networks.list);
    for network in &networks.list.good {
        let enabled = network.enabled != Some(false);
        let vlan = vlan_of(network);
        if let Some(number) = network.vlan.filter(|number| !(1..=4094).contains(number)) {
            let name = network.name.as_deref().unwrap_or(&network.id);
            problems.bad(format!("network {}", wire::printable(name)), format!("its VLAN {number} is none"));
        }
        if let Some(vlan_id) = vlan {
            facts.vlans.push(VlanFact {
                reference: network.id.as_str().into(),
                vlan_id,
                name: network.name.as_deref().unwrap_or(&network.id).into(),
                state: if enabled { VlanState::Current } else { VlanState::Retired },
                seen: networks.seen,
            });
        }
        if enabled && network.purpose.as_deref() != Some("wan") {
            let of = Of { network, vlan, info, seen: networks.seen };
            facts.subnets.extend(of.subnet("", network.ip_subnet.as_deref(), problems));
            let fixed = network.ipv6_interface_type.as_deref() == Some("static");
            let v6 = network.ipv6_subnet.as_deref().filter(|_| fixed);
            facts.subnets.extend(of.subnet("-ipv6", v6, problems));
        }
    }
}

/// A network whose subnets are wanted.
struct Of<'a> {
    network: &'a NetworkConf,
    vlan: Option<u16>,
    info: &'a SourceInfo,
    seen: Seen,
}

impl Of<'_> {
    fn subnet(&self, suffix: &str, written: Option<&str>, problems: &mut Problems) -> Option<SubnetFact> {
        let written = written?;
        let Ok(cidr) = written.parse::<IpNet>() else {
            let name = self.network.name.as_deref().unwrap_or(&self.network.id);
            let message = format!("its subnet `{}` is none", wire::printable(written));
            problems.bad(format!("network {}", wire::printable(name)), message);
            return None;
        };
        Some(SubnetFact {
            reference: format!("{}{suffix}", self.network.id).into(),
            cidr: cidr.trunc(),
            network: self.info.network.clone(),
            name: self.network.name.as_deref().map(Into::into),
            vlan: self.vlan.map(|_| self.network.id.as_str().into()),
            environment: None,
            seen: self.seen,
        })
    }
}
