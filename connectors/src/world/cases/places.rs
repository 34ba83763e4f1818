//! Where things are: nodes found in one way or another, what is no guest at all, and what moved.

use std::net::IpAddr;

use schema::Mac;
use schema::fact::{DeviceKind, IpRole};

use super::{EDGE, INNER, Wanted, to, to_guests};
use crate::world::generate::Draft;
use crate::world::generate::clients::{Row, Sighting};
use crate::world::generate::draw::Draw;
use crate::world::generate::plan;
use crate::world::{ClientIs, GuestAt, LeadsTo, NodeAt, Written};

pub(super) fn add(draft: &mut Draft, draw: &mut Draw) {
    nodes(draft, draw);
    no_guests(draft, draw);
    clusters(draft, draw);
}

fn nodes(draft: &mut Draft, draw: &mut Draw) {
    draft.case("lag", "the node's two ports are one LAG", &["wiki.example.org"]);
    draft.case("node-client", "no LLDP: the node's own address is seen at its port", &["chat.example.org"]);
    draft.serve("bond.example.org", 80, Wanted::vm("bonded", 30).on(1, 0), draw);
    draft.case("bond-without-lag", "active-backup over two switches", &["bond.example.org"]);
    draft.serve("lab.example.org", 80, Wanted::vm("lab", 31).on(1, 1), draw);
    draft.case("guest-macs", "only its guests' MACs tell where the node hangs", &["lab.example.org"]);
    let at = draft.serve("dns.example.org", 80, Wanted::vm("pihole", 32).on(1, 1), draw);
    let access = draft.sites[0].access[0];
    let uplink = draft.sites[0].network.devices[access].uplink.map_or(1, |uplink| uplink.own_port);
    let uplink = draft.sites[0].at(access, uplink);
    draft.sightings.insert(at, Sighting::On(uplink));
    draft.case("uplink", "the controller shows a guest at an uplink", &["dns.example.org"]);
    let at = draft.serve("moved.example.org", 80, Wanted::vm("moved", 33), draw);
    draft.sightings.insert(at, Sighting::Behind(NodeAt { cluster: 0, node: 1 }));
    draft.case("moved", "it was migrated, and the controller lags: Proxmox wins", &["moved.example.org"]);
    let at = draft.serve("archive.example.org", 80, Wanted::container("archive", 34).on(1, 2), draw);
    let cluster = draft.clusters[1].source.clone();
    let row = draft.write_down(Written::Ipam, plan::address(1, 34), "archive", IpRole::Host);
    (row.vmid, row.cluster) = (Some(at.vmid), Some(cluster));
    draft.case("dead-node", "its node answers 595: what is written down is all", &["archive.example.org"]);
    let node = &draft.clusters[0].nodes[0];
    let (address, leads_to) = (node.address, LeadsTo::Node(NodeAt { cluster: 0, node: 0 }));
    draft.add_host(EDGE, &["pve.example.org"], to(&address, 8006, leads_to));
    draft.case("node-address", "the address of a hypervisor itself", &["pve.example.org"]);
}

/// The NAS of a network: something that only its controller sees.
pub(super) const NAS: (u32, &str) = (3 * 256 + 10, "nas");

fn no_guests(draft: &mut Draft, draw: &mut Draw) {
    let nas = add_client(draft, NAS.1, plan::address(0, NAS.0), 41, draw);
    let address = plan::address(0, NAS.0);
    draft.add_host(EDGE, &["nas.example.org"], to(&address, 5000, LeadsTo::Client(nas)));
    draft.case("client-only", "a NAS, which only the controller sees", &["nas.example.org"]);
    for (at, (name, port)) in [("printer-1", 42), ("printer-2", 43), ("ipmi-1", 44)].into_iter().enumerate() {
        let host = 3 * 256 + 30 + u32::try_from(at).unwrap_or(0);
        add_client(draft, name, plan::address(0, host), port, draw);
    }
    // The switches see each other, too; that makes them no clients of anybody.
    let core = draft.sites[0].network.devices[1].mac;
    let seen = draft.sites[0].network.devices[0].ports[10].number;
    let row = Row {
        mac: core,
        address: Some(plan::device(0)),
        hostname: None,
        vlan: 0,
        port: Some(draft.sites[0].at(0, seen)),
        active: true,
        is: ClientIs::Other,
    };
    draft.enter(0, row, draw);
    draft.case("switch-as-client", "the controller lists a switch as a client at a downlink", &["core"]);
    let gateway = draft.sites[0].network.devices.iter().find(|device| device.kind == DeviceKind::Gateway);
    if let Some((mac, address)) = gateway.map(|gateway| (gateway.mac, gateway.address)) {
        draft.add_host(EDGE, &["unifi.example.org"], to(&address, 443, LeadsTo::Device(mac)));
        draft.case("device-address", "the gateway's own address", &["unifi.example.org"]);
    }
    let pbx = plan::address(0, 3 * 256 + 20);
    draft.write_down(Written::Conf, pbx, "PBX_IP", IpRole::Host);
    draft.add_host(EDGE, &["pbx.example.org"], to(&pbx, 443, LeadsTo::Written(pbx)));
    draft.case(
        "written-only",
        "an address that is written down and that nothing bears",
        &["pbx.example.org"],
    );
    let nobody = plan::address(1, 250);
    draft.add_host(EDGE, &["void.example.org"], to(&nobody, 80, LeadsTo::Nothing));
    draft.case("unused-address", "an address that nobody has", &["void.example.org"]);
}

fn add_client(draft: &mut Draft, name: &str, address: IpAddr, port: u16, draw: &mut Draw) -> Mac {
    let mac = draft.client_macs.next();
    let device = draft.sites[0].access[0];
    let link = draft.sites[0].port_mut(device, port);
    link.up = true;
    name.clone_into(&mut link.name);
    let row = Row {
        mac,
        address: Some(address),
        hostname: Some(name.to_owned()),
        vlan: 0,
        port: Some(draft.sites[0].at(device, port)),
        active: true,
        is: ClientIs::Other,
    };
    draft.enter(0, row, draw);
    mac
}

fn clusters(draft: &mut Draft, draw: &mut Draw) {
    // The second proxy's guest is the first of the second cluster: VMID 100 is in both.
    let twin = GuestAt { cluster: 1, vmid: 100 };
    let address = draft.guest(twin).nics[0].addresses[0];
    draft.add_host(INNER, &["twin.example.org"], to_guests(address, 81, vec![twin]));
    draft.case("same-vmid", "VMID 100 is in two clusters", &["twin.example.org"]);
    let Some(far) = draft.site_of.iter().position(|site| *site == 1) else { return };
    let proxy = draft.proxies.iter().position(|proxy| proxy.runs_on.is_some_and(|at| at.cluster == far));
    let Some(proxy) = proxy else { return };
    let at = draft.add_guest(Wanted::vm("branch-app", 10).on(far, 0), draw);
    let address = plan::address(1, 10);
    draft.add_host(proxy, &["branch.example.org"], to_guests(address, 8080, vec![at]));
    draft.case("same-address-elsewhere", "another network uses the same address", &["branch.example.org"]);
}
