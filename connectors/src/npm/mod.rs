//! Nginx Proxy Manager and NPMplus: which names lead where, and by which certificates.
//!
//! docs/adr/0008-npm-and-stripe.md has what was chosen here and why.

mod api;
mod collect;
mod config;
mod map;
mod simulator;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schema::{Snapshot, Timestamp};
use serde_json::value::RawValue;

use crate::http::CallError;
use crate::{Build, BuildError, Connector, Kind, Parser};

/// Nginx Proxy Manager and NPMplus.
pub(crate) const KIND: Kind = Kind {
    name: "npm",
    interval: Duration::from_secs(30),
    keys: config::KEYS,
    build,
    simulator: Some(simulator::SIMULATOR),
    conform: PARSERS,
};

const PARSERS: &[Parser] = &[
    Parser { method: "POST", path: api::TOKENS, parse: collect::parse_login },
    Parser { method: "GET", path: api::TOKENS, parse: collect::parse_login },
    Parser { method: "GET", path: "/api/users/{id}", parse: collect::parse_account },
    Parser {
        method: "GET",
        path: collect::List::ProxyHosts.path(),
        parse: collect::parse_list::<wire::ProxyHost>,
    },
    Parser {
        method: "GET",
        path: collect::List::RedirectionHosts.path(),
        parse: collect::parse_list::<wire::RedirectionHost>,
    },
    Parser {
        method: "GET",
        path: collect::List::DeadHosts.path(),
        parse: collect::parse_list::<wire::DeadHost>,
    },
    Parser { method: "GET", path: collect::List::Streams.path(), parse: collect::parse_list::<wire::Stream> },
    Parser {
        method: "GET",
        path: collect::List::Certificates.path(),
        parse: collect::parse_list::<wire::Certificate>,
    },
];

fn build(build: Build<'_>) -> Result<Arc<dyn Connector>, BuildError> {
    let limits = build.limits.clone();
    let config = config::Config::read(build)?;
    Ok(Arc::new(Npm { api: api::Api::new(config, limits)?, memory: collect::Memories::default() }))
}

/// One proxy.
struct Npm {
    api: api::Api,
    memory: collect::Memories,
}

#[async_trait]
impl Connector for Npm {
    async fn collect(&self, now: Timestamp) -> Snapshot {
        let rights = match self.api.account(now).await {
            Ok(account) => collect::Rights::of(&account),
            Err(error) => return collect::failed(now, &error),
        };
        let read = |list: collect::List| {
            let seen = rights.may_see(list);
            async move {
                if !seen {
                    return collect::Reading::Hidden;
                }
                match self.api.list(list.path(), now).await {
                    Ok(objects) => collect::Reading::Objects(objects),
                    Err(error) => collect::Reading::Failed(error),
                }
            }
        };
        let (proxy_hosts, redirection_hosts, dead_hosts, streams, certificates) = tokio::join!(
            self.proxy_hosts(&rights, now),
            read(collect::List::RedirectionHosts),
            read(collect::List::DeadHosts),
            read(collect::List::Streams),
            read(collect::List::Certificates),
        );
        let (proxy_hosts, without_access_lists) = proxy_hosts;
        let readings = collect::Readings {
            proxy_hosts,
            redirection_hosts,
            dead_hosts,
            streams,
            certificates,
            without_access_lists,
        };
        collect::assemble(now, &rights, &readings, &self.memory)
    }

    async fn could_change(&self, now: Timestamp) -> Vec<String> {
        // What cannot be read was told by the collection.
        self.api.account(now).await.map(|account| collect::Rights::to_change(&account)).unwrap_or_default()
    }
}

impl Npm {
    /// Proxy hosts with the names of their access lists; without them where the proxy refuses that, and why.
    async fn proxy_hosts(
        &self,
        rights: &collect::Rights,
        now: Timestamp,
    ) -> (collect::Reading, Option<CallError>) {
        let list = collect::List::ProxyHosts;
        if !rights.may_see(list) {
            return (collect::Reading::Hidden, None);
        }
        let names = match (rights.may_see_access_lists(), self.api.is_plus().await) {
            (false, _) => "",
            (true, false) => "access_list,",
            (true, true) => "access_lists,",
        };
        let expanded = format!("{}?expand={names}certificate", list.path());
        let refused = match self.api.list(&expanded, now).await {
            Ok(objects) => return (collect::Reading::Objects(objects), None),
            Err(error) if collect::may_be_the_expansion(&error) => error,
            Err(error) => return (collect::Reading::Failed(error), None),
        };
        match self.api.list(list.path(), now).await {
            Ok(objects) => (collect::Reading::Objects(objects), Some(refused)),
            Err(error) => (collect::Reading::Failed(error), None),
        }
    }
}

/// The objects of a list, each as it came.
type Objects = Vec<Box<RawValue>>;
