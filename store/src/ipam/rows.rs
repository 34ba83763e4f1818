//! Rows of the address plan become facts. Another PostgreSQL may lack our constraints, so each value is checked again, and
//! a row that fails hides no other.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;
use schema::address::{canonical, names_a_machine};
use schema::fact::{AssignmentFact, IpRole, IpStatus, PortMapFact, Seen, SubnetFact, VlanFact, VlanState};
use schema::{Mac, Timestamp};
use sqlx::types::mac_address::MacAddress;

use super::{AddressPlan, Unreadable};

pub(super) struct VlanRow {
    pub(super) id: i64,
    pub(super) vlan_id: i32,
    pub(super) name: String,
    pub(super) state: String,
}

pub(super) struct SubnetRow {
    pub(super) id: i64,
    pub(super) network: String,
    pub(super) cidr: IpNet,
    pub(super) name: Option<String>,
    pub(super) vlan: Option<i64>,
    pub(super) environment: Option<String>,
}

pub(super) struct AssignmentRow {
    pub(super) id: i64,
    pub(super) network: String,
    pub(super) address: IpNet,
    pub(super) hostname: Option<String>,
    pub(super) vmid: Option<i32>,
    pub(super) cluster: Option<String>,
    pub(super) mac: Option<MacAddress>,
    pub(super) vlan: Option<i64>,
    pub(super) owner_team: Option<String>,
    pub(super) service: Option<String>,
    pub(super) role: String,
    pub(super) status: String,
    pub(super) version: i32,
}

pub(super) struct PortMapRow {
    pub(super) id: i64,
    pub(super) switch: String,
    pub(super) port: i32,
    pub(super) node: String,
    pub(super) cluster: Option<String>,
    pub(super) panel: Option<String>,
    pub(super) nic: Option<String>,
    pub(super) lag: Option<String>,
    pub(super) vlan: Option<i32>,
    pub(super) speed_mbps: Option<i32>,
}

/// All rows, as they came.
pub(super) struct Rows {
    pub(super) vlans: Vec<VlanRow>,
    pub(super) subnets: Vec<SubnetRow>,
    pub(super) assignments: Vec<AssignmentRow>,
    pub(super) port_map: Vec<PortMapRow>,
}

impl Rows {
    pub(super) fn into_plan(self, at: Timestamp) -> AddressPlan {
        let seen = Seen { at, stale: false };
        let mut names = Names::default();
        let mut plan = AddressPlan::default();
        let unreadable = &mut plan.unreadable;
        plan.vlans = facts("ipam_vlan", self.vlans, |row| row.id, unreadable, |row| vlan(row, seen));
        plan.subnets = facts(
            "ipam_subnet",
            self.subnets,
            |row| row.id,
            unreadable,
            |row| Ok(subnet(row, seen, &mut names)),
        );
        plan.assignments = facts(
            "ipam_assignment",
            self.assignments,
            |row| row.id,
            unreadable,
            |row| assignment(row, seen, &mut names),
        );
        plan.port_map =
            facts("ipam_port_map", self.port_map, |row| row.id, unreadable, |row| cable(row, seen));
        plan
    }
}

/// One name, one allocation: a plan has thousands of addresses and a handful of networks.
#[derive(Default)]
struct Names(BTreeMap<String, Arc<str>>);

impl Names {
    fn shared(&mut self, name: String) -> Arc<str> {
        self.0.entry(name).or_insert_with_key(|name| name.as_str().into()).clone()
    }
}

fn facts<Row, Fact>(
    table: &str,
    rows: Vec<Row>,
    id: impl Fn(&Row) -> i64,
    unreadable: &mut Vec<Unreadable>,
    mut read: impl FnMut(Row) -> Result<Fact, &'static str>,
) -> Vec<Fact> {
    let mut facts = Vec::with_capacity(rows.len());
    for row in rows {
        let id = id(&row);
        match read(row) {
            Ok(fact) => facts.push(fact),
            Err(message) => {
                unreadable.push(Unreadable { subject: format!("{table} {id}").into(), message });
            }
        }
    }
    facts
}

