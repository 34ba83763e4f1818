//! Interfaces that are tagged for another VLAN than their addresses are written down in.

use super::addresses::{key, name};
use super::find::{Findings, Report, Site};
use super::{DriftKind, Severity};
use crate::view::{AddressRef, GuestRef, VlanRef};

pub(super) fn find(site: &Site<'_>, found: &mut Findings<'_>) {
    let view = site.view;
    for guest in view.guests().iter().filter(|guest| view.network_of(guest.source()) == site.network) {
        for (place, nic) in view.guest(guest).nics.iter().enumerate() {
            // An untagged interface is in its bridge's own VLAN, which Proxmox does not name.
            let Some(tag) = nic.vlan_tag else { continue };
            for address in view.interface_addresses(guest, place).addresses {
                let Some(address) = view.find_address(view.network_name(site.network), address) else {
                    continue;
                };
                let Some(vlan) = written_down(site, address) else { continue };
                if view.vlan(vlan).vlan_id != tag {
                    report(site, guest, &nic.name, (address, tag, vlan), found);
                }
            }
        }
    }
}

/// The VLAN that an address is written down in: its assignment's, else its subnet's.
fn written_down(site: &Site<'_>, address: AddressRef) -> Option<VlanRef> {
    let view = site.view;
    view.assignments_of(address)
        .find_map(|assignment| view.vlan_of_assignment(assignment))
        .or_else(|| view.subnet_of(address).and_then(|subnet| view.vlan_of_subnet(subnet)))
}

fn report(
    site: &Site<'_>,
    guest: GuestRef,
    nic: &str,
    (address, tag, vlan): (AddressRef, u16, VlanRef),
    found: &mut Findings<'_>,
) {
    let view = site.view;
    let fact = view.vlan(vlan);
    let wanted = format!("VLAN {} ({})", fact.vlan_id, fact.name);
    found.report(Report {
        kind: DriftKind::VlanMismatch,
        severity: Severity::Warning,
        subject: format!("{} {nic} {}", key(view, guest), address.address()),
        about: Some(guest.into()),
        message: format!(
            "{nic} of {} is tagged {tag}, and its address {} belongs to {wanted}",
            name(view, guest),
            address.address()
        ),
        declared: Some(wanted),
        observed: Some(format!("VLAN {tag}")),
        sources: vec![guest.source(), vlan.source()],
    });
}
