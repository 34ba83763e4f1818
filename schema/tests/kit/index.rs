//! Shows what a View can be asked beside its paths: the address plan, who pays, sources, and links in both directions.

use std::fmt::Write as _;

use schema::fact::Seen;
use schema::view::{ObjectRef, PathRef, View};

use super::read::NOW;
use super::show::{list, name, object};

/// A line: what it is about, and what is said of it.
fn line(shown: &mut String, about: impl std::fmt::Display, said: &[(&str, String)]) {
    write!(shown, "{about}:").expect("memory");
    for (what, said) in said.iter().filter(|(_, said)| said != "-") {
        write!(shown, " {what} {said};").expect("memory");
    }
    shown.push('\n');
}

fn all<T: Into<ObjectRef>>(view: &View, objects: impl IntoIterator<Item = T>) -> String {
    list(view, &objects.into_iter().map(Into::into).collect::<Vec<ObjectRef>>())
}

fn one<T: Into<ObjectRef>>(view: &View, found: Option<T>) -> String {
    all(view, found)
}

fn entries(view: &View, paths: impl IntoIterator<Item = PathRef>) -> String {
    let all: Vec<String> = paths
        .into_iter()
        .map(|path| view.path(path))
        .map(|path| format!("{} ({})", path.entry(), object(view, path.begins_at())))
        .collect();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}

/// Subnets, VLANs, declared addresses, and every address by where it lies.
pub(super) fn plan(view: &View) -> String {
    let mut shown = String::new();
    for subnet in view.subnets().iter() {
        let fact = view.subnet(subnet);
        let network = view.network_named(&fact.network).expect("its network is known");
        line(
            &mut shown,
            object(view, subnet.into()),
            &[
                ("in", one(view, view.parent_of_subnet(subnet))),
                ("holds", all(view, view.children_of_subnet(subnet))),
                ("assigned", all(view, view.assignments_of_subnet(subnet))),
                ("used", format!("{:.6}", view.utilisation(subnet, |_| true))),
                ("vlan", one(view, view.vlan_of_subnet(subnet))),
                ("within", all(view, view.addresses_within(network, fact.cidr))),
            ],
        );
    }
    for vlan in view.vlans().iter() {
        line(&mut shown, object(view, vlan.into()), &[("subnets", all(view, view.subnets_of_vlan(vlan)))]);
    }
    for assignment in view.assignments().iter() {
        line(
            &mut shown,
            object(view, assignment.into()),
            &[
                ("vlan", one(view, view.vlan_of_assignment(assignment))),
                ("address", one(view, view.assignment_address(assignment))),
                ("written", object(view, view.declared_address(assignment).into())),
            ],
        );
    }
    for address in view.addresses().iter() {
        let observed = if view.is_observed(address) { "seen" } else { "-" };
        line(
            &mut shown,
            object(view, address.into()),
            &[
                ("in", one(view, view.subnet_of(address))),
                ("declared", all(view, view.assignments_of(address))),
                ("was", observed.to_owned()),
            ],
        );
    }
    shown
}

/// Addresses and MACs that several bear.
pub(super) fn shared(view: &View) -> String {
    let mut shown = String::new();
    for shared in view.shared_addresses() {
        line(
            &mut shown,
            object(view, shared.address.into()),
            &[
                ("guests", all(view, shared.guests.iter().map(|claim| claim.0))),
                ("nodes", all(view, shared.nodes)),
                ("declared so", shared.declared_shared.to_string()),
            ],
        );
    }
    for network in view.networks() {
        for (mac, bearers) in view.duplicate_macs(network) {
            let bearers: Vec<String> = bearers
                .into_iter()
                .map(|(guest, nic)| format!("{} nic {nic}", object(view, guest.into())))
                .collect();
            line(
                &mut shown,
                mac,
                &[("in", view.network_name(network).to_string()), ("of", bearers.join(", "))],
            );
        }
    }
    shown
}

/// The objects that each piece of evidence names.
pub(super) fn details(view: &View) -> String {
    let mut shown = String::new();
    for path in view.paths().iter().map(|path| view.path(path)) {
        for hop in path.hops() {
            for evidence in hop.evidence() {
                let named = all(view, evidence.detail.objects());
                line(&mut shown, format!("{} {}", path.entry(), name(evidence.rule)), &[("names", named)]);
            }
        }
    }
    shown
}

