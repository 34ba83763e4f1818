//! From Nginx Proxy Manager's words to facts. Pure.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDateTime};
use schema::address::canonical;
use schema::fact::{CertificateFact, LocationFact, Protocol, ProxyHostFact, ProxyKind, Seen};
use schema::source::ProblemCode;
use schema::{Problem, Timestamp};

use super::wire::{AccessList, Certificate, DeadHost, Location, Loose, ProxyHost, RedirectionHost, Stream};

/// Maps the objects of one collection and notes what they say that cannot be followed.
pub(super) struct Map {
    at: Timestamp,
    problems: Vec<Problem>,
}

impl Map {
    pub(super) fn new(at: Timestamp) -> Self {
        Self { at, problems: Vec::new() }
    }

    /// What was noted on the way.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    pub(super) fn proxy_host(&mut self, wire: &ProxyHost) -> ProxyHostFact {
        let subject = format!("proxy host {}", wire.id);
        let served_here = serves_itself(wire.forward_scheme.as_deref());
        let locations = wire.locations.as_deref().unwrap_or_default();
        ProxyHostFact {
            forward_scheme: text(wire.forward_scheme.as_deref()),
            forward_host: if served_here { None } else { wire.forward_host.as_deref().and_then(host) },
            forward_port: if served_here {
                None
            } else {
                self.port(&wire.forward_port, &subject, "forward_port")
            },
            access_list_name: access_lists(wire),
            locations: locations.iter().filter_map(|location| self.location(location, &subject)).collect(),
            ..self.host(
                ProxyKind::Proxy,
                wire.id,
                &wire.domain_names,
                &wire.enabled,
                &wire.ssl_forced,
                &wire.certificate_id,
            )
        }
    }

    pub(super) fn redirection(&mut self, wire: &RedirectionHost) -> ProxyHostFact {
        ProxyHostFact {
            redirect_to: wire.forward_domain_name.as_deref().and_then(redirect_target),
            ..self.host(
                ProxyKind::Redirection,
                wire.id,
                &wire.domain_names,
                &wire.enabled,
                &wire.ssl_forced,
                &wire.certificate_id,
            )
        }
    }

    pub(super) fn dead_host(&mut self, wire: &DeadHost) -> ProxyHostFact {
        self.host(
            ProxyKind::Dead,
            wire.id,
            &wire.domain_names,
            &wire.enabled,
            &wire.ssl_forced,
            &wire.certificate_id,
        )
    }

    pub(super) fn stream(&mut self, wire: &Stream) -> ProxyHostFact {
        let subject = format!("stream {}", wire.id);
        // Streams were TCP only before the two flags came, so a missing flag means TCP and no UDP.
        let protocol =
            match (wire.tcp_forwarding.flag().unwrap_or(true), wire.udp_forwarding.flag().unwrap_or(false)) {
                (true, true) => Some(Protocol::TcpUdp),
                (true, false) => Some(Protocol::Tcp),
                (false, true) => Some(Protocol::Udp),
                (false, false) => None,
            };
        ProxyHostFact {
            incoming_port: self.port(&wire.incoming_port, &subject, "incoming_port"),
            forward_host: wire.forwarding_host.as_deref().and_then(host),
            forward_port: self.port(&wire.forwarding_port, &subject, "forwarding_port"),
            protocol,
            ..self.host(
                ProxyKind::Stream,
                wire.id,
                &[],
                &wire.enabled,
                &Loose::Flag(false),
                &wire.certificate_id,
            )
        }
    }

    pub(super) fn certificate(&self, wire: &Certificate) -> CertificateFact {
        let domain_names = names(&wire.domain_names);
        let nice_name = text(wire.nice_name.as_deref())
            .or_else(|| domain_names.first().cloned())
            .unwrap_or_else(|| format!("certificate {}", wire.id).into());
        CertificateFact {
            reference: wire.id.to_string().into(),
            nice_name,
            provider: text(wire.provider.as_deref()).unwrap_or_else(|| "other".into()),
            domain_names,
            expires_on: wire.expires_on.as_deref().and_then(moment),
            seen: self.seen(),
        }
    }

    /// What hosts of all kinds have in common.
    fn host(
        &self,
        kind: ProxyKind,
        id: u64,
        domain_names: &[String],
        enabled: &Loose,
        ssl_forced: &Loose,
        certificate: &Loose,
    ) -> ProxyHostFact {
        ProxyHostFact {
            reference: reference(kind, &id.to_string()),
            kind,
            domain_names: names(domain_names),
            // Versions that could not disable a host say nothing of it.
            enabled: enabled.flag().unwrap_or(true),
            forward_scheme: None,
            forward_host: None,
            forward_port: None,
            incoming_port: None,
            protocol: None,
            redirect_to: None,
            ssl_forced: ssl_forced.flag().unwrap_or(false),
            certificate: certificate.id().map(|id| id.to_string().into()),
            access_list_name: None,
            locations: Box::default(),
            seen: self.seen(),
        }
    }

    /// NPMplus' switched-off locations serve nothing and are left out.
    fn location(&mut self, wire: &Location, subject: &str) -> Option<LocationFact> {
        if wire.npmplus_enabled.flag() == Some(false) {
            return None;
        }
        let Some(path) = text(wire.path.as_deref()) else {
            self.note(subject, "one of its locations has no path and is left out".to_owned());
            return None;
        };
        let served_here = serves_itself(wire.forward_scheme.as_deref());
        Some(LocationFact {
            path: format!("{}{path}", wire.sign.as_deref().unwrap_or_default()).into(),
            forward_scheme: text(wire.forward_scheme.as_deref()).unwrap_or_else(|| "http".into()),
            forward_host: if served_here { None } else { wire.forward_host.as_deref().and_then(host) }
                .unwrap_or_default(),
            forward_port: if served_here {
                None
            } else {
                self.port(&wire.forward_port, subject, "forward_port of a location")
            },
        })
    }

    fn port(&mut self, wire: &Loose, subject: &str, field: &str) -> Option<u16> {
        let shown = match wire {
            Loose::Nothing => return None,
            Loose::Flag(flag) => flag.to_string(),
            Loose::Number(number) => number.to_string(),
            Loose::Text(text) => text.trim().to_owned(),
        };
        if let Some(port) = shown.parse().ok().filter(|port| *port != 0) {
            return Some(port);
        }
        let first = shown.split_once('-').and_then(|(first, _)| first.parse().ok()).filter(|port| *port != 0);
        let shown = crate::objects::short(&shown);
        self.note(
            subject,
            match first {
                Some(port) => format!("its {field} is the range {shown}, of which only {port} is followed"),
                None => format!("its {field} is {shown}, which is no port"),
            },
        );
        first
    }

    fn note(&mut self, subject: &str, message: String) {
        self.problems.push(Problem {
            code: ProblemCode::BadResponse,
            subject: subject.into(),
            message: message.into(),
            since: self.at,
        });
    }

    fn seen(&self) -> Seen {
        Seen { at: self.at, stale: false }
    }
}

