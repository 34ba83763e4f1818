//! The address plan as a source: tables in the gateway's own database, or in another PostgreSQL that has the same ones.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schema::source::ProblemCode;
use schema::{Facts, Problem, Snapshot, SourceInfo, Timestamp};
use store::{Database, Trouble, ipam};

use crate::connector::SecretAt;
use crate::{Build, BuildError, Connector, Kind, written};

/// The line of the catalog.
pub(crate) const KIND: Kind = Kind {
    name: "ipam",
    interval: Duration::from_secs(10),
    keys: &["url"],
    build,
    simulator: None,
    conform: &[],
};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Another PostgreSQL; left out: the gateway's own.
    url: Option<SecretAt>,
}

struct Ipam {
    info: Arc<SourceInfo>,
    database: Database,
    timeout: Duration,
}

fn build(build: Build<'_>) -> Result<Arc<dyn Connector>, BuildError> {
    let config: Config = written::source(build.table, "")?;
    let database = match (config.url, build.database) {
        (Some(url), _) => Database::elsewhere(&build.secrets.of("url", &url)?)
            .map_err(|error| BuildError { key: Some("url".into()), message: error.to_string() })?,
        (None, Some(own)) => own,
        (None, None) => {
            let message = "there is no database here: name one in url".to_owned();
            return Err(BuildError { key: Some("url".into()), message });
        }
    };
    Ok(Arc::new(Ipam { info: build.info, database, timeout: build.limits.collect_timeout }))
}

#[async_trait]
impl Connector for Ipam {
    async fn collect(&self, now: Timestamp) -> Snapshot {
        let problem = |code: ProblemCode, subject: &str, message: &str| Problem {
            code,
            subject: subject.into(),
            message: message.into(),
            since: now,
        };
        let plan = match tokio::time::timeout(self.timeout, ipam::read(&self.database, now)).await {
            Ok(read) => read.map_err(|error| error.trouble()),
            Err(_) => Err(Trouble::timeout()),
        };
        match plan {
            Ok(plan) => Snapshot {
                collected_at: now,
                problems: plan
                    .unreadable
                    .iter()
                    .map(|row| problem(ProblemCode::BadResponse, &row.subject, row.message))
                    .collect(),
                facts: Facts {
                    vlans: plan.vlans,
                    subnets: plan.subnets,
                    assignments: plan.assignments,
                    port_map: plan.port_map,
                    ..Facts::default()
                },
                ..Snapshot::default()
            },
            Err(trouble) => Snapshot {
                collected_at: now,
                failure: Some(problem(trouble.code, &self.info.name, &trouble.message)),
                ..Snapshot::default()
            },
        }
    }
}