/// Organizations with what they have, and what each of that belongs to.
pub(super) fn accounts(view: &View) -> String {
    let mut shown = String::new();
    let payer =
        |found: Option<_>| found.map_or_else(|| "nobody".to_owned(), |one| view.organization(one).to_owned());
    for organization in view.organizations().iter() {
        line(
            &mut shown,
            view.organization(organization),
            &[
                ("known to", all(view, view.sources_of_organization(organization))),
                ("guests", all(view, view.guests_of_organization(organization))),
                ("entitlements", all(view, view.entitlements_of(organization).iter().copied())),
                ("invoices", all(view, view.invoices_of(organization).iter().copied())),
            ],
        );
    }
    for entitlement in view.entitlements().iter() {
        let of = payer(view.organization_of_entitlement(entitlement));
        line(&mut shown, object(view, entitlement.into()), &[("of", of)]);
    }
    for invoice in view.invoices().iter() {
        let of = payer(view.organization_of_invoice(invoice));
        line(&mut shown, object(view, invoice.into()), &[("of", of)]);
    }
    for certificate in view.certificates_by_expiry() {
        line(&mut shown, object(view, (*certificate).into()), &[("ends", "in this order".to_owned())]);
    }
    shown
}

/// Sources with their states, clusters and networks, and when the next state turns.
pub(super) fn sources(view: &View) -> String {
    let mut shown = String::new();
    for source in view.sources() {
        let held = view.held(source);
        assert_eq!(view.source_named(&held.info.name), Some(source));
        let stale = [false, true].map(|stale| view.is_stale(source, Seen { at: NOW, stale }, NOW));
        line(
            &mut shown,
            &held.info.name,
            &[
                ("is", name(view.source_state(source, NOW))),
                ("stale", format!("{stale:?}")),
                ("network", view.network_name(view.network_of(source)).to_string()),
                ("cluster", one(view, view.cluster_named(&held.info.name))),
            ],
        );
    }
    for cluster in view.clusters() {
        let called = view.cluster(cluster).and_then(|fact| fact.proxmox_name.as_deref());
        line(
            &mut shown,
            object(view, cluster.into()),
            &[
                ("called", called.unwrap_or("-").to_owned()),
                ("nodes", all(view, view.nodes_of_cluster(cluster))),
                ("guests", all(view, view.guests_of_cluster(cluster))),
            ],
        );
    }
    for network in view.networks() {
        let name = view.network_name(network);
        assert_eq!(view.network_named(name), Some(network));
        line(&mut shown, format!("network {name}"), &[]);
    }
    assert!(view.source_named("nobody").is_none() && view.network_named("nowhere").is_none());
    let mut turns = Vec::new();
    let mut now = NOW;
    while let Some(turn) = view.next_turn(now) {
        turns.push(format!("{} s", turn.since(NOW).as_secs()));
        now = turn;
    }
    line(&mut shown, "turns after", &[("", turns.join(", "))]);
    shown
}

/// What runs where, hangs where, leads where; from each object to the others.
pub(super) fn links(view: &View) -> String {
    let mut shown = String::new();
    for guest in view.guests().iter() {
        let interfaces: Vec<String> = (0..view.guest(guest).nics.len())
            .map(|nic| view.interface_addresses(guest, nic))
            .map(|held| format!("{:?} stale {}", held.addresses, held.stale))
            .collect();
        let found = (view.find_guest(&cluster_of(view, guest.into()), view.guest(guest).vmid), Some(guest));
        assert_eq!(found.0, found.1);
        line(
            &mut shown,
            object(view, guest.into()),
            &[
                ("on", one(view, view.node_of(guest))),
                ("port", one(view, view.port_of_guest(guest))),
                ("interfaces", if interfaces.is_empty() { "-".to_owned() } else { interfaces.join(" and ") }),
                ("declared", all(view, view.assignments_of_guest(guest))),
                ("paths", entries(view, view.paths_of_guest(guest))),
            ],
        );
    }
    for node in view.nodes().iter() {
        assert_eq!(view.find_node(&cluster_of(view, node.into()), &view.node(node).name), Some(node));
        let rules: Vec<String> = view.cabling_evidence(node).iter().map(|one| name(one.rule)).collect();
        line(
            &mut shown,
            object(view, node.into()),
            &[
                ("guests", all(view, view.guests_of_node(node))),
                ("last", one(view, view.guests_of_node(node).next_back())),
                ("address", one(view, view.node_address(node))),
                ("ports", all(view, view.ports_of_node(node).iter().copied())),
                ("by", if rules.is_empty() { "-".to_owned() } else { rules.join(", ") }),
                ("paths", entries(view, view.paths_of_node(node))),
            ],
        );
    }
    cabled(view, &mut shown);
    addressed(view, &mut shown);
    fronted(view, &mut shown);
    shown
}

fn cluster_of(view: &View, object: ObjectRef) -> String {
    match view.id(object) {
        schema::ObjectId::Guest { cluster, .. } | schema::ObjectId::ClusterNode { cluster, .. } => {
            cluster.into()
        }
        other => panic!("not of a cluster: {other}"),
    }
}

