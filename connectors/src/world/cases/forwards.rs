//! Ports instead of names: streams of the proxy, and port forwards of the gateway.

use std::net::IpAddr;

use schema::fact::Protocol;

use super::{EDGE, Wanted, places, to, to_guests};
use crate::world::generate::Draft;
use crate::world::generate::draw::Draw;
use crate::world::generate::plan;
use crate::world::{Forward, LeadsTo, PortForward, Stream};

pub(super) fn add(draft: &mut Draft, draw: &mut Draw) {
    streams(draft, draw);
    let edge = draft.proxies[EDGE].address;
    let to_proxy = LeadsTo::Proxy(EDGE);
    for (name, protocol, public, address, port, leads_to) in [
        ("Web", Protocol::Tcp, "80,443", edge, "80,443", to_proxy.clone()),
        ("Git over SSH", Protocol::Tcp, "2222", edge, "2222", to_proxy.clone()),
        ("WireGuard", Protocol::Udp, "51820", edge, "51820", to_proxy),
    ] {
        draft.forward(name, protocol, (public, port), address, leads_to, draw);
    }
    draft.case("forward-to-proxy", "the gateway's ports that lead to the proxy", &["app.example.org"]);
    let nas = plan::address(0, places::NAS.0);
    let nas_is =
        draft.proxies[EDGE].proxy_hosts.iter().find(|host| host.domain_names[0] == "nas.example.org");
    let nas_is = nas_is.map_or(LeadsTo::Nothing, |host| host.forward.leads_to.clone());
    draft.forward("NAS", Protocol::Tcp, ("8443", "443"), nas, nas_is, draw);
    let app = draft.proxies[EDGE].proxy_hosts[0].forward.leads_to.clone();
    let address = plan::address(1, 10);
    draft.forward("Telephony", Protocol::TcpUdp, ("8000-8100", "8000-8100"), address, app.clone(), draw);
    let npm = LeadsTo::Guests(draft.proxies[EDGE].runs_on.into_iter().collect());
    draft.forward("NPM's own pages", Protocol::Tcp, ("8181", "81"), edge, npm, draw);
    draft.forward("Old VPN", Protocol::Udp, ("1194", "1194"), plan::address(1, 249), LeadsTo::Nothing, draw);
    draft.forward("Off", Protocol::Tcp, ("3389", "3389"), address, app, draw);
    if let Some(last) = draft.sites[0].network.port_forwards.last_mut() {
        last.enabled = false;
    }
    draft.case(
        "bare-forward",
        "the gateway leads past the proxy: to a NAS, a range, the proxy's own pages, nowhere",
        &["tcp:8443", "tcp+udp:8000-8100", "tcp:8181", "udp:1194"],
    );
    for proxy in 1..draft.proxies.len() {
        let site = draft.site_of_proxy[proxy];
        if site == 0 {
            continue;
        }
        let address = draft.proxies[proxy].address;
        draft.forward_in(
            site,
            "Web",
            Protocol::Tcp,
            ("80,443", "80,443"),
            address,
            LeadsTo::Proxy(proxy),
            draw,
        );
    }
}

fn streams(draft: &mut Draft, draw: &mut Draw) {
    let git = draft.add_guest(Wanted::vm("gitea", 50), draw);
    let vpn = draft.add_guest(Wanted::container("wireguard", 51), draw);
    let (git, vpn) =
        (to_guests(plan::address(1, 50), 22, vec![git]), to_guests(plan::address(1, 51), 51820, vec![vpn]));
    let dns = draft.proxies[EDGE].proxy_hosts.iter().find(|host| host.domain_names[0] == "dns.example.org");
    let dns = dns.map_or_else(
        || to(&plan::address(1, 32), 53, LeadsTo::Nothing),
        |host| Forward { port: 53, ..host.forward.clone() },
    );
    for (incoming_port, protocol, forward, enabled) in [
        (2222, Protocol::Tcp, git.clone(), true),
        (51820, Protocol::Udp, vpn, true),
        (53, Protocol::TcpUdp, dns, true),
        (3306, Protocol::Tcp, git, false),
    ] {
        let streams = &mut draft.proxies[EDGE].streams;
        let id = u32::try_from(streams.len()).unwrap_or(0) + 1;
        streams.push(Stream { id, enabled, incoming_port, protocol, forward });
    }
    draft.case("stream", "a port of the proxy", &["tcp:2222", "udp:51820", "tcp+udp:53"]);
    draft.case("disabled-stream", "configured, and serves nothing", &["tcp:3306"]);
}

impl Draft {
    /// Adds an enabled port forward to the first network's gateway; ports are the public and the private one.
    fn forward(
        &mut self,
        name: &str,
        protocol: Protocol,
        ports: (&str, &str),
        address: IpAddr,
        leads_to: LeadsTo,
        draw: &mut Draw,
    ) {
        self.forward_in(0, name, protocol, ports, address, leads_to, draw);
    }

    #[expect(clippy::too_many_arguments, reason = "a row of a table, written once")]
    fn forward_in(
        &mut self,
        site: usize,
        name: &str,
        protocol: Protocol,
        ports: (&str, &str),
        address: IpAddr,
        leads_to: LeadsTo,
        draw: &mut Draw,
    ) {
        self.sites[site].network.port_forwards.push(PortForward {
            reference: draw.hex(24),
            name: name.to_owned(),
            enabled: true,
            protocol,
            public_port: ports.0.to_owned(),
            forward_address: address,
            forward_port: ports.1.to_owned(),
            leads_to,
        });
    }
}
