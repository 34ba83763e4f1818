//! Names of objects: one typed key per kind of thing, and the opaque global id that clients hold (Relay's `ID`).
//!
//! Keys are natural (a cluster and a VMID, a network and an address), so an id outlives a restart, is the same on every
//! replica, and can be stored beside an override or an acknowledgement.

use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::str::FromStr;

use crate::Mac;

/// The key of one object, whatever its kind. Ordered by kind, then by key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum ObjectId {
    /// A configured source, by its unique name.
    Source(Box<str>),
    /// A public name, in lower case.
    Hostname(Box<str>),
    /// A host of a proxy: its source, its kind's letter and the proxy's own id (`p12`, `r3`, `d1`, `s4`: ids repeat between kinds).
    ProxyHost { source: Box<str>, reference: Box<str> },
    /// A certificate of a proxy.
    Certificate { source: Box<str>, reference: Box<str> },
    /// An address within one network.
    IpAddress { network: Box<str>, address: IpAddr },
    /// A guest, by the name of its cluster's source.
    Guest { cluster: Box<str>, vmid: u32 },
    /// A Proxmox cluster (or single node), by the name of its source.
    Cluster(Box<str>),
    /// A hypervisor.
    ClusterNode { cluster: Box<str>, name: Box<str> },
    /// A switch, by its MAC.
    Switch(Mac),
    /// A port of a switch.
    SwitchPort { switch: Mac, number: u16 },
    /// What a switch or controller sees: a client in one network.
    NetworkClient { network: Box<str>, mac: Mac },
    /// A port forward of a gateway.
    PortForward { source: Box<str>, reference: Box<str> },
    /// A row of the joined view: the proxy host or port forward it begins at, and what the outside calls (`Path.entry`).
    Path { source: Box<str>, reference: Box<str>, entry: Box<str> },
    /// A subnet of the address plan.
    Subnet { network: Box<str>, cidr: ipnet::IpNet },
    /// A VLAN of the address plan.
    Vlan { source: Box<str>, reference: Box<str> },
    /// A declared assignment of an address.
    IpAssignment { source: Box<str>, reference: Box<str> },
    /// A finding: its kind and what it is about, which together are its identity across collections.
    DriftFinding { kind: Box<str>, subject: Box<str> },
    /// An organization, by its name.
    Organization(Box<str>),
    /// An item of a subscription.
    Entitlement { source: Box<str>, reference: Box<str> },
    /// An invoice.
    Invoice { source: Box<str>, reference: Box<str> },
}

impl ObjectId {
    /// The name of its type in the schema.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Source(_) => "Source",
            Self::Hostname(_) => "Hostname",
            Self::ProxyHost { .. } => "ProxyHost",
            Self::Certificate { .. } => "Certificate",
            Self::IpAddress { .. } => "IpAddress",
            Self::Guest { .. } => "Guest",
            Self::Cluster(_) => "Cluster",
            Self::ClusterNode { .. } => "ClusterNode",
            Self::Switch(_) => "Switch",
            Self::SwitchPort { .. } => "SwitchPort",
            Self::NetworkClient { .. } => "NetworkClient",
            Self::PortForward { .. } => "PortForward",
            Self::Path { .. } => "Path",
            Self::Subnet { .. } => "Subnet",
            Self::Vlan { .. } => "Vlan",
            Self::IpAssignment { .. } => "IpAssignment",
            Self::DriftFinding { .. } => "DriftFinding",
            Self::Organization(_) => "Organization",
            Self::Entitlement { .. } => "Entitlement",
            Self::Invoice { .. } => "Invoice",
        }
    }
}

/// An [`ObjectId`] as clients hold it (`Guest:pve-lab:100`): stable, made of URL-safe characters, to be treated as opaque.
///
/// Its parts are separated by colons; within a part every byte but letters, digits, `-`, `.` and `_` is written `%XX`.
#[derive(Clone, Copy, Debug)]
pub struct GlobalId;

/// Text that is no global id of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this gateway")]
pub struct IdError;

impl GlobalId {
    /// The id that clients are given.
    pub fn format(id: &ObjectId) -> String {
        id.to_string()
    }

    /// Reads an id back; refuses whatever [`GlobalId::format`] would not have written, so that one object has one id.
    pub fn parse(text: &str) -> Result<ObjectId, IdError> {
        let mut parts = text.split(':');
        let kind = parts.next().ok_or(IdError)?;
        let parts = parts.map(unescape).collect::<Result<Vec<_>, _>>()?;
        let id = read(kind, parts)?;
        if id.to_string() == text { Ok(id) } else { Err(IdError) }
    }
}

