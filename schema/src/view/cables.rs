//! What the guests of a cluster say of where their nodes hang: the ports behind which their MACs are seen.

use std::collections::BTreeMap;

use super::View;
use super::cabling::{Finding, Group};
use super::evidence::{Detail, Evidence, JoinRule};
use super::hop::Rests;
use super::refs::{NodeRef, PortRef, narrow};

/// The guests' MACs seen behind one port (or link aggregation group), of one node.
struct Vote {
    group: Group,
    /// The lowest port of the group behind which one was seen.
    port: PortRef,
    count: u32,
    rests: Rests,
}

/// The votes of one cluster, by node.
pub(crate) struct Votes {
    by_node: Vec<Vec<Vote>>,
}

impl Votes {
    pub(crate) fn new(view: &View, source: u32) -> Self {
        let network = view.layout.of(source);
        let fabric = &view.fabrics[network as usize];
        let cluster = &view.parts[source as usize];
        let mut by_node = Vec::with_capacity(cluster.nodes.len());
        for node in 0..cluster.nodes.len() {
            let mut votes: BTreeMap<Group, Vote> = BTreeMap::new();
            for guest in cluster.residents(node) {
                let guest = cluster.guest(*guest as usize);
                if guest.template {
                    continue;
                }
                for mac in guest.nics.iter().filter_map(|nic| nic.mac).filter(|mac| !mac.is_anonymous()) {
                    let Some(client) = fabric.client(mac) else { continue };
                    let Some(port) = view.port_behind(network, client) else { continue };
                    let group = view.group_of(port);
                    let empty = || Vote { group, port, count: 0, rests: Rests::default() };
                    let vote = votes.entry(group).or_insert_with(empty);
                    vote.count += 1;
                    vote.rests.add(client.source(), view.client(client).seen);
                    if view.port(port).number < view.port(vote.port).number {
                        vote.port = port;
                    }
                }
            }
            let mut votes: Vec<Vote> = votes.into_values().collect();
            votes.sort_by_key(|vote| (std::cmp::Reverse(vote.count), vote.group));
            by_node.push(votes);
        }
        Self { by_node }
    }

    /// What this rule finds for a node, the most first.
    ///
    /// With a bond several ports are the node's own; but a guest that moved is still seen behind the port of the node that
    /// it left. Ports behind which another node of its cluster has more guests are therefore strays: they stand in the
    /// evidence alone.
    pub(crate) fn of(&self, view: &View, node: NodeRef) -> Vec<Finding> {
        let votes = &self.by_node[node.index()];
        let others = |vote: &Vote| {
            let rivals = self.by_node.iter().enumerate().filter(|(place, _)| *place != node.index());
            rivals
                .flat_map(|(_, votes)| votes)
                .filter(|rival| rival.group == vote.group)
                .map(|rival| rival.count)
                .max()
        };
        let bonded = view.node(node).bonded;
        let mut findings: Vec<Finding> = Vec::with_capacity(votes.len());
        for vote in votes {
            let detail = Detail::Guests { node, port: vote.port, seen: vote.count };
            findings.push(Finding {
                port: vote.port,
                weight: vote.count,
                stray: bonded && others(vote).is_some_and(|most| most > vote.count),
                evidence: Evidence {
                    rule: JoinRule::GuestMacs,
                    source: vote.rests.sources.first().copied(),
                    detail,
                },
                rests: vote.rests.clone(),
            });
        }
        if findings.iter().all(|finding| finding.stray) {
            findings.first_mut().into_iter().for_each(|most| most.stray = false);
        }
        findings
    }

    pub(crate) fn nodes(&self) -> u32 {
        narrow(self.by_node.len())
    }
}
