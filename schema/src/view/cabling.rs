//! The ports that a node hangs on, or a client: DESIGN, The join, node -> switch port.
//!
//! This hop is never ambiguous: the best rule wins, and what lost stands in the evidence.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::View;
use super::cables::Votes;
use super::evidence::{Detail, Evidence, JoinRule};
use super::hop::{HopData, Rests};
use super::hypervisors::Hypervisors;
use super::refs::{ClientRef, NodeRef, PortRef};
use crate::Mac;

/// A SWITCH_PORT hop with all its ports.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cabling {
    pub(crate) hop: HopData,
    /// Ascending by switch and number; the first is the hop's target.
    pub(crate) ports: Box<[PortRef]>,
}

/// How many pieces of evidence one rule gives at most.
pub(crate) const EVIDENCE_MOST: usize = 10;

/// A port that a rule found, and how many of its kind say so.
pub(crate) struct Finding {
    pub(crate) port: PortRef,
    pub(crate) weight: u32,
    /// A bonded node's guests are seen there, and another node has more.
    pub(crate) stray: bool,
    pub(crate) evidence: Evidence,
    pub(crate) rests: Rests,
}

/// Ports of one link aggregation group are one candidate: its switch and lowest port's number.
pub(crate) type Group = (Mac, Option<u16>, u16);

impl Cabling {
    pub(crate) fn missing(detail: Detail) -> Self {
        Self { hop: HopData::missing(detail), ports: Box::default() }
    }

    /// A node's ports.
    pub(crate) fn of_node(view: &View, network: u32, node: NodeRef, votes: &Votes) -> Self {
        let all = &view.hypervisors[network as usize];
        let rules = [
            view.by_lldp(network, node, all),
            view.by_clients(network, node, all),
            votes.of(view, node),
            view.by_declaration(network, node, all),
        ];
        let Some(best) = rules.iter().position(|findings| !findings.is_empty()) else {
            return Self::missing(Detail::Uncabled { node });
        };
        let winners = view.winners(network, &rules[best], view.node(node).bonded);
        let mut ports: Vec<PortRef> = Vec::new();
        for finding in &winners {
            ports.extend(view.group_ports(network, finding.port));
        }
        view.sort_ports(&mut ports);
        let mut rests = Rests::default();
        for finding in &winners {
            for source in &finding.rests.sources {
                let seen = crate::fact::Seen {
                    at: finding.rests.at.unwrap_or_default(),
                    stale: finding.rests.stale,
                };
                rests.add(*source, seen);
            }
            rests.add(finding.port.source(), view.port(finding.port).seen);
        }
        let mut evidence: Vec<Evidence> =
            winners.iter().take(EVIDENCE_MOST).map(|finding| finding.evidence.clone()).collect();
        for findings in &rules {
            for finding in findings.iter().take(EVIDENCE_MOST) {
                if !evidence.contains(&finding.evidence) {
                    evidence.push(finding.evidence.clone());
                }
            }
        }
        Self { hop: HopData::resolved(ports[0], evidence, rests), ports: ports.into() }
    }

    /// The port of an address that only a client has.
    pub(crate) fn of_client(view: &View, network: u32, client: ClientRef) -> Self {
        let Some(port) = view.port_behind(network, client) else {
            return Self::missing(Detail::ClientNowhere { client });
        };
        let mut ports = view.group_ports(network, port);
        view.sort_ports(&mut ports);
        let rests =
            Rests::on(client.source(), view.client(client).seen).and(port.source(), view.port(port).seen);
        let evidence = Evidence {
            rule: JoinRule::ClientPort,
            source: Some(client.source()),
            detail: Detail::Behind { client, port },
        };
        Self { hop: HopData::resolved(ports[0], vec![evidence], rests), ports: ports.into() }
    }
}

impl View {
    /// The port behind which a client was seen, where a node or a machine can hang on it.
    pub(crate) fn port_behind(&self, network: u32, client: ClientRef) -> Option<PortRef> {
        let fact = self.client(client);
        let fabric = &self.fabrics[network as usize];
        let (switch, number) = fact.port?;
        fabric.port(switch, number).filter(|_| !fabric.is_device(fact.mac))
    }

    pub(crate) fn group_of(&self, port: PortRef) -> Group {
        let fact = self.port(port);
        match fact.lag {
            Some(lag) => (fact.switch, Some(lag), 0),
            None => (fact.switch, None, fact.number),
        }
    }

    /// All ports of a port's link aggregation group, or the port alone.
    pub(crate) fn group_ports(&self, network: u32, port: PortRef) -> Vec<PortRef> {
        let fact = self.port(port);
        let group = fact.lag.map_or(&[][..], |lag| self.fabrics[network as usize].group(fact.switch, lag));
        if group.is_empty() { vec![port] } else { group.to_vec() }
    }

