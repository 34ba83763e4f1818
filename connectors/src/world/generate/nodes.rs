//! Clusters with their nodes, each cabled to an access switch.

use schema::Timestamp;

use super::Draft;
use super::draw::Draw;
use super::plan;
use super::site::share;
use crate::world::spec::EPOCH;
use crate::world::{ApiServer, ApiToken, Bond, Cluster, Neighbour, Node, NodeNic, PortAt};

/// How a node is cabled, and by what its port can be found.
#[derive(Clone, Copy)]
struct Cabling {
    bond: Option<Bond>,
    lldp: bool,
    seen_as_client: bool,
    online: bool,
}

const ORDINARY: Cabling = Cabling { bond: None, lldp: true, seen_as_client: true, online: true };
const LAG: Cabling = Cabling { bond: Some(Bond::Lag), ..ORDINARY };

/// The first three nodes of the first two clusters are each found in another way, in every world.
fn cabling(cluster: usize, node: usize, draw: &mut Draw) -> Cabling {
    match (cluster, node) {
        (0, 0) => ORDINARY,
        (0, 1) => LAG,
        (0, 2) => Cabling { lldp: false, ..ORDINARY },
        (1, 0) => Cabling { bond: Some(Bond::ActiveBackup), ..ORDINARY },
        (1, 1) => Cabling { lldp: false, seen_as_client: false, ..ORDINARY },
        (1, 2) => Cabling { online: false, ..ORDINARY },
        _ => match draw.below(10) {
            0..=2 => LAG,
            3 => Cabling { lldp: false, ..ORDINARY },
            4 => Cabling { lldp: false, ..LAG },
            5 => Cabling { seen_as_client: false, ..ORDINARY },
            _ => ORDINARY,
        },
    }
}

/// Builds the `number`-th cluster in its network.
pub(super) fn build(number: usize, draft: &mut Draft, draw: &mut Draw, secrets: &mut Draw) -> Cluster {
    let site = draft.site_of[number];
    let count = share(draft.size.nodes, draft.size.clusters as usize, number) as usize;
    let source = format!("pve-{}", number + 1);
    let nodes: Vec<Node> = (0..count).map(|node| build_node(number, node, site, draft, draw)).collect();
    let api = nodes.iter().filter(|node| node.online).take(2).enumerate();
    let api = api
        .map(|(at, node)| ApiServer {
            name: if at == 0 { source.clone() } else { format!("{source}.{}", node.name) },
            node: node.name.clone(),
        })
        .collect();
    let (environment, proxmox_name) = match number {
        0 => ("production", "prod".to_owned()),
        1 => ("lab", "lab".to_owned()),
        other => (if site == 0 { "production" } else { "branch" }, format!("cluster{}", other + 1)),
    };
    Cluster {
        proxmox_name: Some(proxmox_name),
        cloud: "baremetal".into(),
        environment: environment.into(),
        network: draft.sites[site].network.name.clone(),
        quorate: true,
        version: draw.one_of(&["9.1.2", "9.0.11", "8.4.14"]).into(),
        api,
        token: ApiToken { id: "reader@pve!fleetgraph".into(), secret: secrets.uuid() },
        nodes,
        guests: Vec::new(),
        source,
    }
}

fn build_node(cluster: usize, number: usize, site: usize, draft: &mut Draft, draw: &mut Draw) -> Node {
    let how = cabling(cluster, number, draw);
    let name = node_name(cluster, number);
    let place = draft.nodes_in[site];
    draft.nodes_in[site] += 1;
    let mut nics = Vec::new();
    let first = draft.sites[site].take_port(place as usize);
    let second = match how.bond {
        Some(Bond::Lag) => Some(draft.sites[site].take_port(place as usize)),
        Some(Bond::ActiveBackup) => Some(draft.sites[site].take_port(place as usize + 1)),
        None => None,
    };
    for (at, port) in [Some(first), second].into_iter().enumerate() {
        let port = port.map(|(device, port)| draft.sites[site].at(device, port));
        nics.push(NodeNic { name: format!("eno{}", at + 1), mac: draft.node_macs.next(), port });
    }
    let memory_bytes = draw.one_of(&[128_u64, 256, 384, 512]) << 30;
    let node = Node {
        address: plan::node(place),
        mac: nics[0].mac,
        online: how.online,
        started_at: super::before(EPOCH, draw.between(86_400, 200 * 86_400)),
        cpus: draw.one_of(&[32, 48, 64, 96]),
        cpu_usage: draw.fraction() * 0.6,
        memory_bytes,
        memory_used_bytes: memory_bytes / 100 * draw.between(20, 85),
        bond: how.bond,
        lldp: how.lldp,
        seen_as_client: how.seen_as_client && how.online,
        nics,
        name,
    };
    let lag = (how.bond == Some(Bond::Lag)).then_some(first.1);
    for (at, port) in [Some(first), second].into_iter().enumerate() {
        let Some((device, port)) = port else { continue };
        let heard = (node.lldp && node.online).then(|| Neighbour {
            chassis: node.mac,
            system_name: if place.is_multiple_of(2) {
                node.name.clone()
            } else {
                format!("{}.example.lan", node.name)
            },
            port_id: node.nics[at].mac.to_string(),
        });
        let port = draft.sites[site].port_mut(device, port);
        port.name.clone_from(&node.name);
        (port.up, port.lag, port.neighbour) = (node.online, lag, heard);
    }
    node
}

/// `pve1a` to `pve1z`, then `pve1-27`.
pub(in crate::world) fn node_name(cluster: usize, number: usize) -> String {
    match u8::try_from(number).ok().filter(|number| *number < 26) {
        Some(letter) => format!("pve{}{}", cluster + 1, char::from(b'a' + letter)),
        None => format!("pve{}-{}", cluster + 1, number + 1),
    }
}

impl Node {
    /// The port behind which its own traffic, and its guests', is seen: the first interface's.
    pub fn active_port(&self) -> Option<PortAt> {
        self.nics.first().and_then(|nic| nic.port)
    }

    /// How long it has run.
    pub fn uptime(&self, now: Timestamp) -> u64 {
        now.since(self.started_at).as_secs()
    }
}
