//! Puts rows into the address plan that are not there yet: what the demo declares. Run twice it changes nothing.

use std::collections::BTreeMap;

use ipnet::IpNet;
use schema::fact::{IpRole, IpStatus, VlanState};
use sqlx::types::mac_address::MacAddress;

use super::AddressPlan;
use crate::Database;

/// Inserts what is missing, in four statements; rows that are there, by the tables' own keys, stay as they are.
///
/// A VLAN's reference in the plan is any name: the database gives the number that stands for it.
pub async fn seed(database: &Database, plan: &AddressPlan) -> Result<(), sqlx::Error> {
    let mut transaction = database.pool().begin().await?;
    vlans(&mut transaction, plan).await?;
    subnets(&mut transaction, plan).await?;
    assignments(&mut transaction, plan).await?;
    port_map(&mut transaction, plan).await?;
    transaction.commit().await
}

type Transaction = sqlx::Transaction<'static, sqlx::Postgres>;

/// The number that a VLAN's reference stands for.
fn numbers(plan: &AddressPlan) -> BTreeMap<&str, i32> {
    plan.vlans.iter().map(|vlan| (&*vlan.reference, i32::from(vlan.vlan_id))).collect()
}

async fn vlans(transaction: &mut Transaction, plan: &AddressPlan) -> Result<(), sqlx::Error> {
    // A VLAN belongs to the network of whatever names it; one that nothing names to the default one.
    let mut networks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let named = plan.subnets.iter().map(|subnet| (&subnet.vlan, &subnet.network));
    for (vlan, network) in
        named.chain(plan.assignments.iter().map(|assignment| (&assignment.vlan, &assignment.network)))
    {
        if let Some(vlan) = vlan {
            let networks = networks.entry(vlan).or_default();
            if !networks.contains(&&**network) {
                networks.push(network);
            }
        }
    }
    let (mut network, mut number, mut name, mut state) = (vec![], vec![], vec![], vec![]);
    for vlan in &plan.vlans {
        for of in networks.get(&*vlan.reference).map_or(&["default"][..], Vec::as_slice) {
            network.push((*of).to_owned());
            number.push(i32::from(vlan.vlan_id));
            name.push(vlan.name.to_string());
            state.push(state_name(vlan.state).to_owned());
        }
    }
    sqlx::query!(
        "insert into ipam_vlan (network, vlan_id, name, state)
         select r.network, r.number, r.name, r.state::ipam_vlan_state
         from unnest($1::text[], $2::int4[], $3::text[], $4::text[]) as r (network, number, name, state)
         where not exists (select from ipam_vlan v where v.network = r.network and v.vlan_id = r.number)
         on conflict do nothing",
        &network,
        &number,
        &name,
        &state
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn subnets(transaction: &mut Transaction, plan: &AddressPlan) -> Result<(), sqlx::Error> {
    let numbers = numbers(plan);
    let rows = &plan.subnets;
    let network: Vec<_> = rows.iter().map(|row| row.network.to_string()).collect();
    let cidr: Vec<IpNet> = rows.iter().map(|row| row.cidr.trunc()).collect();
    let name: Vec<_> = rows.iter().map(|row| text(row.name.as_deref())).collect();
    let vlan: Vec<_> = rows.iter().map(|row| number(&numbers, row.vlan.as_deref())).collect();
    let environment: Vec<_> = rows.iter().map(|row| text(row.environment.as_deref())).collect();
    sqlx::query!(
        "insert into ipam_subnet (network, cidr, name, vlan, environment)
         select r.network, r.cidr, r.name, v.id, r.environment
         from unnest($1::text[], $2::cidr[], $3::text[], $4::int4[], $5::text[])
              as r (network, cidr, name, vlan, environment)
         left join ipam_vlan v on v.network = r.network and v.vlan_id = r.vlan and v.state <> 'retired'
         on conflict do nothing",
        &network,
        &cidr as _,
        &name as &[Option<String>],
        &vlan as &[Option<i32>],
        &environment as &[Option<String>]
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn assignments(transaction: &mut Transaction, plan: &AddressPlan) -> Result<(), sqlx::Error> {
    let numbers = numbers(plan);
    let rows = &plan.assignments;
    let network: Vec<_> = rows.iter().map(|row| row.network.to_string()).collect();
    let address: Vec<IpNet> = rows.iter().map(|row| row.address.into()).collect();
    let hostname: Vec<_> = rows.iter().map(|row| text(row.hostname.as_deref())).collect();
    let vmid: Vec<_> = rows.iter().map(|row| row.vmid.and_then(|vmid| i32::try_from(vmid).ok())).collect();
    let cluster: Vec<_> = rows.iter().map(|row| text(row.cluster.as_deref())).collect();
    let mac: Vec<_> = rows.iter().map(|row| row.mac.map(|mac| MacAddress::new(mac.0))).collect();
    let vlan: Vec<_> = rows.iter().map(|row| number(&numbers, row.vlan.as_deref())).collect();
    let owner_team: Vec<_> = rows.iter().map(|row| text(row.owner_team.as_deref())).collect();
    let service: Vec<_> = rows.iter().map(|row| text(row.service.as_deref())).collect();
    let role: Vec<_> = rows.iter().map(|row| role_name(row.role).to_owned()).collect();
    let status: Vec<_> = rows.iter().map(|row| status_name(row.status).to_owned()).collect();
    sqlx::query!(
        "insert into ipam_assignment
             (network, address, hostname, vmid, cluster, mac, vlan, owner_team, service, role, status)
         select r.network, r.address, r.hostname, r.vmid, r.cluster, r.mac, v.id, r.owner_team, r.service,
                r.role::ipam_role, r.status::ipam_status
         from unnest($1::text[], $2::inet[], $3::text[], $4::int4[], $5::text[], $6::macaddr[], $7::int4[],
                     $8::text[], $9::text[], $10::text[], $11::text[])
              as r (network, address, hostname, vmid, cluster, mac, vlan, owner_team, service, role, status)
         left join ipam_vlan v on v.network = r.network and v.vlan_id = r.vlan and v.state <> 'retired'
         on conflict do nothing",
        &network,
        &address as _,
        &hostname as &[Option<String>],
        &vmid as &[Option<i32>],
        &cluster as &[Option<String>],
        &mac as &[Option<MacAddress>],
        &vlan as &[Option<i32>],
        &owner_team as &[Option<String>],
        &service as &[Option<String>],
        &role,
        &status
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn port_map(transaction: &mut Transaction, plan: &AddressPlan) -> Result<(), sqlx::Error> {
    let rows = &plan.port_map;
    let switch: Vec<_> = rows.iter().map(|row| row.switch.to_string()).collect();
    let port: Vec<_> = rows.iter().map(|row| i32::from(row.port)).collect();
    let node: Vec<_> = rows.iter().map(|row| row.node.to_string()).collect();
    let cluster: Vec<_> = rows.iter().map(|row| text(row.cluster.as_deref())).collect();
    let panel: Vec<_> = rows.iter().map(|row| text(row.panel.as_deref())).collect();
    let nic: Vec<_> = rows.iter().map(|row| text(row.nic.as_deref())).collect();
    let lag: Vec<_> = rows.iter().map(|row| text(row.lag.as_deref())).collect();
    let vlan: Vec<_> = rows.iter().map(|row| row.vlan.map(i32::from)).collect();
    let speed: Vec<_> =
        rows.iter().map(|row| row.speed_mbps.and_then(|speed| i32::try_from(speed).ok())).collect();
    sqlx::query!(
        "insert into ipam_port_map (switch, port, node, cluster, panel, nic, lag, vlan, speed_mbps)
         select * from unnest($1::text[], $2::int4[], $3::text[], $4::text[], $5::text[], $6::text[],
                              $7::text[], $8::int4[], $9::int4[])
         on conflict do nothing",
        &switch,
        &port,
        &node,
        &cluster as &[Option<String>],
        &panel as &[Option<String>],
        &nic as &[Option<String>],
        &lag as &[Option<String>],
        &vlan as &[Option<i32>],
        &speed as &[Option<i32>]
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn text(value: Option<&str>) -> Option<String> {
    value.map(str::to_owned)
}

fn number(numbers: &BTreeMap<&str, i32>, reference: Option<&str>) -> Option<i32> {
    reference.and_then(|reference| numbers.get(reference)).copied()
}

fn state_name(state: VlanState) -> &'static str {
    match state {
        VlanState::Current => "current",
        VlanState::Planned => "planned",
        VlanState::Retired => "retired",
    }
}

fn role_name(role: IpRole) -> &'static str {
    match role {
        IpRole::Host => "host",
        IpRole::Vip => "vip",
        IpRole::Anycast => "anycast",
        IpRole::Gateway => "gateway",
        IpRole::Infrastructure => "infrastructure",
    }
}

fn status_name(status: IpStatus) -> &'static str {
    match status {
        IpStatus::Active => "active",
        IpStatus::Reserved => "reserved",
        IpStatus::Deprecated => "deprecated",
        IpStatus::Migrating => "migrating",
    }
}
