//! How each answer is parsed: by the functions that a collection uses, for recorded answers to be run through.

use schema::source::ProblemCode;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::answer::records;
use super::wire::{self, Each, Page, Unread, refusal};
use crate::Parser;
use crate::http::{CallError, parse};

/// Every endpoint that is read, as it stands on UniFi OS; by itself the Network application answers the same without
/// `/proxy/network`.
pub(super) const PARSERS: &[Parser] = &[
    Parser { method: "GET", path: "/status", parse: anything },
    Parser { method: "POST", path: "/api/auth/login", parse: anything },
    Parser { method: "POST", path: "/api/login", parse: anything },
    Parser { method: "GET", path: "/proxy/network/api/self/sites", parse: legacy::<wire::Site> },
    Parser { method: "GET", path: "/proxy/network/api/s/{site}/stat/device", parse: legacy::<wire::Device> },
    Parser { method: "GET", path: "/proxy/network/api/s/{site}/stat/sta", parse: legacy::<wire::Client> },
    Parser {
        method: "GET",
        path: "/proxy/network/api/s/{site}/rest/networkconf",
        parse: legacy::<wire::NetworkConf>,
    },
    Parser {
        method: "GET",
        path: "/proxy/network/api/s/{site}/rest/portconf",
        parse: legacy::<wire::PortConf>,
    },
    Parser {
        method: "GET",
        path: "/proxy/network/api/s/{site}/rest/portforward",
        parse: legacy::<wire::PortForward>,
    },
    Parser {
        method: "GET",
        path: "/proxy/network/integration/v1/sites",
        parse: integration::<wire::IntegrationSite>,
    },
    Parser {
        method: "GET",
        path: "/proxy/network/integration/v1/sites/{siteId}/devices",
        parse: integration::<wire::IntegrationDevice>,
    },
    Parser {
        method: "GET",
        path: "/proxy/network/integration/v1/sites/{siteId}/clients",
        parse: integration::<wire::IntegrationClient>,
    },
];

/// Of a login only its headers matter, of `/status` only whether it is the envelope; neither holds a list.
fn anything(body: &[u8]) -> Result<(), CallError> {
    parse::<IgnoredAny>(body).map(|_| ())
}

/// An envelope; or one record of its list, as most of what people record is.
fn legacy<T: DeserializeOwned + Whole>(body: &[u8]) -> Result<(), CallError> {
    if refusal(body).is_some() {
        return Ok(());
    }
    let is_record = parse::<serde_json::Map<String, serde_json::Value>>(body)
        .is_ok_and(|object| !object.contains_key("meta") && !object.contains_key("data"));
    if is_record {
        return parse::<T>(body)
            .and_then(|record| record.unread().map_or(Ok(()), |unread| Err(refuse(unread))));
    }
    whole(&records::<T>(body)?)
}

fn integration<T: DeserializeOwned + Whole>(body: &[u8]) -> Result<(), CallError> {
    if refusal(body).is_some() {
        return Ok(());
    }
    whole(&parse::<Page<T>>(body)?.data)
}

fn whole<T: Whole>(list: &Each<T>) -> Result<(), CallError> {
    let unread = list.bad.first().or_else(|| list.good.iter().find_map(Whole::unread));
    unread.map_or(Ok(()), |unread| Err(refuse(unread)))
}

fn refuse(unread: &Unread) -> CallError {
    CallError::new(ProblemCode::BadResponse, format!("{}: {}", unread.subject, unread.why))
}

/// A record that may hold lists of its own.
trait Whole {
    /// The first element of them that could not be read.
    fn unread(&self) -> Option<&Unread> {
        None
    }
}

impl Whole for wire::Site {}
impl Whole for wire::Client {}
impl Whole for wire::NetworkConf {}
impl Whole for wire::PortConf {}
impl Whole for wire::PortForward {}
impl Whole for wire::IntegrationSite {}
impl Whole for wire::IntegrationDevice {}
impl Whole for wire::IntegrationClient {}

impl Whole for wire::Device {
    fn unread(&self) -> Option<&Unread> {
        let neighbours = self.port_table.good.iter().flat_map(|port| &port.lldp_table.bad);
        let own =
            [&self.port_table.bad, &self.port_overrides.bad, &self.lldp_table.bad, &self.downlink_table.bad];
        own.into_iter().flatten().chain(neighbours).next()
    }
}
