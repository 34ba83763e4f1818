//! Proxies with their ordinary hosts, certificates and access lists.

use schema::fact::GuestStatus;

use super::Draft;
use super::draw::Draw;
use super::plan;
use crate::world::cases::{Wanted, to_guests};
use crate::world::{AccessList, Certificate, Guest, GuestAt, Proxy};

/// Builds the proxies: two in the first network, one in each other, each on a container of its own.
pub(super) fn build(draft: &mut Draft, draw: &mut Draw, secrets: &mut Draw) {
    let mut places = vec![(0, 0, "npm", 5), (0, 1, "npm-inner", 6)];
    for site in 1..draft.sites.len() {
        if let Some(cluster) = draft.site_of.iter().position(|other| *other == site) {
            places.push((site, cluster, "npm", 5));
        }
    }
    for (number, (site, cluster, name, host)) in places.into_iter().enumerate() {
        let wanted = Wanted::container(name, host).on(cluster, 0);
        let runs_on = draft.add_guest(wanted, draw);
        let place = &draft.clusters[cluster];
        draft.proxies.push(Proxy {
            source: format!("npm-{}", number + 1),
            network: draft.sites[site].network.name.clone(),
            cloud: place.cloud.clone(),
            environment: place.environment.clone(),
            address: plan::address(1, host),
            runs_on: Some(runs_on),
            version: "2.15.1".into(),
            identity: "reader@example.org".into(),
            secret: secrets.word(20),
            proxy_hosts: Vec::new(),
            redirections: Vec::new(),
            dead_hosts: Vec::new(),
            streams: Vec::new(),
            certificates: Vec::new(),
            access_lists: Vec::new(),
        });
        draft.site_of_proxy.push(site);
    }
}

/// Adds ordinary names: each leads to an ordinary guest of the proxy's network, one in twenty to a stopped one.
pub(super) fn add_hosts(draft: &mut Draft, draw: &mut Draw) {
    let mut choices: Vec<Choices> = draft.proxies.iter().map(|_| Choices::default()).collect();
    for (cluster, site) in draft.site_of.iter().enumerate() {
        for guest in &draft.clusters[cluster].guests {
            let at = GuestAt { cluster, vmid: guest.vmid };
            let ordinary = guest.vmid >= 1_000 && draft.clusters[cluster].nodes[guest.node].online;
            for (proxy, choices) in choices.iter_mut().enumerate() {
                if ordinary && draft.site_of_proxy[proxy] == *site {
                    choices.offer(at, guest);
                }
            }
        }
    }
    for number in 0..draft.size.hostnames {
        let proxy = draw.below(draft.proxies.len());
        let (running, stopped) = (&choices[proxy].running, &choices[proxy].stopped);
        let from = if draw.percent(5) && !stopped.is_empty() { stopped } else { running };
        if from.is_empty() {
            continue;
        }
        let at = draw.one_of(from);
        let guest = draft.guest_in_order(at);
        let name = format!("{}-{number}.example.org", guest.name.split('-').next().unwrap_or("app"));
        let address = guest.nics[0].addresses[0];
        let port = draw.one_of(&[80, 443, 3000, 8000, 8080, 8443, 9000]);
        let (ssl_forced, access) = (draw.percent(80), draw.percent(10));
        let host = draft.add_host(proxy, &[&name], to_guests(address, port, vec![at]));
        (host.ssl_forced, host.access_list) = (ssl_forced, access.then_some(1));
    }
}

/// Guests that a name may lead to.
#[derive(Default)]
struct Choices {
    running: Vec<GuestAt>,
    stopped: Vec<GuestAt>,
}

impl Choices {
    fn offer(&mut self, at: GuestAt, guest: &Guest) {
        if guest.status == GuestStatus::Running {
            self.running.push(at);
        } else if guest.told_by(&guest.nics[0]).is_some() {
            self.stopped.push(at);
        }
    }
}

/// Certificates: a wildcard for most names, one that soon ends, one that has ended, one uploaded by hand.
pub(super) fn add_certificates(draft: &mut Draft, draw: &mut Draw) {
    for proxy in &mut draft.proxies {
        for (at, (provider, name, days)) in [
            ("letsencrypt", "*.example.org", 61),
            ("letsencrypt", "shop.example.org", 6),
            ("other", "legacy.example.org", -3),
            ("other", "intranet (own CA)", 400),
        ]
        .into_iter()
        .enumerate()
        {
            let names: &[&str] =
                if at == 3 { &["intranet.example.org", "intra.example.org"] } else { &[name] };
            proxy.certificates.push(Certificate {
                id: u32::try_from(at).unwrap_or(0) + 1,
                provider: provider.into(),
                nice_name: name.into(),
                domain_names: names.iter().map(|name| (*name).to_owned()).collect(),
                expires_in_days: days,
            });
        }
        proxy.access_lists.push(AccessList { id: 1, name: "Office only".into() });
        for host in &mut proxy.proxy_hosts {
            let own = proxy.certificates.iter().find(|certificate| {
                host.domain_names.iter().any(|name| certificate.domain_names.contains(&name.to_lowercase()))
            });
            let covered = own.map(|certificate| certificate.id);
            host.certificate = covered.or_else(|| draw.percent(90).then_some(1));
            host.ssl_forced &= host.certificate.is_some();
        }
    }
}