/// The kind's letter and NPM's own id.
pub(super) fn reference(kind: ProxyKind, id: &str) -> Box<str> {
    let letter = match kind {
        ProxyKind::Proxy => 'p',
        ProxyKind::Redirection => 'r',
        ProxyKind::Dead => 'd',
        ProxyKind::Stream => 's',
    };
    format!("{letter}{id}").into()
}

/// `2029-02-22 23:28:09` without a zone, which NPM writes in UTC, or RFC 3339.
pub(super) fn moment(written: &str) -> Option<Timestamp> {
    let written = written.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(written) {
        return Some(at.to_utc().into());
    }
    NaiveDateTime::parse_from_str(written, "%Y-%m-%d %H:%M:%S").ok().map(|at| at.and_utc().into())
}

/// NPMplus' schemes that lead to no other machine: files of its own, or nothing.
fn serves_itself(scheme: Option<&str>) -> bool {
    matches!(scheme, Some("path" | "empty"))
}

fn names(written: &[String]) -> Box<[Box<str>]> {
    let names = written.iter().map(|name| name.trim().to_lowercase());
    names.filter(|name| !name.is_empty()).map(Into::into).collect()
}

fn text(written: Option<&str>) -> Option<Box<str>> {
    written.map(str::trim).filter(|text| !text.is_empty()).map(Into::into)
}

/// People write a path behind the host (`10.0.0.1/app`), a scheme before it, and brackets around IPv6.
fn host(written: &str) -> Option<Box<str>> {
    let written = written.trim();
    let rest = written.split_once("://").map_or(written, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or_default();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(address) => Some(canonical(address).to_string().into()),
        Err(_) => text(Some(host)),
    }
}

/// The name alone, in lower case. A variable of nginx (`www.$host`) stays as written: it is nobody's name, and the
/// evidence shows why the path ends there.
fn redirect_target(written: &str) -> Option<Box<str>> {
    let target = host(written)?;
    let name = match target.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => &target,
    };
    text(Some(&name.to_lowercase()))
}

fn access_lists(wire: &ProxyHost) -> Option<Box<str>> {
    let several = wire.access_lists.as_deref().unwrap_or_default();
    let names: Vec<&str> = wire
        .access_list
        .iter()
        .chain(several)
        .filter_map(|list: &AccessList| list.name.as_deref())
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    text(Some(&names.join(", ")))
}
