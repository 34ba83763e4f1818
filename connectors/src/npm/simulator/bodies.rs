//! The bodies of Nginx Proxy Manager's answers, field for field as a running 2.15 sends them.

use std::time::Duration;

use schema::Timestamp;
use schema::fact::Protocol;
use serde_json::{Value, json};

use crate::npm::collect::List;
use crate::world::{Certificate, DeadHost, Proxy, ProxyHost, Redirection, Stream, World};

/// `GET /api/`, which asks for no session.
pub(super) fn health(proxy: &Proxy) -> Value {
    let mut parts = proxy.version.split('.').map(|part| part.parse().unwrap_or(0_u64));
    let mut next = || parts.next().unwrap_or(0);
    json!({
        "status": "OK", "setup": true,
        "version": { "major": next(), "minor": next(), "revision": next() }
    })
}

/// A reader that was given rights to view and no more.
pub(super) fn account(world: &World, proxy: &Proxy) -> Value {
    let mut account = owner(world, proxy);
    account["permissions"] = json!({
        "visibility": "all", "proxy_hosts": "view", "redirection_hosts": "view", "dead_hosts": "view",
        "streams": "view", "access_lists": "view", "certificates": "view"
    });
    account
}

/// One of the lists, ordered as NPM orders it: by name, streams by port.
pub(super) fn list(world: &World, proxy: &Proxy, list: List, expand: &[String], now: Timestamp) -> Value {
    let page = Page { world, proxy, expand, now };
    match list {
        List::ProxyHosts => {
            let mut hosts: Vec<&ProxyHost> = proxy.proxy_hosts.iter().collect();
            hosts.sort_by(|a, b| (&a.domain_names, a.id).cmp(&(&b.domain_names, b.id)));
            hosts.into_iter().map(|host| page.proxy_host(host)).collect()
        }
        List::RedirectionHosts => {
            let mut hosts: Vec<&Redirection> = proxy.redirections.iter().collect();
            hosts.sort_by(|a, b| (&a.domain_names, a.id).cmp(&(&b.domain_names, b.id)));
            hosts.into_iter().map(|host| page.redirection(host)).collect()
        }
        List::DeadHosts => {
            let mut hosts: Vec<&DeadHost> = proxy.dead_hosts.iter().collect();
            hosts.sort_by(|a, b| (&a.domain_names, a.id).cmp(&(&b.domain_names, b.id)));
            hosts.into_iter().map(|host| page.dead_host(host)).collect()
        }
        List::Streams => {
            let mut streams: Vec<&Stream> = proxy.streams.iter().collect();
            streams.sort_by_key(|stream| (stream.incoming_port, stream.id));
            streams.into_iter().map(|stream| page.stream(stream)).collect()
        }
        List::Certificates => {
            let mut certificates: Vec<&Certificate> = proxy.certificates.iter().collect();
            certificates.sort_by(|a, b| (&a.nice_name, a.id).cmp(&(&b.nice_name, b.id)));
            certificates.into_iter().map(|certificate| page.listed_certificate(certificate)).collect()
        }
    }
}

/// What the objects of one answer have in common.
struct Page<'a> {
    world: &'a World,
    proxy: &'a Proxy,
    expand: &'a [String],
    now: Timestamp,
}

