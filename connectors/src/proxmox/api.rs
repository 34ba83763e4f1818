//! The endpoints that are read, each with its own way of reading the answer.

use http::header::AUTHORIZATION;
use schema::source::ProblemCode;
use secrecy::SecretString;
use serde::de::DeserializeOwned;

use super::config::Config;
use super::wire::{
    AgentAnswer, AgentResult, Config as GuestConfig, Envelope, Interface, Member, NodeInterface, NodeStatus,
    Objects, Permissions, Resource, Version,
};
use crate::http::{Answer, Call, CallError, Client, parse};
use crate::objects;
use crate::{BuildError, Limits, Parser};

/// Proxmox VE over HTTP, with a token that reads.
pub(super) struct Api {
    client: Client,
    authorization: SecretString,
}

impl Api {
    pub(super) fn new(config: Config, limits: Limits) -> Result<Self, BuildError> {
        let client = Client::new(config.addresses, &config.tls, limits)?;
        Ok(Self { client, authorization: config.authorization })
    }

    pub(super) async fn version(&self) -> Result<Version, CallError> {
        self.read("/version").await
    }

    pub(super) async fn cluster_status(&self) -> Result<Objects, CallError> {
        self.read("/cluster/status").await
    }

    pub(super) async fn cluster_resources(&self) -> Result<Objects, CallError> {
        self.read("/cluster/resources").await
    }

    pub(super) async fn permissions(&self) -> Result<Permissions, CallError> {
        self.read("/access/permissions").await
    }

    pub(super) async fn node_status(&self, node: &str) -> Result<NodeStatus, CallError> {
        self.read(&format!("/nodes/{node}/status")).await
    }

    pub(super) async fn node_network(&self, node: &str) -> Result<Vec<NodeInterface>, CallError> {
        self.read(&format!("/nodes/{node}/network")).await
    }

    pub(super) async fn qemu_config(&self, node: &str, vmid: u32) -> Result<GuestConfig, CallError> {
        self.read(&format!("/nodes/{node}/qemu/{vmid}/config")).await
    }

    pub(super) async fn lxc_config(&self, node: &str, vmid: u32) -> Result<GuestConfig, CallError> {
        self.read(&format!("/nodes/{node}/lxc/{vmid}/config")).await
    }

    pub(super) async fn lxc_interfaces(&self, node: &str, vmid: u32) -> Result<Vec<Interface>, CallError> {
        self.read(&format!("/nodes/{node}/lxc/{vmid}/interfaces")).await
    }

    /// What a virtual machine's agent says of its interfaces. `None`: it is silent. Proxmox answers 500 then, in words
    /// that differ between versions (not running, not configured, got timeout); an old agent says so with 200.
    pub(super) async fn agent_interfaces(
        &self,
        node: &str,
        vmid: u32,
    ) -> Result<Option<Vec<Interface>>, CallError> {
        let path = format!("/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces");
        let answer = match self.answer(&path).await {
            Ok(answer) if answer.status.as_u16() == 500 => return Ok(None),
            Ok(answer) => success(answer)?,
            Err(error) if error.code == ProblemCode::Timeout => return Ok(None),
            Err(error) => return Err(error),
        };
        let envelope: Envelope<AgentAnswer> = answer.json()?;
        Ok(match envelope.data.map(|data| data.result) {
            Some(AgentResult::Interfaces(interfaces)) => Some(interfaces),
            Some(AgentResult::Refused) | None => None,
        })
    }

    /// Null data is the empty answer of its kind: a list of nothing, a container without interfaces.
    async fn read<T: DeserializeOwned + Default>(&self, path: &str) -> Result<T, CallError> {
        let answer = success(self.answer(path).await?)?;
        let envelope: Envelope<T> = answer.json()?;
        Ok(envelope.data.unwrap_or_default())
    }

    async fn answer(&self, path: &str) -> Result<Answer, CallError> {
        let call = Call::get(format!("/api2/json{path}"));
        self.client.call(call.header(AUTHORIZATION, self.authorization.clone())).await
    }
}

/// Adds Proxmox' own words to what a status means; they stand in the reason phrase.
fn success(answer: Answer) -> Result<Answer, CallError> {
    let reason = answer.reason.clone();
    answer.success().map_err(|mut error| {
        if let Some(reason) = reason {
            error.message = format!("{}; Proxmox says: {reason}", error.message);
        }
        error
    })
}

/// How each recorded answer is read.
pub(super) const PARSERS: &[Parser] = &[
    Parser { method: "GET", path: "/api2/json/version", parse: reads::<Version> },
    Parser { method: "GET", path: "/api2/json/cluster/status", parse: reads_each::<Member> },
    Parser { method: "GET", path: "/api2/json/cluster/resources", parse: reads_each::<Resource> },
    Parser { method: "GET", path: "/api2/json/access/permissions", parse: reads::<Permissions> },
    Parser { method: "GET", path: "/api2/json/nodes/{node}/status", parse: reads::<NodeStatus> },
    Parser { method: "GET", path: "/api2/json/nodes/{node}/network", parse: reads::<Vec<NodeInterface>> },
    Parser { method: "GET", path: "/api2/json/nodes/{node}/qemu/{vmid}/config", parse: reads::<GuestConfig> },
    Parser { method: "GET", path: "/api2/json/nodes/{node}/lxc/{vmid}/config", parse: reads::<GuestConfig> },
    Parser {
        method: "GET",
        path: "/api2/json/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces",
        parse: reads::<AgentAnswer>,
    },
    Parser {
        method: "GET",
        path: "/api2/json/nodes/{node}/lxc/{vmid}/interfaces",
        parse: reads::<Vec<Interface>>,
    },
];

fn reads<T: DeserializeOwned>(body: &[u8]) -> Result<(), CallError> {
    parse::<Envelope<T>>(body).map(|_| ())
}

fn reads_each<T: DeserializeOwned>(body: &[u8]) -> Result<(), CallError> {
    let objects = parse::<Envelope<Objects>>(body)?.data.unwrap_or_default();
    match objects::each::<T>(&objects).1.into_iter().next() {
        None => Ok(()),
        Some(unread) => Err(CallError::new(
            ProblemCode::BadResponse,
            format!("the object {} {}", unread.id.as_deref().unwrap_or("without id"), unread.reason),
        )),
    }
}
