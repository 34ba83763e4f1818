//! The address plan of a simulated world, as the database's tables take it.

use connectors::world::{Ipam, World};
use schema::fact::{AssignmentFact, PortMapFact, Seen, SubnetFact, VlanFact};
use store::ipam::AddressPlan;

pub(super) fn of(world: &World) -> AddressPlan {
    let Ipam { vlans, subnets, assignments, port_map } = world.ipam();
    let seen = Seen::default();
    AddressPlan {
        vlans: vlans
            .into_iter()
            .map(|vlan| VlanFact {
                reference: reference(&vlan.network, vlan.vlan_id),
                vlan_id: vlan.vlan_id,
                name: vlan.name.into(),
                state: vlan.state,
                seen,
            })
            .collect(),
        subnets: subnets
            .into_iter()
            .map(|subnet| SubnetFact {
                reference: subnet.cidr.to_string().into(),
                cidr: subnet.cidr,
                vlan: Some(reference(&subnet.network, subnet.vlan_id)),
                network: subnet.network.into(),
                name: Some(subnet.name.into()),
                environment: None,
                seen,
            })
            .collect(),
        assignments: assignments
            .into_iter()
            .map(|row| AssignmentFact {
                reference: row.address.to_string().into(),
                address: row.address,
                network: row.network.into(),
                hostname: row.hostname.map(Into::into),
                vmid: row.vmid,
                cluster: row.cluster.map(Into::into),
                mac: row.mac,
                vlan: None,
                owner_team: row.owner_team.map(Into::into),
                service: row.service.map(Into::into),
                role: row.role,
                status: row.status,
                declared_in: "demo".into(),
                version: 1,
                not_a_guest: false,
                seen,
            })
            .collect(),
        port_map: port_map
            .into_iter()
            .map(|cable| PortMapFact {
                reference: format!("{}/{}", cable.switch, cable.port).into(),
                switch: cable.switch.into(),
                port: cable.port,
                node: cable.node.into(),
                cluster: Some(cable.cluster.into()),
                panel: cable.panel.map(Into::into),
                nic: cable.nic.map(Into::into),
                lag: cable.lag.map(Into::into),
                vlan: cable.vlan,
                speed_mbps: cable.speed_mbps,
                declared_in: "demo".into(),
                seen,
            })
            .collect(),
        unreadable: Vec::new(),
    }
}

/// A name for a VLAN that subnets refer to; the database gives it a number of its own.
fn reference(network: &str, vlan_id: u16) -> Box<str> {
    format!("{network}/{vlan_id}").into()
}