impl Page<'_> {
    fn proxy_host(&self, host: &ProxyHost) -> Value {
        let locations: Vec<Value> = host
            .locations
            .iter()
            .map(|location| {
                json!({
                    "path": location.path, "advanced_config": "",
                    "forward_scheme": location.forward.scheme,
                    "forward_host": format!("{}{}", location.forward.host, location.forward_path),
                    "forward_port": location.forward.port
                })
            })
            .collect();
        let mut body = self.dated(json!({
            "id": host.id, "domain_names": host.domain_names,
            "forward_host": host.forward.host, "forward_port": host.forward.port,
            "access_list_id": host.access_list.unwrap_or(0), "certificate_id": host.certificate.unwrap_or(0),
            "ssl_forced": host.ssl_forced, "caching_enabled": false, "block_exploits": true,
            "advanced_config": "", "meta": { "nginx_online": true, "nginx_err": null },
            "allow_websocket_upgrade": true, "http2_support": host.certificate.is_some(),
            "forward_scheme": host.forward.scheme, "enabled": host.enabled, "locations": locations,
            "hsts_enabled": false, "hsts_subdomains": false, "trust_forwarded_proto": false
        }));
        if self.expands("access_list") {
            body["access_list"] = host.access_list.map_or(Value::Null, |id| self.access_list(id));
        }
        self.expand(&mut body, host.certificate);
        body
    }

    fn redirection(&self, host: &Redirection) -> Value {
        let mut body = self.dated(json!({
            "id": host.id, "domain_names": host.domain_names, "forward_domain_name": host.target,
            "preserve_path": true, "certificate_id": host.certificate.unwrap_or(0), "ssl_forced": false,
            "block_exploits": false, "advanced_config": "",
            "meta": { "nginx_online": true, "nginx_err": null }, "http2_support": false,
            "enabled": host.enabled, "hsts_enabled": false, "hsts_subdomains": false,
            "forward_scheme": "auto", "forward_http_code": host.code
        }));
        self.expand(&mut body, host.certificate);
        body
    }

    fn dead_host(&self, host: &DeadHost) -> Value {
        let mut body = self.dated(json!({
            "id": host.id, "domain_names": host.domain_names,
            "certificate_id": host.certificate.unwrap_or(0), "ssl_forced": false, "advanced_config": "",
            "meta": { "nginx_online": true, "nginx_err": null }, "http2_support": false,
            "enabled": host.enabled, "hsts_enabled": false, "hsts_subdomains": false
        }));
        self.expand(&mut body, host.certificate);
        body
    }

    fn stream(&self, stream: &Stream) -> Value {
        let mut body = self.dated(json!({
            "id": stream.id, "incoming_port": stream.incoming_port,
            "forwarding_host": stream.forward.host, "forwarding_port": stream.forward.port,
            "tcp_forwarding": matches!(stream.protocol, Protocol::Tcp | Protocol::TcpUdp),
            "udp_forwarding": matches!(stream.protocol, Protocol::Udp | Protocol::TcpUdp),
            "meta": { "nginx_online": true, "nginx_err": null },
            "enabled": stream.enabled, "certificate_id": 0
        }));
        self.expand(&mut body, None);
        body
    }

    /// As the list of certificates shows it: with the private key, which is why nothing may ever read `meta`.
    fn listed_certificate(&self, certificate: &Certificate) -> Value {
        let mut body = self.certificate(certificate);
        body["meta"] = json!({
            "certificate": "-----BEGIN CERTIFICATE-----\nSIMULATED\n-----END CERTIFICATE-----\n",
            "certificate_key": private_key(self.world, self.proxy, certificate)
        });
        if self.expands("owner") {
            body["owner"] = owner(self.world, self.proxy);
        }
        body
    }

    /// As an expanded host shows it.
    fn certificate(&self, certificate: &Certificate) -> Value {
        let days = Duration::from_secs(certificate.expires_in_days.unsigned_abs() * 86_400);
        let today = self.now.millis() - self.now.millis().rem_euclid(86_400_000);
        let noon = Timestamp::from_millis(today).plus(Duration::from_hours(12));
        let end = if certificate.expires_in_days < 0 {
            Timestamp::from_millis(noon.millis() - i64::try_from(days.as_millis()).unwrap_or(0))
        } else {
            noon.plus(days)
        };
        self.dated(json!({
            "id": certificate.id, "provider": certificate.provider, "nice_name": certificate.nice_name,
            "domain_names": certificate.domain_names, "expires_on": date(end), "meta": {}
        }))
    }

    fn access_list(&self, id: u32) -> Value {
        let Some(list) = self.proxy.access_lists.iter().find(|list| list.id == id) else {
            return Value::Null;
        };
        let hosts = self.proxy.proxy_hosts.iter().filter(|host| host.access_list == Some(id)).count();
        self.dated(json!({
            "id": list.id, "name": list.name, "meta": {}, "satisfy_any": true, "pass_auth": false,
            "proxy_host_count": hosts
        }))
    }

    fn expands(&self, name: &str) -> bool {
        self.expand.iter().any(|expansion| expansion == name)
    }

    fn expand(&self, body: &mut Value, certificate: Option<u32>) {
        if self.expands("owner") {
            body["owner"] = owner(self.world, self.proxy);
        }
        if self.expands("certificate") {
            body["certificate"] = certificate
                .and_then(|id| self.proxy.certificates.iter().find(|certificate| certificate.id == id))
                .map_or(Value::Null, |certificate| self.certificate(certificate));
        }
    }

    /// What every object of NPM has.
    fn dated(&self, mut body: Value) -> Value {
        let created = date(self.world.epoch);
        body["created_on"] = json!(created);
        body["modified_on"] = json!(created);
        body["owner_user_id"] = json!(1);
        body
    }
}

/// The private key that a listed certificate carries; a canary for whoever looks for leaks.
fn private_key(world: &World, proxy: &Proxy, certificate: &Certificate) -> String {
    format!(
        "-----BEGIN PRIVATE KEY-----\nSIMULATED-PRIVATE-KEY-{}-{}-{}\n-----END PRIVATE KEY-----\n",
        world.seed, proxy.source, certificate.id
    )
}

fn owner(world: &World, proxy: &Proxy) -> Value {
    let created = date(world.epoch);
    json!({
        "id": 1, "created_on": created, "modified_on": created, "is_disabled": false,
        "email": proxy.identity, "name": "Reader", "nickname": "reader", "avatar": "", "roles": []
    })
}

/// Without a zone, as its database writes it.
fn date(at: Timestamp) -> String {
    at.to_chrono().format("%Y-%m-%d %H:%M:%S").to_string()
}
