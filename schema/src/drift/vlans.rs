//! Interfaces that are tagged for another VLAN than their addresses are written down in.

use super::addresses::{key, name, runs};
use super::find::{Findings, Report};
use super::site::Site;
use super::{DriftKind, Severity};
use crate::fact::{AddressOrigin, IpStatus, VlanState};
use crate::view::{AddressRef, GuestRef, SourceRef, VlanRef};

pub(super) fn find(site: &Site<'_>, found: &mut Findings<'_>) {
    let view = site.view;
    if view.vlans().is_empty() {
        return;
    }
    for guest in site.guests.iter().copied().filter(|guest| runs(view, *guest)) {
        for (place, nic) in view.guest(guest).nics.iter().enumerate() {
            // An untagged interface is in its bridge's own VLAN, which Proxmox does not name.
            let Some(tag) = nic.vlan_tag else { continue };
            let bears = view.interface_addresses(guest, place);
            let mut sources = vec![guest.source()];
            if bears.origin == Some(AddressOrigin::ClientTable) {
                sources.extend(&site.controllers);
            }
            for address in bears.addresses {
                let Some(address) = view.find_address(view.network_name(site.network), address) else {
                    continue;
                };
                let written = written_down(site, address);
                // Where two sources name two VLANs, one that fits is enough.
                if let Some(first) = written.first()
                    && written.iter().all(|vlan| view.vlan(*vlan).vlan_id != tag)
                {
                    report(site, guest, (&nic.name, tag, address, *first), sources.clone(), found);
                }
            }
        }
    }
}

/// The VLANs that an address is written down in: its assignments', else its subnet's. One that is planned or retired binds
/// nobody.
fn written_down(site: &Site<'_>, address: AddressRef) -> Vec<VlanRef> {
    let view = site.view;
    let current = |vlan: &VlanRef| view.vlan(*vlan).state == VlanState::Current;
    let in_force = view
        .assignments_of(address)
        .filter(|assignment| view.assignment(*assignment).status == IpStatus::Active);
    let own: Vec<VlanRef> =
        in_force.filter_map(|assignment| view.vlan_of_assignment(assignment)).filter(current).collect();
    if own.is_empty() {
        let subnet = view.subnet_of(address).and_then(|subnet| view.vlan_of_subnet(subnet));
        return subnet.into_iter().filter(current).collect();
    }
    own
}

fn report(
    site: &Site<'_>,
    guest: GuestRef,
    (nic, tag, address, vlan): (&str, u16, AddressRef, VlanRef),
    mut sources: Vec<SourceRef>,
    found: &mut Findings<'_>,
) {
    let view = site.view;
    let fact = view.vlan(vlan);
    let wanted = format!("VLAN {} ({})", fact.vlan_id, fact.name);
    sources.extend(view.assignments_of(address).map(crate::view::AssignmentRef::source));
    sources.push(vlan.source());
    found.report(Report {
        kind: DriftKind::VlanMismatch,
        severity: Severity::Warning,
        subject: format!("{} {nic} {}", key(view, guest), address.address()),
        about: Some(guest.into()),
        names: vec![vlan.into(), address.into()],
        message: format!(
            "{nic} of {} is tagged {tag}, and its address {} belongs to {wanted}",
            name(view, guest),
            address.address()
        ),
        declared: Some(wanted),
        observed: Some(format!("VLAN {tag}")),
        sources,
    });
}