    pub(crate) fn sort_ports(&self, ports: &mut Vec<PortRef>) {
        ports.sort_by_key(|port| {
            let fact = self.port(*port);
            (fact.switch, fact.number, *port)
        });
        ports.dedup();
    }

    /// Of one rule's findings those that win: the most of its kind, then the deepest switch, the lowest MAC and the lowest
    /// port; with its whole group. Of a node with a bond, all.
    fn winners<'f>(&self, network: u32, findings: &'f [Finding], bonded: bool) -> Vec<&'f Finding> {
        if bonded {
            return findings.iter().filter(|finding| !finding.stray).collect();
        }
        let fabric = &self.fabrics[network as usize];
        // Of each group how many say so, and its lowest port among them.
        let mut groups: BTreeMap<Group, (u32, u16)> = BTreeMap::new();
        for finding in findings {
            let number = self.port(finding.port).number;
            let known = groups.entry(self.group_of(finding.port)).or_insert((0, number));
            // A group that is heard on two of its ports is one candidate still; guests are counted by group already.
            *known = (known.0.max(finding.weight), known.1.min(number));
        }
        let best = groups.iter().min_by_key(|(group, (weight, number))| {
            (Reverse(*weight), Reverse(fabric.depth(group.0)), group.0, *number)
        });
        findings
            .iter()
            .filter(|finding| best.is_some_and(|best| *best.0 == self.group_of(finding.port)))
            .collect()
    }

    fn by_lldp(&self, network: u32, node: NodeRef, all: &Hypervisors) -> Vec<Finding> {
        let fabric = &self.fabrics[network as usize];
        let finding = |&(place, by_chassis): &(usize, bool)| {
            let heard = &fabric.heard[place];
            let port = heard.port;
            let detail =
                if by_chassis { Detail::Chassis { node, port } } else { Detail::SystemName { node, port } };
            let mut rests = Rests::on(heard.source, heard.seen);
            // That the chassis is the node's somebody else said.
            let known = all.macs_of(node).iter().find(|mac| heard.chassis == Some(mac.mac));
            if let Some(mac) = known {
                rests.add(mac.source, mac.seen);
            }
            Finding {
                port,
                weight: 1,
                stray: false,
                evidence: Evidence { rule: JoinRule::Lldp, source: Some(heard.source), detail },
                rests,
            }
        };
        one_each(all.heard_of(node).iter().map(finding).collect())
    }

    fn by_clients(&self, network: u32, node: NodeRef, all: &Hypervisors) -> Vec<Finding> {
        let fabric = &self.fabrics[network as usize];
        let finding = |mac: &super::hypervisors::NodeMac| {
            let client = fabric.client(mac.mac)?;
            let port = self.port_behind(network, client)?;
            let seen = self.client(client).seen;
            let detail = Detail::Behind { client, port };
            Some(Finding {
                port,
                weight: 1,
                stray: false,
                evidence: Evidence { rule: mac.rule, source: Some(client.source()), detail },
                rests: Rests::on(client.source(), seen).and(mac.source, mac.seen),
            })
        };
        one_each(all.macs_of(node).iter().filter_map(finding).collect())
    }

    fn by_declaration(&self, network: u32, node: NodeRef, all: &Hypervisors) -> Vec<Finding> {
        let fabric = &self.fabrics[network as usize];
        let name = self.node(node).name.to_lowercase();
        let alone = all.only(&name).is_some();
        let cables = fabric.cables.get(&*name).map_or(&[][..], Vec::as_slice);
        let mut findings = Vec::new();
        for entry in cables {
            let cable = self.cable(*entry);
            let meant = match cable.cluster.as_deref() {
                Some(cluster) => self.is_cluster(node.source, cluster),
                None => alone,
            };
            if !meant {
                continue;
            }
            for switch in fabric.devices_called(&cable.switch) {
                if let Some(port) = fabric.port(switch, cable.port) {
                    let detail = Detail::Cable { entry: *entry, port };
                    findings.push(Finding {
                        port,
                        weight: 1,
                        stray: false,
                        evidence: Evidence { rule: JoinRule::PortMap, source: Some(entry.source()), detail },
                        rests: Rests::on(entry.source(), cable.seen),
                    });
                }
            }
        }
        one_each(findings)
    }
}

/// Several words of one rule for one port weigh no more than one.
fn one_each(mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut known: std::collections::BTreeSet<PortRef> = std::collections::BTreeSet::new();
    findings.retain(|finding| known.insert(finding.port));
    findings
}
