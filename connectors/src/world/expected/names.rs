//! The names that proxies bear, and where a redirection goes on.

use std::collections::BTreeMap;

use super::chain::Chain;
use super::host_id;
use super::known::Known;
use crate::world::{DeadHost, Location, ProxyHost, Redirection, World};

/// A host that bears names.
#[derive(Clone, Copy)]
pub(super) enum Host<'a> {
    Proxy(&'a ProxyHost),
    Redirection(&'a Redirection),
    Dead(&'a DeadHost),
}

/// All names of all proxies, in lower case.
pub(super) struct Names<'a> {
    world: &'a World,
    by_name: BTreeMap<String, Vec<(usize, Host<'a>)>>,
}

impl<'a> Host<'a> {
    pub(super) fn reference(self) -> String {
        match self {
            Self::Proxy(host) => format!("p{}", host.id),
            Self::Redirection(host) => format!("r{}", host.id),
            Self::Dead(host) => format!("d{}", host.id),
        }
    }

    pub(super) fn enabled(self) -> bool {
        match self {
            Self::Proxy(host) => host.enabled,
            Self::Redirection(host) => host.enabled,
            Self::Dead(host) => host.enabled,
        }
    }

    fn names(self) -> &'a [String] {
        match self {
            Self::Proxy(host) => &host.domain_names,
            Self::Redirection(host) => &host.domain_names,
            Self::Dead(host) => &host.domain_names,
        }
    }

    /// Locations that lead elsewhere than the host itself.
    pub(super) fn locations(self) -> impl Iterator<Item = &'a Location> {
        let host = if let Self::Proxy(host) = self { Some(host) } else { None };
        host.into_iter().flat_map(|host| {
            let own = &host.forward;
            let elsewhere = move |location: &&Location| {
                (&location.forward.host, location.forward.port) != (&own.host, own.port)
            };
            host.locations.iter().filter(elsewhere)
        })
    }
}

impl<'a> Names<'a> {
    pub(super) fn of(world: &'a World) -> Self {
        let mut by_name: BTreeMap<String, Vec<(usize, Host<'a>)>> = BTreeMap::new();
        for (at, proxy) in world.proxies.iter().enumerate() {
            let hosts = proxy.proxy_hosts.iter().map(Host::Proxy);
            let hosts = hosts.chain(proxy.redirections.iter().map(Host::Redirection));
            for host in hosts.chain(proxy.dead_hosts.iter().map(Host::Dead)) {
                for name in host.names() {
                    by_name.entry(name.to_lowercase()).or_default().push((at, host));
                }
            }
        }
        Self { world, by_name }
    }

    /// The names of a proxy, each with its host.
    pub(super) fn of_proxy(&self, at: usize) -> impl Iterator<Item = (&str, Host<'a>)> {
        self.by_name.iter().flat_map(move |(name, hosts)| {
            let own = hosts.iter().filter(move |(proxy, _)| *proxy == at);
            own.map(move |(_, host)| (name.as_str(), *host))
        })
    }

    /// The enabled hosts of a proxy that claim a name.
    pub(super) fn claimants(&self, at: usize, name: &str) -> Vec<Host<'a>> {
        let hosts = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        hosts.iter().filter(|(proxy, host)| *proxy == at && host.enabled()).map(|(_, host)| *host).collect()
    }

    /// Follows a host to where it leads, through redirections.
    pub(super) fn follow(&self, at: usize, host: Host<'a>, known: &Known<'_>, chain: &mut Chain) {
        let (mut at, mut host) = (at, host);
        // Two redirections that lead to each other lead nowhere; so does a chain longer than there are names.
        for _ in 0..=self.by_name.len() {
            let redirection = match host {
                Host::Proxy(host) => {
                    let network = &self.world.proxies[at].network;
                    return chain.lead(known, network, &host.forward.host, &host.forward.leads_to);
                }
                Host::Dead(_) => return chain.broken(),
                Host::Redirection(redirection) => redirection,
            };
            let target = redirection.target.to_lowercase();
            let target = target.split(':').next().unwrap_or_default();
            let bearers = self.by_name.get(target).map(Vec::as_slice).unwrap_or_default();
            let here: Vec<_> = bearers.iter().filter(|(proxy, _)| *proxy == at).collect();
            let next: Vec<_> = if here.is_empty() { bearers.iter().collect() } else { here };
            match next.as_slice() {
                [] => return,
                [(proxy, next)] => {
                    (at, host) = (*proxy, *next);
                    if !host.enabled() {
                        chain.broken();
                    }
                }
                several => {
                    let ids = several
                        .iter()
                        .map(|(proxy, host)| host_id(&self.world.proxies[*proxy], &host.reference()));
                    return chain.several_hosts(ids.collect());
                }
            }
        }
    }
}
