//! How each answer is parsed: by the functions that a collection uses, for recorded answers to be run through.

use schema::source::ProblemCode;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::answer::records;
use super::wire::{self, Each, Page, Unread, refusal};
use crate::Parser;
use crate::http::{CallError, parse};

/// Every endpoint that is read: of the Network application by itself, then behind a console of UniFi OS.
pub(super) const PARSERS: &[Parser] = &[
    get("/status", anything),
    Parser { method: "POST", path: "/api/auth/login", parse: anything },
    Parser { method: "POST", path: "/api/login", parse: anything },
    get("/api/self/sites", legacy::<wire::Site>),
    get("/api/s/{site}/stat/device", legacy::<wire::Device>),
    get("/api/s/{site}/stat/sta", legacy::<wire::Client>),
    get("/api/s/{site}/rest/networkconf", legacy::<wire::NetworkConf>),
    get("/api/s/{site}/rest/portconf", legacy::<wire::PortConf>),
    get("/api/s/{site}/rest/portforward", legacy::<wire::PortForward>),
    get("/integration/v1/sites", official::<wire::IntegrationSite>),
    get("/integration/v1/sites/{siteId}/devices", official::<wire::IntegrationDevice>),
    get("/integration/v1/sites/{siteId}/clients", official::<wire::IntegrationClient>),
    get("/proxy/network/api/self/sites", legacy::<wire::Site>),
    get("/proxy/network/api/s/{site}/stat/device", legacy::<wire::Device>),
    get("/proxy/network/api/s/{site}/stat/sta", legacy::<wire::Client>),
    get("/proxy/network/api/s/{site}/rest/networkconf", legacy::<wire::NetworkConf>),
    get("/proxy/network/api/s/{site}/rest/portconf", legacy::<wire::PortConf>),
    get("/proxy/network/api/s/{site}/rest/portforward", legacy::<wire::PortForward>),
    get("/proxy/network/integration/v1/sites", official::<wire::IntegrationSite>),
    get("/proxy/network/integration/v1/sites/{siteId}/devices", official::<wire::IntegrationDevice>),
    get("/proxy/network/integration/v1/sites/{siteId}/clients", official::<wire::IntegrationClient>),
];

const fn get(path: &'static str, parse: fn(&[u8]) -> Result<(), CallError>) -> Parser {
    Parser { method: "GET", path, parse }
}

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

fn official<T: DeserializeOwned + Whole>(body: &[u8]) -> Result<(), CallError> {
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
