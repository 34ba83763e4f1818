//! What people wrote down: most of it right, some of it wrong.

use schema::fact::{IpRole, IpStatus};

use super::Draft;
use super::draw::Draw;
use super::plan;
use crate::world::{Assignment, Cable, Configured, Written};

/// How many ordinary guests of a network are written down at most; nobody keeps up with more.
const MOST: usize = 2_000;

/// Writes down infrastructure, nodes with their cables, and part of the guests.
pub(super) fn add(draft: &mut Draft, draw: &mut Draw) {
    for site in 0..draft.sites.len() {
        let gateway = plan::router(0);
        draft.write_down_in(site, Written::Ipam, gateway, "gateway", IpRole::Gateway);
        for at in 1..draft.sites[site].network.devices.len() {
            let device = &draft.sites[site].network.devices[at];
            let (address, name, mac) = (device.address, device.name.clone(), device.mac);
            let row = draft.write_down_in(site, Written::Ipam, address, &name, IpRole::Infrastructure);
            row.mac = Some(mac);
        }
    }
    files(draft);
    for cluster in 0..draft.clusters.len() {
        nodes(cluster, draft, draw);
        guests(cluster, draft, draw);
    }
    mistakes(draft);
}

fn files(draft: &mut Draft) {
    let router = plan::router(0);
    draft.write_down_in(0, Written::Conf, router, "NETWORK_GATEWAY", IpRole::Host);
    draft.write_down_in(0, Written::Conf, router, "UDM_PRO_IP", IpRole::Host);
    let proxy = draft.proxies[0].address;
    draft.write_down_in(0, Written::Conf, proxy, "NPM_IP", IpRole::Host);
}

fn nodes(cluster: usize, draft: &mut Draft, draw: &mut Draw) {
    let site = draft.site_of[cluster];
    let source = draft.clusters[cluster].source.clone();
    for at in 0..draft.clusters[cluster].nodes.len() {
        let node = draft.clusters[cluster].nodes[at].clone();
        draft.write_down_in(site, Written::Ipam, node.address, &node.name, IpRole::Infrastructure);
        if site == 0 && cluster == 0 {
            let key = format!("PROXMOX_HOST_{}", node.name.to_uppercase().replace('-', "_"));
            draft.write_down_in(0, Written::Conf, node.address, &key, IpRole::Host);
        }
        // A port map is a source's, and so its network's: one was made, of the first network. The dead node's cable is in
        // it always: nothing else can tell where it hangs.
        if site != 0 || (node.online && draw.percent(40)) {
            continue;
        }
        for nic in &node.nics {
            let Some(port) = nic.port else { continue };
            let Some(device) = draft.sites[site].network.device(port.switch) else { continue };
            let row = Cable {
                written: if site == 0 && cluster == 0 { Written::Markdown } else { Written::Ipam },
                switch: device.name.clone(),
                port: port.port,
                node: node.name.clone(),
                cluster: source.clone(),
                panel: Some(format!("P{}-{}", site + 1, port.port)),
                nic: Some(nic.name.clone()),
                lag: device.port(port.port).and_then(|port| port.lag).map(|lag| format!("lag{lag}")),
                vlan: Some(1),
                speed_mbps: Some(1_000),
            };
            draft.sites[site].network.cables.push(row);
        }
    }
}

fn guests(cluster: usize, draft: &mut Draft, draw: &mut Draw) {
    let site = draft.site_of[cluster];
    let source = draft.clusters[cluster].source.clone();
    let mut rows = Vec::new();
    for guest in &draft.clusters[cluster].guests {
        let Some(address) = guest.nics[0].addresses.first() else { continue };
        let fixed = guest.nics[0].configured == Configured::Static;
        if guest.vmid < 1_000 || !fixed || draw.percent(25) {
            continue;
        }
        let in_file = site == 0 && draw.percent(30);
        rows.push(Assignment {
            written: if in_file { Written::Markdown } else { Written::Ipam },
            address: *address,
            hostname: Some(guest.name.clone()),
            vmid: Some(guest.vmid),
            cluster: Some(source.clone()),
            mac: (!in_file).then_some(guest.nics[0].mac),
            owner_team: (!in_file && draw.percent(60))
                .then(|| draw.one_of(&["platform", "network", "shop"]).into()),
            service: (!in_file && draw.percent(40))
                .then(|| draw.one_of(&["web", "database", "monitoring"]).into()),
            role: IpRole::Host,
            status: if in_file { IpStatus::Active } else { status(draw) },
        });
    }
    let room = MOST.saturating_sub(draft.sites[site].network.assignments.len());
    rows.truncate(room);
    draft.sites[site].network.assignments.extend(rows);
}

fn status(draw: &mut Draw) -> IpStatus {
    match draw.below(30) {
        0 => IpStatus::Deprecated,
        1 => IpStatus::Migrating,
        2 => IpStatus::Reserved,
        _ => IpStatus::Active,
    }
}

/// What drift is there to find.
fn mistakes(draft: &mut Draft) {
    let source = draft.clusters[0].source.clone();
    let gone = plan::address(1, 240);
    let row = draft.write_down_in(0, Written::Markdown, gone, "decommissioned", IpRole::Host);
    (row.vmid, row.cluster) = (Some(777), Some(source.clone()));
    draft.case("written-guest-is-gone", "a table still lists a guest that nobody has", &["pve-1/777"]);
    let wiki = plan::address(1, 11);
    let row = draft.write_down_in(0, Written::Ipam, wiki, "wiki", IpRole::Host);
    (row.vmid, row.cluster) = (Some(100), Some(source.clone()));
    draft.case("written-vmid-is-wrong", "the IPAM gives one guest's address to another", &["10.1.0.11"]);
    let node = &draft.clusters[0].nodes[0];
    let Some(port) = node.active_port() else { return };
    let name = node.name.clone();
    let Some(switch) = draft.sites[0].network.device(port.switch).map(|device| device.name.clone()) else {
        return;
    };
    let cables = &mut draft.sites[0].network.cables;
    cables.retain(|cable| cable.node != name);
    cables.push(Cable {
        written: Written::Markdown,
        switch,
        port: 39,
        node: name,
        cluster: source,
        panel: Some("P1-39".into()),
        nic: Some("eno1".into()),
        lag: None,
        vlan: None,
        speed_mbps: Some(1_000),
    });
    draft.case("cable-mislabelled", "the port map names another port than LLDP", &["access-1:39"]);
}
