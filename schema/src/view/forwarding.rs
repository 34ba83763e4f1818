//! Port forwards: which lead to a proxy, and which go past every one and are paths of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::addresses::{Bearer, Claim};
use super::evidence::{Detail, Evidence, JoinRule};
use super::hop::{HopData, Rests};
use super::part::Part;
use super::ports::{Ports, protocol_name, protocols_meet};
use super::refs::{AddressRef, ForwardRef, ProxyHostRef, narrow};
use super::routes::{Address, Bare, Origin, Route};
use super::routing::Routing;
use super::target::{Target, TargetHost};
use crate::address::{canonical, names_a_machine};
use crate::fact::{PortForwardFact, Protocol, ProxyKind};

/// How many forwards a path names by which its proxy is reached, and how many that go past it. A gateway has two or three; a hostile one could name so
/// many that each path had a long list of them.
pub(crate) const FORWARDS_MOST: usize = 100;

/// Port forwards that lead to a proxy.
#[derive(Default)]
pub(crate) struct Forwarded {
    /// To its HTTP ports, by source.
    names: BTreeMap<u32, Arc<[ForwardRef]>>,
    streams: BTreeMap<ProxyHostRef, Vec<ForwardRef>>,
}

impl Forwarded {
    /// Those by which a proxy's names are reached.
    pub(crate) fn to_names(&self, proxy: u32) -> Arc<[ForwardRef]> {
        self.names.get(&proxy).cloned().unwrap_or_else(|| Arc::from([]))
    }

    /// Those by which a stream is reached.
    pub(crate) fn to_stream(&self, stream: ProxyHostRef) -> Arc<[ForwardRef]> {
        self.streams.get(&stream).map_or(&[][..], Vec::as_slice).into()
    }
}

impl<'a> Routing<'a> {
    pub(crate) fn forward_fact(&self, handle: ForwardRef) -> &'a PortForwardFact {
        let part: &'a Part = &self.parts[handle.source as usize];
        &part.facts().port_forwards[part.forwards[handle.index()] as usize]
    }

    fn enabled_forwards(&self) -> Vec<(ForwardRef, &'a PortForwardFact)> {
        let handles = (0u32..).zip(self.parts).flat_map(|(source, part)| {
            (0..part.forwards.len()).map(move |index| ForwardRef::new(source, index))
        });
        handles.map(|handle| (handle, self.forward_fact(handle))).filter(|(_, fact)| fact.enabled).collect()
    }

    /// Whether a forward goes to an address of this proxy.
    fn goes_to(&self, forward: ForwardRef, fact: &PortForwardFact, proxy: u32) -> bool {
        self.layout.of(forward.source) == self.layout.of(proxy)
            && fact.forward_address.is_some_and(|to| {
                self.held[proxy as usize].info.addresses.iter().any(|own| canonical(*own) == canonical(to))
            })
    }

    /// Tells the forwards that lead to a proxy from those that go past every one; the latter become routes.
    pub(crate) fn forward(&mut self) -> (Vec<Bare>, Vec<(u32, Claim)>) {
        let mut past = self.enabled_forwards();
        for proxy in 0..narrow(self.held.len()) {
            if !self.held[proxy as usize].info.addresses.is_empty() {
                let led = self.lead_to(proxy);
                past.retain(|(handle, _)| led.binary_search(handle).is_err());
            }
        }
        let mut bare = Vec::new();
        for (handle, fact) in past {
            self.route_bare(handle, fact, &mut bare);
        }
        bare.sort_unstable_by_key(|bare| (bare.to, bare.forward));
        (bare, self.named_addresses())
    }

    /// The forwards that lead to a proxy, in order; remembers which of its paths they reach.
    fn lead_to(&mut self, proxy: u32) -> Vec<ForwardRef> {
        let part = &self.parts[proxy as usize];
        let mut streams: Vec<(u16, Protocol, ProxyHostRef)> = Vec::new();
        for index in 0..part.proxy_hosts.len() {
            let handle = ProxyHostRef::new(proxy, index);
            let host = self.host(handle);
            if let (ProxyKind::Stream, Some(port)) = (host.kind, host.incoming_port) {
                streams.push((port, host.protocol.unwrap_or(Protocol::Tcp), handle));
            }
        }
        let (mut led, mut names) = (Vec::new(), Vec::new());
        for (handle, fact) in self.enabled_forwards() {
            if !self.goes_to(handle, fact, proxy) {
                continue;
            }
            let ports = Ports::parse(&fact.forward_port);
            let http =
                protocols_meet(fact.protocol, Protocol::Tcp) && (ports.contains(80) || ports.contains(443));
            if http && names.len() < FORWARDS_MOST {
                names.push(handle);
            }
            let mut leads = http;
            for (port, protocol, stream) in &streams {
                if protocols_meet(fact.protocol, *protocol) && ports.contains(*port) {
                    leads = true;
                    let reached = self.forwarded.streams.entry(*stream).or_default();
                    if reached.len() < FORWARDS_MOST {
                        reached.push(handle);
                    }
                }
            }
            led.extend(leads.then_some(handle));
        }
        self.forwarded.names.insert(proxy, names.into());
        led
    }

    /// The addresses that forwards lead to and proxies have: something is known of them.
    fn named_addresses(&self) -> Vec<(u32, Claim)> {
        let mut claims = Vec::new();
        for (source, part) in (0u32..).zip(self.parts) {
            let network = self.layout.of(source);
            let led_to = part.facts().port_forwards.iter().filter_map(|fact| fact.forward_address);
            let own = self.held[source as usize].info.addresses.iter().copied();
            let usable = led_to.chain(own).map(canonical).filter(|address| names_a_machine(*address));
            claims.extend(usable.map(|address| (network, Claim::new(address, Bearer::Target, 0, 0))));
        }
        claims
    }

    fn route_bare(&mut self, handle: ForwardRef, fact: &PortForwardFact, bare: &mut Vec<Bare>) {
        let network = self.layout.of(handle.source);
        let ports = Ports::parse(&fact.forward_port);
        let port = ports.single();
        let to = fact.forward_address.map(canonical).filter(|address| names_a_machine(*address));
        let (address, target) = match to {
            None => (HopData::missing(Detail::NoTarget), None),
            Some(address) => {
                let to = AddressRef { network, address };
                bare.push(Bare { to, forward: handle, ports, protocol: fact.protocol });
                let evidence = Evidence {
                    rule: JoinRule::PortForward,
                    source: Some(handle.source()),
                    detail: Detail::Forward { forward: handle },
                };
                let hop = HopData::resolved(to, vec![evidence], Rests::on(handle.source(), fact.seen));
                (hop, Some(Target { network, host: TargetHost::Address(address) }))
            }
        };
        let route = Route {
            origin: Origin::Forward(handle),
            entry: format!("{}:{}", protocol_name(fact.protocol), fact.public_port).into(),
            hostname: None,
            location: None,
            protocol: fact.protocol,
            forwards: Arc::from([]),
            proxy: HopData::missing(Detail::NoProxy { forward: handle }),
            ends_at: None,
            address: Address::Own(address, None),
            port,
            serves: true,
            network,
            begun: fact.seen,
        };
        self.routes.push((route, target));
    }
}
