//! Nodes that hang on another port than the port map says.

use super::find::{Findings, Report, Site};
use super::{DriftKind, Severity};
use crate::view::{JoinRule, NodeRef, PortRef, View};

pub(super) fn find(site: &Site<'_>, found: &mut Findings<'_>) {
    let view = site.view;
    let switches = view.switches().iter().filter(|switch| view.network_of(switch.source()) == site.network);
    for port in switches.flat_map(|switch| view.ports_of_switch(switch)) {
        for cable in view.cables_of_port(port) {
            let fact = view.cable(cable);
            let meant =
                view.nodes().iter().filter(|node| view.network_of(node.source()) == site.network).filter(
                    |node| {
                        view.node(*node).name.eq_ignore_ascii_case(&fact.node)
                            && fact.cluster.as_deref().is_none_or(|cluster| {
                                view.cluster_named(cluster)
                                    .is_none_or(|cluster| cluster.source() == node.source())
                            })
                    },
                );
            for node in meant {
                compare(view, node, port, cable, found);
            }
        }
    }
}

fn compare(
    view: &View,
    node: NodeRef,
    port: PortRef,
    cable: crate::view::PortMapRef,
    found: &mut Findings<'_>,
) {
    let ports = view.ports_of_node(node);
    let by_the_map_alone =
        view.cabling_evidence(node).iter().all(|evidence| evidence.rule == JoinRule::PortMap);
    if ports.is_empty() || by_the_map_alone || ports.contains(&port) {
        return;
    }
    let cluster = &view.held(node.source()).info.name;
    let named = format!("{cluster}/{}", view.node(node).name);
    let (declared, observed) =
        (port_name(view, port), ports.iter().map(|port| port_name(view, *port)).collect::<Vec<_>>());
    let observed = observed.join(", ");
    found.report(Report {
        kind: DriftKind::PortMapMismatch,
        severity: Severity::Warning,
        subject: format!("{named} {declared}"),
        about: Some(node.into()),
        message: format!(
            "{named} is declared on {declared} ({}) and found on {observed}",
            view.cable(cable).declared_in
        ),
        declared: Some(declared),
        observed: Some(observed),
        sources: ports.iter().map(|port| port.source()).chain([cable.source(), node.source()]).collect(),
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