fn read(kind: &str, parts: Vec<String>) -> Result<ObjectId, IdError> {
    let mut parts = parts.into_iter();
    let mut text = || parts.next().map(String::into_boxed_str).ok_or(IdError);
    let id = match kind {
        "Source" => ObjectId::Source(text()?),
        "Hostname" => ObjectId::Hostname(text()?),
        "ProxyHost" => ObjectId::ProxyHost { source: text()?, reference: text()? },
        "Certificate" => ObjectId::Certificate { source: text()?, reference: text()? },
        "IpAddress" => ObjectId::IpAddress { network: text()?, address: parse(&text()?)? },
        "Guest" => ObjectId::Guest { cluster: text()?, vmid: parse(&text()?)? },
        "Cluster" => ObjectId::Cluster(text()?),
        "ClusterNode" => ObjectId::ClusterNode { cluster: text()?, name: text()? },
        "Switch" => ObjectId::Switch(parse(&text()?)?),
        "SwitchPort" => ObjectId::SwitchPort { switch: parse(&text()?)?, number: parse(&text()?)? },
        "NetworkClient" => ObjectId::NetworkClient { network: text()?, mac: parse(&text()?)? },
        "PortForward" => ObjectId::PortForward { source: text()?, reference: text()? },
        "Path" => ObjectId::Path { source: text()?, reference: text()?, entry: text()? },
        "Subnet" => ObjectId::Subnet { network: text()?, cidr: parse(&text()?)? },
        "Vlan" => ObjectId::Vlan { source: text()?, reference: text()? },
        "IpAssignment" => ObjectId::IpAssignment { source: text()?, reference: text()? },
        "DriftFinding" => ObjectId::DriftFinding { kind: text()?, subject: text()? },
        "Organization" => ObjectId::Organization(text()?),
        "Entitlement" => ObjectId::Entitlement { source: text()?, reference: text()? },
        "Invoice" => ObjectId::Invoice { source: text()?, reference: text()? },
        _ => return Err(IdError),
    };
    if text().is_ok() { Err(IdError) } else { Ok(id) }
}

fn parse<T: FromStr>(part: &str) -> Result<T, IdError> {
    part.parse().map_err(|_| IdError)
}

fn unescape(part: &str) -> Result<String, IdError> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|hex| char::from(hex).to_digit(16)).ok_or(IdError);
            bytes.push(u8::try_from(digit()? << 4 | digit()?).map_err(|_| IdError)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| IdError)
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(name) => write!(f, "Source:{}", Escaped(name)),
            Self::Hostname(name) => write!(f, "Hostname:{}", Escaped(name)),
            Self::ProxyHost { source, reference } => {
                write!(f, "ProxyHost:{}:{}", Escaped(source), Escaped(reference))
            }
            Self::Certificate { source, reference } => {
                write!(f, "Certificate:{}:{}", Escaped(source), Escaped(reference))
            }
            Self::IpAddress { network, address } => {
                write!(f, "IpAddress:{}:{}", Escaped(network), Escaped(&address.to_string()))
            }
            Self::Guest { cluster, vmid } => write!(f, "Guest:{}:{vmid}", Escaped(cluster)),
            Self::Cluster(name) => write!(f, "Cluster:{}", Escaped(name)),
            Self::ClusterNode { cluster, name } => {
                write!(f, "ClusterNode:{}:{}", Escaped(cluster), Escaped(name))
            }
            Self::Switch(mac) => write!(f, "Switch:{}", Escaped(&mac.to_string())),
            Self::SwitchPort { switch, number } => {
                write!(f, "SwitchPort:{}:{number}", Escaped(&switch.to_string()))
            }
            Self::NetworkClient { network, mac } => {
                write!(f, "NetworkClient:{}:{}", Escaped(network), Escaped(&mac.to_string()))
            }
            Self::PortForward { source, reference } => {
                write!(f, "PortForward:{}:{}", Escaped(source), Escaped(reference))
            }
            Self::Path { source, reference, entry } => {
                write!(f, "Path:{}:{}:{}", Escaped(source), Escaped(reference), Escaped(entry))
            }
            Self::Subnet { network, cidr } => {
                write!(f, "Subnet:{}:{}", Escaped(network), Escaped(&cidr.to_string()))
            }
            Self::Vlan { source, reference } => write!(f, "Vlan:{}:{}", Escaped(source), Escaped(reference)),
            Self::IpAssignment { source, reference } => {
                write!(f, "IpAssignment:{}:{}", Escaped(source), Escaped(reference))
            }
            Self::DriftFinding { kind, subject } => {
                write!(f, "DriftFinding:{}:{}", Escaped(kind), Escaped(subject))
            }
            Self::Organization(name) => write!(f, "Organization:{}", Escaped(name)),
            Self::Entitlement { source, reference } => {
                write!(f, "Entitlement:{}:{}", Escaped(source), Escaped(reference))
            }
            Self::Invoice { source, reference } => {
                write!(f, "Invoice:{}:{}", Escaped(source), Escaped(reference))
            }
        }
    }
}

/// One part of an id, with everything escaped that is not plainly safe.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &ObjectId, text: &str) {
        assert_eq!(GlobalId::format(id), text);
        assert_eq!(GlobalId::parse(text).as_ref(), Ok(id));
    }

    #[test]
    fn ids_are_written_and_read_back() {
        check(&ObjectId::Guest { cluster: "pve-lab".into(), vmid: 100 }, "Guest:pve-lab:100");
        check(&ObjectId::Hostname("*.example.org".into()), "Hostname:%2A.example.org");
        let v6 = "fd00::1".parse().expect("a literal");
        check(
            &ObjectId::IpAddress { network: "default".into(), address: v6 },
            "IpAddress:default:fd00%3A%3A1",
        );
        check(
            &ObjectId::Path {
                source: "edge".into(),
                reference: "p1".into(),
                entry: "b\u{fc}ro.example.org/api".into(),
            },
            "Path:edge:p1:b%C3%BCro.example.org%2Fapi",
        );
    }

    #[test]
    fn what_was_not_written_by_us_is_refused() {
        for text in [
            "",
            "Guest",
            "Guest:a",
            "Guest:a:1:2",
            "Guest:a:01",
            "Guest:a:x",
            "Guest:%61:1",
            "Hostname:%",
            "Hostname:%FF",
            "guest:a:1",
            "IpAddress:n:10.0.0.01",
            "SwitchPort:%3a:1",
        ] {
            assert_eq!(GlobalId::parse(text), Err(IdError), "{text}");
        }
    }
}
