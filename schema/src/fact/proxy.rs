//! Hosts of a reverse proxy, in Nginx Proxy Manager's words.

use super::Seen;
use crate::Timestamp;
use crate::fact::Protocol;

/// A proxy host, redirection host, dead host or stream.
#[derive(Clone, Debug, PartialEq)]
pub struct ProxyHostFact {
    /// The kind's letter and NPM's own id (`p12`, `r3`, `d1`, `s4`): ids repeat between kinds.
    pub reference: Box<str>,
    /// What it is.
    pub kind: ProxyKind,
    /// In lower case, wildcards as such; empty for a stream.
    pub domain_names: Box<[Box<str>]>,
    /// Disabled hosts are configured and serve nothing.
    pub enabled: bool,
    /// http or https; `None` for a dead host, a stream and a redirection.
    pub forward_scheme: Option<Box<str>>,
    /// An address or a name; `None` for a dead host and a redirection.
    pub forward_host: Option<Box<str>>,
    /// Where it leads.
    pub forward_port: Option<u16>,
    /// Of a stream.
    pub incoming_port: Option<u16>,
    /// Of a stream.
    pub protocol: Option<Protocol>,
    /// Of a redirection: the target's name, in lower case and without port.
    pub redirect_to: Option<Box<str>>,
    /// Plain HTTP is sent to HTTPS.
    pub ssl_forced: bool,
    /// The certificate's reference in the same source.
    pub certificate: Option<Box<str>>,
    /// By name; never its passwords.
    pub access_list_name: Option<Box<str>>,
    /// All of them, those with the host's own target included: the join tells them apart.
    pub locations: Box<[LocationFact]>,
    /// How well it is known.
    pub seen: Seen,
}

/// A path of a proxy host with a target of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationFact {
    /// `/api`
    pub path: Box<str>,
    /// http or https.
    pub forward_scheme: Box<str>,
    /// An address or a name, without a path behind it.
    pub forward_host: Box<str>,
    /// Where it leads.
    pub forward_port: Option<u16>,
}

/// A certificate; of its `meta`, which carries private keys, nothing is ever read.
#[derive(Clone, Debug, PartialEq)]
pub struct CertificateFact {
    /// NPM's own id.
    pub reference: Box<str>,
    /// As people call it.
    pub nice_name: Box<str>,
    /// letsencrypt, other.
    pub provider: Box<str>,
    /// In lower case.
    pub domain_names: Box<[Box<str>]>,
    /// When it ends.
    pub expires_on: Option<Timestamp>,
    /// How well it is known.
    pub seen: Seen,
}

/// What a host of a proxy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProxyKind {
    /// Forwards.
    Proxy,
    /// Answers with another name.
    Redirection,
    /// Answers 404.
    Dead,
    /// Forwards a port.
    Stream,
}