fn vlan(row: VlanRow, seen: Seen) -> Result<VlanFact, &'static str> {
    let state = match row.state.as_str() {
        "current" => VlanState::Current,
        "planned" => VlanState::Planned,
        "retired" => VlanState::Retired,
        _ => return Err("the state is none of current, planned, retired"),
    };
    let vlan_id = vlan_number(row.vlan_id)?;
    Ok(VlanFact { reference: reference(row.id), vlan_id, name: row.name.into(), state, seen })
}

fn subnet(row: SubnetRow, seen: Seen, names: &mut Names) -> SubnetFact {
    SubnetFact {
        reference: reference(row.id),
        cidr: row.cidr.trunc(),
        network: names.shared(row.network),
        name: row.name.map(Into::into),
        vlan: row.vlan.map(reference),
        environment: row.environment.map(|environment| names.shared(environment)),
        seen,
    }
}

fn assignment(row: AssignmentRow, seen: Seen, names: &mut Names) -> Result<AssignmentFact, &'static str> {
    let role = match row.role.as_str() {
        "host" => IpRole::Host,
        "vip" => IpRole::Vip,
        "anycast" => IpRole::Anycast,
        "gateway" => IpRole::Gateway,
        "infrastructure" => IpRole::Infrastructure,
        _ => return Err("the role is none of host, vip, anycast, gateway, infrastructure"),
    };
    let status = match row.status.as_str() {
        "active" => IpStatus::Active,
        "reserved" => IpStatus::Reserved,
        "deprecated" => IpStatus::Deprecated,
        "migrating" => IpStatus::Migrating,
        _ => return Err("the status is none of active, reserved, deprecated, migrating"),
    };
    if row.address.prefix_len() != row.address.max_prefix_len() {
        return Err("the address is a range: write subnets into ipam_subnet");
    }
    let address = canonical(row.address.addr());
    if !names_a_machine(address) {
        return Err(
            "the address names no machine: it is loopback, link-local, multicast, broadcast or unspecified",
        );
    }
    let vmid = match row.vmid {
        Some(vmid) => Some(u32::try_from(vmid).map_err(|_| "the VMID is negative")?),
        None => None,
    };
    Ok(AssignmentFact {
        reference: reference(row.id),
        address,
        network: names.shared(row.network),
        hostname: row.hostname.map(Into::into),
        vmid,
        cluster: row.cluster.map(Into::into),
        mac: row.mac.map(|mac| Mac(mac.bytes())),
        vlan: row.vlan.map(reference),
        owner_team: row.owner_team.map(Into::into),
        service: row.service.map(Into::into),
        role,
        status,
        declared_in: "ipam_assignment".into(),
        version: row.version,
        not_a_guest: matches!(role, IpRole::Gateway | IpRole::Infrastructure),
        seen,
    })
}

fn cable(row: PortMapRow, seen: Seen) -> Result<PortMapFact, &'static str> {
    Ok(PortMapFact {
        reference: reference(row.id),
        switch: row.switch.into(),
        port: u16::try_from(row.port).ok().filter(|port| *port > 0).ok_or("the port is not 1 to 65535")?,
        node: row.node.into(),
        cluster: row.cluster.map(Into::into),
        panel: row.panel.map(Into::into),
        nic: row.nic.map(Into::into),
        lag: row.lag.map(Into::into),
        vlan: row.vlan.map(vlan_number).transpose()?,
        speed_mbps: match row.speed_mbps {
            Some(speed) => Some(u32::try_from(speed).map_err(|_| "the speed is negative")?),
            None => None,
        },
        declared_in: "ipam_port_map".into(),
        seen,
    })
}

fn vlan_number(number: i32) -> Result<u16, &'static str> {
    u16::try_from(number)
        .ok()
        .filter(|number| (1..=4094).contains(number))
        .ok_or("the VLAN's number is not 1 to 4094")
}

fn reference(id: i64) -> Box<str> {
    id.to_string().into()
}
