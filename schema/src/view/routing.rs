//! Makes the routes: names to hosts, hosts to their targets, and the indexes over them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::HopKind;
use super::addresses::{Bearer, Claim};
use super::cabling::EVIDENCE_MOST;
use super::evidence::{Detail, Evidence, JoinRule};
use super::forwarding::Forwarded;
use super::hop::{HopData, HopState, Rests};
use super::layout::Layout;
use super::part::Part;
use super::ports::protocol_name;
use super::redirects::{Ending, Found};
use super::refs::{AddressRef, HostnameRef, ObjectRef, PathRef, ProxyHostRef, narrow};
use super::routes::{Address, Bare, Names, Origin, Route, Routes};
use super::target::{Chain, Target, TargetHost, read_host};
use crate::Held;
use crate::fact::{LocationFact, Protocol, ProxyHostFact, ProxyKind};

/// How many paths locations may add in all: their number is a product (names times locations), which a hostile answer
/// could make as large as it likes.
const LOCATION_PATHS: usize = 200_000;

/// A domain name, the host that bears it and its place among the host's names.
pub(crate) type Named<'a> = (&'a str, ProxyHostRef, u32);

/// What the routes are made from.
pub(crate) struct Routing<'a> {
    pub(crate) held: &'a [Held],
    pub(crate) layout: &'a Layout,
    pub(crate) parts: &'a [Arc<Part>],
    /// Ordered by name, then host; one for each host.
    named: Vec<Named<'a>>,
    /// Port forwards that lead to a proxy.
    pub(crate) forwarded: Forwarded,
    /// Where redirections go on, by proxy and name, so that many redirections to one name cost no more than one.
    pub(crate) goes_on: RefCell<BTreeMap<(u32, &'a str), Found>>,
    pub(crate) routes: Vec<(Route, Option<Target>)>,
    location_paths: usize,
}

impl Routes {
    pub(crate) fn new(held: &[Held], layout: &Layout, parts: &[Arc<Part>]) -> Self {
        let mut routing = Routing {
            held,
            layout,
            parts,
            named: Vec::new(),
            forwarded: Forwarded::default(),
            goes_on: RefCell::default(),
            routes: Vec::new(),
            location_paths: 0,
        };
        routing.name_hosts();
        let (bare, claims) = routing.forward();
        routing.route_names();
        routing.route_streams();
        routing.finish(bare, claims)
    }
}