fn cabled(view: &View, shown: &mut String) {
    for switch in view.switches().iter() {
        assert_eq!(view.find_switch(view.switch(switch).mac), Some(switch));
        line(
            shown,
            object(view, switch.into()),
            &[
                ("ports", all(view, view.ports_of_switch(switch))),
                ("last", one(view, view.ports_of_switch(switch).next_back())),
                ("address", one(view, view.switch_address(switch))),
            ],
        );
        for port in view.ports_of_switch(switch) {
            let fact = view.port(port);
            assert_eq!(view.find_port(fact.switch, fact.number), Some(port));
            assert_eq!(view.find_port(fact.switch, 999), None);
            let cables: Vec<String> = view
                .cables_of_port(port)
                .iter()
                .map(|cable| view.cable(*cable).reference.to_string())
                .collect();
            line(
                shown,
                object(view, port.into()),
                &[
                    ("of", one(view, view.switch_of_port(port))),
                    ("nodes", all(view, view.nodes_of_port(port))),
                    ("guests", all(view, view.guests_of_port(port))),
                    ("clients", all(view, view.clients_of_port(port))),
                    ("cables", if cables.is_empty() { "-".to_owned() } else { cables.join(", ") }),
                    ("paths", entries(view, view.paths_of_port(port))),
                ],
            );
        }
    }
    for client in view.clients().iter() {
        let network = view.network_of(client.source());
        let mac = view.client(client).mac;
        assert_eq!(view.find_client(view.network_name(network), mac), Some(client));
        let interfaces: Vec<String> = view
            .interfaces_with_mac(network, mac)
            .into_iter()
            .map(|(guest, nic)| format!("{} nic {nic}", object(view, guest.into())))
            .collect();
        line(
            shown,
            object(view, client.into()),
            &[
                ("port", one(view, view.port_of_client(client))),
                ("address", one(view, view.client_address(client))),
                ("interfaces", if interfaces.is_empty() { "-".to_owned() } else { interfaces.join(", ") }),
            ],
        );
    }
}

fn addressed(view: &View, shown: &mut String) {
    for address in view.addresses().iter() {
        let network = view.network_name(address.network());
        assert_eq!(view.find_address(network, address.address()), Some(address));
        let claims: Vec<String> = view
            .guest_claims_of_address(address)
            .map(|(guest, origin)| format!("{} by {}", object(view, guest.into()), name(origin)))
            .collect();
        line(
            shown,
            object(view, address.into()),
            &[
                ("guests", all(view, view.guests_of_address(address))),
                ("claims", if claims.is_empty() { "-".to_owned() } else { claims.join(", ") }),
                ("nodes", all(view, view.nodes_of_address(address))),
                ("clients", all(view, view.clients_of_address(address))),
                ("client", one(view, view.client_of_address(address))),
                ("switch", one(view, view.switch_of_address(address))),
                ("hosts", all(view, view.proxy_hosts_of_address(address))),
                ("paths", entries(view, view.paths_of_address(address))),
            ],
        );
    }
    for network in view.networks() {
        let mut names: Vec<String> =
            view.guests().iter().map(|guest| view.guest(guest).name.to_string()).collect();
        names.extend(
            view.assignments().iter().filter_map(|one| Some(view.assignment(one).hostname.clone()?.into())),
        );
        names.sort_unstable();
        names.dedup();
        for called in names {
            line(
                shown,
                format!("{called} in {}", view.network_name(network)),
                &[
                    ("guests", all(view, view.guests_named(network, &called))),
                    ("declared", all(view, view.assignments_named(network, &called))),
                ],
            );
        }
    }
}

fn fronted(view: &View, shown: &mut String) {
    for hostname in view.hostnames().iter() {
        let called = view.hostname(hostname);
        assert_eq!(view.find_hostname(called), Some(hostname));
        line(
            shown,
            called,
            &[
                ("paths", entries(view, view.paths_of_hostname(hostname))),
                ("hosts", all(view, view.proxy_hosts_of_hostname(hostname))),
                ("certificates", all(view, view.certificates_of_hostname(hostname))),
            ],
        );
    }
    for host in view.proxy_hosts().iter() {
        let names: Vec<&str> = view.hostnames_of_proxy_host(host).map(|one| view.hostname(one)).collect();
        let locations = view.proxy_host(host).locations.len();
        let upstreams: Vec<String> =
            (0..=locations).map(|place| one(view, view.upstream_of_location(host, place))).collect();
        line(
            shown,
            object(view, host.into()),
            &[
                ("names", if names.is_empty() { "-".to_owned() } else { names.join(", ") }),
                ("paths", entries(view, view.paths_of_proxy_host(host))),
                ("certificate", one(view, view.certificate_of_proxy_host(host))),
                ("upstream", one(view, view.upstream_of_proxy_host(host))),
                ("locations", upstreams.join(" ")),
            ],
        );
    }
    for forward in view.forwards().iter() {
        line(
            shown,
            object(view, forward.into()),
            &[
                ("address", one(view, view.forward_address(forward))),
                ("paths", entries(view, view.paths_of_forward(forward))),
            ],
        );
    }
}
