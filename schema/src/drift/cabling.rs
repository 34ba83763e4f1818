//! Nodes that hang on another port than the port map says.

use std::collections::BTreeMap;

use super::clusters::Clusters;
use super::find::{Findings, Report};
use super::site::Site;
use super::{DriftKind, Severity};
use crate::view::{JoinRule, NodeRef, ObjectRef, PortMapRef, PortRef, View};

pub(super) fn find(site: &Site<'_>, clusters: &Clusters<'_>, found: &mut Findings<'_>) {
    let view = site.view;
    if view.cables().is_empty() {
        return;
    }
    let mut by_name: BTreeMap<String, Vec<NodeRef>> = BTreeMap::new();
    for node in &site.nodes {
        by_name.entry(view.node(*node).name.to_lowercase()).or_default().push(*node);
    }
    for (name, nodes) in by_name {
        for node in &nodes {
            let declared = declared(site, clusters, &name, *node, nodes.len() == 1);
            if !declared.is_empty() {
                compare(view, *node, &declared, found);
            }
        }
    }
}

/// The known ports that the port map gives a node. A row without a cluster means the one node of that name.
fn declared(
    site: &Site<'_>,
    clusters: &Clusters<'_>,
    name: &str,
    node: NodeRef,
    alone: bool,
) -> Vec<(PortRef, PortMapRef)> {
    let view = site.view;
    let fabric = &view.fabrics[site.network.0 as usize];
    let mut ports = Vec::new();
    for cable in fabric.cables.get(name).into_iter().flatten() {
        let fact = view.cable(*cable);
        let is_meant = match fact.cluster.as_deref() {
            Some(cluster) => clusters.meant(Some(cluster), site.network).contains(&node.source()),
            None => alone,
        };
        if is_meant {
            let switches = fabric.devices_called(&fact.switch);
            let known = switches.into_iter().filter_map(|switch| view.find_port(switch, fact.port));
            ports.extend(known.map(|port| (port, *cable)));
        }
    }
    ports.sort_unstable();
    ports
}

/// A node may have more cables than anybody hears, and a map may be short. A finding it is where the node is found on a port that
/// the map does not give it, and not on one that it does.
fn compare(view: &View, node: NodeRef, declared: &[(PortRef, PortMapRef)], found: &mut Findings<'_>) {
    let (ports, evidence) = (view.ports_of_node(node), view.cabling_evidence(node));
    let Some(rule) = evidence.first().map(|evidence| evidence.rule) else { return };
    if ports.is_empty() || rule == JoinRule::PortMap {
        return;
    }
    // What another rule heard of a second cable counts as well.
    let heard: Vec<ObjectRef> = evidence
        .iter()
        .filter(|evidence| evidence.rule != JoinRule::PortMap)
        .flat_map(|evidence| evidence.detail.objects())
        .collect();
    let is_heard = |port: PortRef| ports.contains(&port) || heard.contains(&port.into());
    let missing: Vec<_> = declared.iter().filter(|(port, _)| !is_heard(*port)).collect();
    let strange: Vec<PortRef> =
        ports.iter().copied().filter(|port| declared.iter().all(|(known, _)| known != port)).collect();
    // A guest that moved is still seen behind the port of the node that it left: of guests alone that says nothing.
    let lags = rule == JoinRule::GuestMacs
        && strange.iter().all(|port| view.nodes_of_port(*port).any(|other| other != node));
    if missing.is_empty() || strange.is_empty() || lags {
        return;
    }
    let named = format!("{}/{}", view.held(node.source()).info.name, view.node(node).name);
    let expected: Vec<String> = missing
        .iter()
        .map(|(port, cable)| format!("{} ({})", port_name(view, *port), view.cable(*cable).declared_in))
        .collect();
    let observed: Vec<String> = strange.iter().map(|port| port_name(view, *port)).collect();
    let (expected, observed) = (expected.join(", "), observed.join(", "));
    let named_ports: Vec<ObjectRef> =
        missing.iter().map(|(port, _)| *port).chain(strange.iter().copied()).map(Into::into).collect();
    let by = view.cabling_of(node).hop.rests.sources.iter().copied();
    let switches = ports.iter().map(|port| port.source());
    let cables = declared.iter().map(|(_, cable)| cable.source());
    found.report(Report {
        kind: DriftKind::PortMapMismatch,
        severity: Severity::Warning,
        message: format!("{named} is declared on {expected} and found on {observed}"),
        subject: named,
        about: Some(node.into()),
        names: named_ports,
        declared: Some(expected),
        observed: Some(observed),
        sources: by.chain(switches).chain(cables).chain([node.source()]).collect(),
    });
}

/// A port as findings name it: `core port 12`.
fn port_name(view: &View, port: PortRef) -> String {
    let fact = view.port(port);
    let switch = view
        .switch_of_port(port)
        .map_or_else(|| fact.switch.to_string(), |switch| view.switch(switch).name.to_string());
    format!("{switch} port {}", fact.number)
}