impl<'a> Routing<'a> {
    pub(crate) fn host(&self, handle: ProxyHostRef) -> &'a ProxyHostFact {
        let part: &'a Part = &self.parts[handle.source as usize];
        &part.facts().proxy_hosts[part.proxy_hosts[handle.index()] as usize]
    }

    fn hosts(&self) -> impl Iterator<Item = ProxyHostRef> + use<'a> {
        let parts = self.parts;
        (0u32..).zip(parts).flat_map(|(source, part)| {
            (0..part.proxy_hosts.len()).map(move |index| ProxyHostRef::new(source, index))
        })
    }

    fn name_hosts(&mut self) {
        let mut named: Vec<Named<'a>> = Vec::new();
        for handle in self.hosts() {
            let host = self.host(handle);
            named.extend(host.domain_names.iter().zip(0u32..).map(|(name, place)| (&**name, handle, place)));
        }
        named.sort_unstable();
        named.dedup_by_key(|(name, host, _)| (*name, *host));
        self.named = named;
    }

    /// The hosts that bear a name.
    pub(crate) fn bearers(&self, name: &str) -> &[Named<'a>] {
        let start = self.named.partition_point(|named| named.0 < name);
        let end = start + self.named[start..].partition_point(|named| named.0 <= name);
        &self.named[start..end]
    }

    /// The hosts among the bearers of one name that are of one proxy and enabled.
    fn rivals(&self, bearers: &[Named<'a>]) -> Vec<ObjectRef> {
        bearers.iter().filter(|named| self.host(named.1).enabled).map(|named| named.1.into()).collect()
    }

    fn route_names(&mut self) {
        let named = std::mem::take(&mut self.named);
        self.named = named.clone();
        for (number, bearers) in (0u32..).zip(named.chunk_by(|a, b| a.0 == b.0)) {
            let hostname = HostnameRef(number);
            for of_proxy in bearers.chunk_by(|a, b| a.1.source == b.1.source) {
                let rivals = self.rivals(of_proxy);
                let rivals: Option<Arc<[ObjectRef]>> = (rivals.len() > 1).then(|| rivals.into());
                for (name, handle, place) in of_proxy {
                    let host = self.host(*handle);
                    let rivals = rivals.clone().filter(|_| host.enabled);
                    let evidence = Evidence {
                        rule: JoinRule::DomainName,
                        source: Some(handle.source()),
                        detail: Detail::Name { host: *handle, name: *place },
                    };
                    self.route_name(name, hostname, *handle, host, &evidence, rivals.as_ref());
                }
            }
        }
    }

    fn route_name(
        &mut self,
        name: &str,
        hostname: HostnameRef,
        handle: ProxyHostRef,
        host: &'a ProxyHostFact,
        evidence: &Evidence,
        rivals: Option<&Arc<[ObjectRef]>>,
    ) {
        let ending = self.follow(handle);
        let hostname = Some(hostname);
        self.push(
            handle,
            name.into(),
            (None, hostname),
            vec![evidence.clone()],
            rivals,
            &ending,
            Protocol::Tcp,
        );
        if host.kind != ProxyKind::Proxy {
            return;
        }
        let mut seen: Vec<&str> = Vec::new();
        for (location, place) in host.locations.iter().zip(0u32..) {
            // Names are the same in any case, as where they are looked up.
            let same = host
                .forward_host
                .as_ref()
                .is_some_and(|own| own.eq_ignore_ascii_case(&location.forward_host))
                && location.forward_port == host.forward_port;
            if same || self.location_paths == LOCATION_PATHS || seen.contains(&&*location.path) {
                continue;
            }
            seen.push(&location.path);
            self.location_paths += 1;
            // A location that is no plain path (`~ \.php$`) is told from the name by a blank.
            let separator = if location.path.starts_with('/') { "" } else { " " };
            let entry = format!("{name}{separator}{}", location.path).into();
            let at = Evidence {
                rule: JoinRule::Location,
                source: Some(handle.source()),
                detail: Detail::Location { host: handle, location: place },
            };
            let evidence = vec![evidence.clone(), at];
            self.push(
                handle,
                entry,
                (Some((place, location)), hostname),
                evidence,
                rivals,
                &ending,
                Protocol::Tcp,
            );
        }
    }

    fn route_streams(&mut self) {
        for handle in self.hosts() {
            let host = self.host(handle);
            if host.kind != ProxyKind::Stream {
                continue;
            }
            let protocol = host.protocol.unwrap_or(Protocol::Tcp);
            let incoming = host.incoming_port.map_or_else(|| "?".to_owned(), |port| port.to_string());
            let entry = format!("{}:{incoming}", protocol_name(protocol)).into();
            let evidence = Evidence {
                rule: JoinRule::Stream,
                source: Some(handle.source()),
                detail: Detail::Stream { host: handle },
            };
            let ending = self.follow(handle);
            self.push(handle, entry, (None, None), vec![evidence], None, &ending, protocol);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a route is made of these, and made in one place")]
    fn push(
        &mut self,
        handle: ProxyHostRef,
        entry: Box<str>,
        (location, hostname): (Option<(u32, &LocationFact)>, Option<HostnameRef>),
        mut evidence: Vec<Evidence>,
        rivals: Option<&Arc<[ObjectRef]>>,
        ending: &Ending,
        protocol: Protocol,
    ) {
        let host = self.host(handle);
        let mut rests = Rests::on(handle.source(), host.seen);
        for (from, to) in &ending.steps {
            let detail = Detail::Redirection { from: *from, to: *to };
            evidence.push(Evidence { rule: JoinRule::Redirection, source: Some(from.source()), detail });
            rests.add(to.source(), self.host(*to).seen);
        }
        for candidate in ending.several.iter().flat_map(|several| several.iter()).take(EVIDENCE_MOST) {
            if let ObjectRef::ProxyHost(to) = *candidate {
                let detail = Detail::Redirection { from: ending.last, to };
                evidence.push(Evidence {
                    rule: JoinRule::Redirection,
                    source: Some(ending.last.source()),
                    detail,
                });
                rests.add(to.source(), self.host(to).seen);
            }
        }
        let several = rivals.cloned().or_else(|| ending.several.clone());
        let state = if several.is_some() { HopState::Ambiguous } else { HopState::Resolved };
        let proxy = HopData { state, target: Some(handle.into()), several, evidence: evidence.into(), rests };
        let network = self.layout.of(ending.last.source);
        let (address, target, port) = self.address(ending, location, network);
        let forwards = match host.kind {
            ProxyKind::Stream => self.forwarded.to_stream(handle),
            _ => self.forwarded.to_names(handle.source),
        };
        let route = Route {
            origin: Origin::Host(handle),
            entry,
            hostname,
            location: location.map(|(place, _)| place),
            protocol,
            forwards,
            proxy,
            ends_at: ending.several.is_none().then_some(ending.last),
            address: address.map_or(Address::Named(0), |hop| Address::Own(hop, None)),
            port,
            serves: ending.serves && host.enabled,
            network,
            begun: host.seen,
        };
        self.routes.push((route, target));
    }

    /// The ADDRESS hop as far as the route alone decides it, and the target to go on at.
    fn address(
        &self,
        ending: &Ending,
        location: Option<(u32, &LocationFact)>,
        network: u32,
    ) -> (Option<HopData>, Option<Target>, Option<u16>) {
        if let Some(nowhere) = &ending.nowhere {
            return (Some(HopData::missing(nowhere.clone())), None, None);
        }
        let host = self.host(ending.last);
        let (name, port) = match location {
            Some((_, location)) => (Some(&*location.forward_host), location.forward_port),
            None => (host.forward_host.as_deref(), host.forward_port),
        };
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return (Some(HopData::missing(Detail::NoTarget)), None, port);
        };
        match read_host(name) {
            None => (Some(HopData::missing(Detail::Loopback { host: ending.last })), None, port),
            Some(TargetHost::Address(address)) => {
                let handle = AddressRef { network, address };
                let evidence = Evidence {
                    rule: JoinRule::LiteralAddress,
                    source: Some(ending.last.source()),
                    detail: Detail::Literal { host: ending.last, address: handle },
                };
                let rests = Rests::on(ending.last.source(), host.seen);
                let hop = HopData::resolved(handle, vec![evidence], rests);
                (Some(hop), Some(Target { network, host: TargetHost::Address(address) }), port)
            }
            Some(named) => (None, Some(Target { network, host: named }), port),
        }
    }

    /// Puts everything in order and makes the indexes.
    fn finish(mut self, bare: Vec<Bare>, mut claims: Vec<(u32, Claim)>) -> Routes {
        let mut routes = std::mem::take(&mut self.routes);
        let key = |route: &Route| match route.origin {
            Origin::Host(host) => (host.source, &*self.host(host).reference),
            Origin::Forward(forward) => (forward.source, &*self.forward_fact(forward).reference),
        };
        routes.sort_unstable_by(|(a, _), (b, _)| {
            let whole = |route: &Route| (route.hostname, route.location);
            a.entry.cmp(&b.entry).then_with(|| key(a).cmp(&key(b))).then_with(|| whole(a).cmp(&whole(b)))
        });
        // A name that holds a slash reads like another name's location. One path bears the id, always the same one.
        routes.dedup_by(|(again, _), (first, _)| first.entry == again.entry && key(first) == key(again));
        let mut targets: Vec<Target> = routes.iter().filter_map(|(_, target)| target.clone()).collect();
        targets.sort_unstable();
        targets.dedup();
        let (mut target_paths, mut host_paths, mut forward_paths, mut name_paths) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (place, (route, target)) in (0u32..).zip(&mut routes) {
            let path = PathRef(place);
            let found = target.as_ref().and_then(|target| targets.binary_search(target).ok()).map(narrow);
            match (&mut route.address, found) {
                (Address::Own(_, own), found) => *own = found,
                (Address::Named(own), Some(found)) => *own = found,
                (Address::Named(_), None) => unreachable!("a name is a target"),
            }
            target_paths.extend(found.map(|target| (target, path)));
            name_paths.extend(route.hostname.map(|name| (name, path)));
            match route.origin {
                Origin::Host(host) => host_paths.push((host, path)),
                Origin::Forward(forward) => forward_paths.push((forward, path)),
            }
            for evidence in &route.proxy.evidence {
                if let Detail::Redirection { to, .. } = evidence.detail {
                    host_paths.push((to, path));
                }
            }
            forward_paths.extend(route.forwards.iter().map(|forward| (*forward, path)));
        }
        for target in &targets {
            if let TargetHost::Address(address) = target.host {
                claims.push((target.network, Claim::new(address, Bearer::Target, 0, 0)));
            }
        }
        claims.sort_unstable();
        claims.dedup();
        target_paths.sort_unstable();
        name_paths.sort_unstable();
        host_paths.sort_unstable();
        host_paths.dedup();
        forward_paths.sort_unstable();
        Routes {
            all: routes.into_iter().map(|(route, _)| route).collect(),
            names: self.names(name_paths),
            targets: targets.into(),
            target_paths: target_paths.into(),
            host_paths: host_paths.into(),
            forward_paths: forward_paths.into(),
            bare: bare.into(),
            claims: claims.into(),
            after: Chain::after(HopKind::Address),
        }
    }

    fn names(&self, paths: Vec<(HostnameRef, PathRef)>) -> Names {
        let (mut names, mut hosts) = (Vec::new(), Vec::new());
        for bearers in self.named.chunk_by(|a, b| a.0 == b.0) {
            let hostname = HostnameRef(narrow(names.len()));
            names.push(bearers[0].0.into());
            hosts.extend(bearers.iter().map(|named| (hostname, named.1)));
        }
        Names { all: names.into(), hosts: hosts.into(), paths: paths.into() }
    }
}
