//! Reverse proxies: instances of Nginx Proxy Manager and what they forward.

use std::net::IpAddr;

use schema::Mac;
use schema::fact::Protocol;

use super::{GuestAt, NodeAt, show};

/// An instance of Nginx Proxy Manager: one source of kind `npm`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Proxy {
    /// The name of its source: `npm-1`.
    pub source: String,
    /// Its network, by name.
    pub network: String,
    /// First level of its place.
    pub cloud: String,
    /// Second level of its place.
    pub environment: String,
    /// Its own address on the LAN, where port forwards lead.
    #[serde(serialize_with = "show::one")]
    pub address: IpAddr,
    /// The guest that it runs on.
    pub runs_on: Option<GuestAt>,
    /// `2.13.5`: what `GET /api/` says.
    pub version: String,
    /// Who may read it.
    #[serde(skip)]
    pub identity: String,
    /// That user's password.
    #[serde(skip)]
    pub secret: String,
    /// Hosts that forward names.
    pub proxy_hosts: Vec<ProxyHost>,
    /// Hosts that answer with another name.
    pub redirections: Vec<Redirection>,
    /// Hosts that answer 404.
    pub dead_hosts: Vec<DeadHost>,
    /// Forwarded ports.
    pub streams: Vec<Stream>,
    /// Certificates, by id.
    pub certificates: Vec<Certificate>,
    /// Access lists, by id.
    pub access_lists: Vec<AccessList>,
}

/// A proxy host.
#[derive(Clone, Debug, serde::Serialize)]
pub struct ProxyHost {
    /// NPM's own id, unique among proxy hosts of one instance.
    pub id: u32,
    /// In the case that somebody wrote them.
    pub domain_names: Vec<String>,
    /// Disabled ones serve nothing.
    pub enabled: bool,
    /// Where it leads.
    pub forward: Forward,
    /// Plain HTTP is sent to HTTPS.
    pub ssl_forced: bool,
    /// [`Certificate::id`].
    pub certificate: Option<u32>,
    /// [`AccessList::id`].
    pub access_list: Option<u32>,
    /// Paths with words of their own on where they lead.
    pub locations: Vec<Location>,
}

/// Where something leads, as written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Forward {
    /// http or https; of a stream of no meaning.
    pub scheme: String,
    /// An address or a name, as written.
    pub host: String,
    /// The port there.
    pub port: u16,
    /// What really is there.
    pub leads_to: LeadsTo,
}

/// What really is where something leads; where it says a name instead of an address, what bears that name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadsTo {
    /// These guests bear the address, or the name; where it is several, one is as good as the other but for its status.
    Guests(Vec<GuestAt>),
    /// These guests bear an address that is declared VIP or ANYCAST.
    Vip(Vec<GuestAt>),
    /// A hypervisor itself.
    Node(NodeAt),
    /// Something that only the controller sees: a NAS.
    Client(#[serde(serialize_with = "show::one")] Mac),
    /// A switch or gateway itself.
    Device(#[serde(serialize_with = "show::one")] Mac),
    /// Something that is written down and that nothing else knows: its address.
    Written(IpAddr),
    /// A proxy, by its index in the world: of port forwards that lead to its public ports. Elsewhere never.
    Proxy(usize),
    /// Nothing at all, or nothing that anybody can find: an unknown name, the proxy's own loopback, an unused address.
    Nothing,
}

/// A path of a proxy host.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Location {
    /// `/api`
    pub path: String,
    /// Where it leads; where that is the host's own, it is no path of its own.
    pub forward: Forward,
    /// Written behind the forward's host, as NPM allows: `10.1.0.5/v2` is `/v2` here.
    pub forward_path: String,
}

/// A redirection host.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Redirection {
    /// NPM's own id, unique among redirections of one instance.
    pub id: u32,
    /// In the case that somebody wrote them.
    pub domain_names: Vec<String>,
    /// Disabled ones serve nothing.
    pub enabled: bool,
    /// `forward_domain_name`, as written: perhaps with a port.
    pub target: String,
    /// 301, 302, 307, 308.
    pub code: u16,
    /// [`Certificate::id`].
    pub certificate: Option<u32>,
}

/// A dead host (NPM's 404 host).
#[derive(Clone, Debug, serde::Serialize)]
pub struct DeadHost {
    /// NPM's own id, unique among dead hosts of one instance.
    pub id: u32,
    /// In the case that somebody wrote them.
    pub domain_names: Vec<String>,
    /// Disabled ones are not even dead.
    pub enabled: bool,
    /// [`Certificate::id`].
    pub certificate: Option<u32>,
}

/// A forwarded port.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Stream {
    /// NPM's own id, unique among streams of one instance.
    pub id: u32,
    /// Disabled ones serve nothing.
    pub enabled: bool,
    /// The port it begins at.
    pub incoming_port: u16,
    /// tcp, udp or both.
    #[serde(serialize_with = "show::debug")]
    pub protocol: Protocol,
    /// Where it leads; its scheme says nothing.
    pub forward: Forward,
}

/// A certificate.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Certificate {
    /// NPM's own id.
    pub id: u32,
    /// letsencrypt, other.
    pub provider: String,
    /// As people call it.
    pub nice_name: String,
    /// What it is good for.
    pub domain_names: Vec<String>,
    /// From the asker's today to the day it ends, so that a simulated world never grows old: negative where it has ended.
    pub expires_in_days: i64,
}

/// An access list; by name only, its users and passwords are nobody's business.
#[derive(Clone, Debug, serde::Serialize)]
pub struct AccessList {
    /// NPM's own id.
    pub id: u32,
    /// As people call it.
    pub name: String,
}
