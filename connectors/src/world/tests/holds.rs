//! What holds of every world, whatever its seed and size.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use schema::Mac;
use schema::fact::{DeviceKind, GuestStatus, IpRole};

use crate::world::{ClientIs, LeadsTo, PortAt, Spec, World, Written};

fn worlds() -> impl Strategy<Value = World> {
    (any::<u64>(), 80..500_u32, 1..4_u32, 0..60_u32).prop_map(|(seed, guests, networks, hostnames)| {
        let spec = Spec {
            seed,
            guests,
            networks: Some(networks),
            clusters: Some(networks + 1 + guests % 3),
            hostnames: Some(hostnames),
            ..Spec::default()
        };
        World::generate(&spec).expect("within bounds")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn it_is_as_large_as_wanted(guests in 80..3_000_u32) {
        let world = World::generate(&Spec { guests, ..Spec::default() }).expect("within bounds");
        let count: usize = world.clusters.iter().map(|cluster| cluster.guests.len()).sum();
        prop_assert_eq!(count, guests as usize);
    }

    #[test]
    fn no_mac_is_borne_twice(world in worlds()) {
        let guests = world.clusters.iter().flat_map(|cluster| &cluster.guests).flat_map(|guest| &guest.nics);
        let nodes = world.clusters.iter().flat_map(|cluster| &cluster.nodes).flat_map(|node| &node.nics);
        let devices = world.networks.iter().flat_map(|network| &network.devices).map(|device| device.mac);
        let all: Vec<Mac> = guests.map(|nic| nic.mac).chain(nodes.map(|nic| nic.mac)).chain(devices).collect();
        let distinct: BTreeSet<_> = all.iter().collect();
        prop_assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn no_port_takes_two_cables(world in worlds()) {
        let mut taken: BTreeSet<PortAt> = BTreeSet::new();
        for network in &world.networks {
            for device in &network.devices {
                let downlinks = device.ports.iter().filter(|port| port.downlink.is_some() || port.is_uplink);
                for port in downlinks {
                    let port = PortAt { switch: device.mac, port: port.number };
                    prop_assert!(taken.insert(port), "{port:?}");
                }
            }
        }
        for nic in world.clusters.iter().flat_map(|cluster| &cluster.nodes).flat_map(|node| &node.nics) {
            if let Some(port) = nic.port {
                prop_assert!(taken.insert(port), "{port:?}");
            }
        }
    }

    #[test]
    fn every_uplink_is_a_downlink_of_the_device_above(world in worlds()) {
        for network in &world.networks {
            for device in &network.devices {
                let Some(uplink) = device.uplink else {
                    prop_assert_eq!(device.kind, DeviceKind::Gateway);
                    continue;
                };
                let above = network.device(uplink.above.switch).expect("in the same network");
                prop_assert_eq!(above.port(uplink.above.port).and_then(|port| port.downlink), Some(device.mac));
                prop_assert_eq!(above.depth + 1, device.depth);
                prop_assert!(device.port(uplink.own_port).is_some_and(|port| port.is_uplink));
            }
        }
    }

    #[test]
    fn every_host_leads_to_what_bears_its_address_in_its_network(world in worlds()) {
        for proxy in &world.proxies {
            for host in &proxy.proxy_hosts {
                let (LeadsTo::Guests(guests) | LeadsTo::Vip(guests)) = &host.forward.leads_to else { continue };
                for at in guests {
                    let cluster = &world.clusters[at.cluster];
                    prop_assert_eq!(&cluster.network, &proxy.network);
                    let guest = world.guest(*at).expect("it is there");
                    let literal = host.forward.host.trim_matches(['[', ']']).parse();
                    match literal {
                        Ok(address) => prop_assert!(guest.nics[0].addresses.contains(&address)),
                        Err(_) => prop_assert!(guest.name.eq_ignore_ascii_case(&host.forward.host)),
                    }
                }
            }
        }
    }

    #[test]
    fn only_by_intent_do_two_running_guests_share_an_address(world in worlds()) {
        let mut bearers: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for cluster in &world.clusters {
            let running = cluster.guests.iter().filter(|guest| guest.status == GuestStatus::Running);
            for (guest, nic) in running.flat_map(|guest| guest.nics.iter().map(move |nic| (guest, nic))) {
                for address in &nic.addresses {
                    bearers.entry((&cluster.network, *address)).or_default().push(&guest.name);
                }
            }
        }
        let shared: Vec<_> = bearers.values().filter(|bearers| bearers.len() > 1).cloned().collect();
        prop_assert_eq!(shared, [vec!["shop-a", "shop-b"], vec!["sso-a", "sso-b"]]);
    }

    #[test]
    fn the_controller_shows_guests_behind_their_node_but_for_two_cases(world in worlds()) {
        let mut elsewhere = BTreeSet::new();
        for client in world.networks.iter().flat_map(|network| &network.clients) {
            let ClientIs::Guest(at) = client.is else { continue };
            let guest = world.guest(at).expect("it is there");
            let node = &world.clusters[at.cluster].nodes[guest.node];
            if client.port != node.active_port() {
                elsewhere.insert(guest.name.as_str());
            }
        }
        prop_assert_eq!(elsewhere, BTreeSet::from(["moved", "pihole"]));
    }

    #[test]
    fn the_ipam_keeps_its_own_constraints(world in worlds()) {
        let ipam = world.ipam();
        let mut addresses = BTreeSet::new();
        for row in &ipam.assignments {
            prop_assert!(matches!(row.role, IpRole::Vip | IpRole::Anycast) || addresses.insert((&row.network, row.address)));
            prop_assert!(row.cluster.is_none() || row.vmid.is_some());
        }
        let vlans: BTreeSet<_> = ipam.vlans.iter().map(|vlan| (&vlan.network, vlan.vlan_id)).collect();
        prop_assert_eq!(vlans.len(), ipam.vlans.len());
        prop_assert!(ipam.subnets.iter().all(|subnet| vlans.contains(&(&subnet.network, subnet.vlan_id))));
        let ports: BTreeSet<_> = ipam.port_map.iter().map(|row| (&row.network, &row.switch, row.port)).collect();
        prop_assert_eq!(ports.len(), ipam.port_map.len());
    }

    #[test]
    fn every_path_is_expected_once(world in worlds()) {
        let paths = world.expected();
        let ids: BTreeSet<_> = paths.iter().map(|path| &path.id).collect();
        prop_assert_eq!(ids.len(), paths.len());
    }
}

#[test]
fn the_files_hold_what_is_written_in_them() {
    let world = World::generate(&Spec::default()).expect("within bounds");
    let files: BTreeMap<_, _> = world.declared_files().into_iter().collect();
    let (conf, table) = (&files["ip-addresses.conf"], &files["ALL_VMIDS_ENDPOINTS.md"]);
    assert!(conf.contains("\nexport KEYCLOAK_VIP=10.1.0.24 "), "{conf}");
    assert!(conf.contains("\nUDM_PRO_IP=\"${NETWORK_GATEWAY}\"\n"), "{conf}");
    assert!(conf.contains("PROXMOX_HOST_PVE1A=10.0.16.11"), "{conf}");
    let rows = world.networks[0].assignments.iter().filter(|row| row.written == Written::Markdown).count();
    assert_eq!(table.matches(" | ACTIVE |").count(), rows);
    assert!(table.contains("| 777 | **decommissioned** | `10.1.0.240` | pve-1 | HOST | ACTIVE |"), "{table}");
    assert!(table.contains("| access-1 | 39 | pve1a | eno1 |"), "{table}");
}

#[test]
fn a_large_world_is_made_in_a_moment() {
    let spec = Spec { guests: 20_000, clusters: Some(5), ..Spec::default() };
    let world = World::generate(&spec).expect("within bounds");
    assert_eq!(world.clusters.len(), 5);
    assert!(world.expected().len() > 2_000);
}
