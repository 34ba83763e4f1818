//! The IPAM source against real PostgreSQL: what it reads, what it says where it cannot, and what that costs.

mod wire;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use secrecy::{ExposeSecret, SecretString};
use store::testing::TestDatabase;

use super::*;
use crate::{Limits, Secrets};

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

struct OneSecret(SecretString);

impl Secrets for OneSecret {
    fn read(&self, _: &SecretAt) -> Result<SecretString, BuildError> {
        Ok(self.0.clone())
    }
}

fn info() -> Arc<SourceInfo> {
    Arc::new(SourceInfo {
        name: "ipam".into(),
        kind: "ipam".into(),
        cloud: None,
        environment: None,
        groups: vec![],
        network: "default".into(),
        interval: KIND.interval,
        addresses: vec![],
    })
}

fn source(
    table: &str,
    url: SecretString,
    database: Option<Database>,
) -> Result<Arc<dyn Connector>, BuildError> {
    within(Limits::default(), table, url, database)
}

fn within(
    limits: Limits,
    table: &str,
    url: SecretString,
    database: Option<Database>,
) -> Result<Arc<dyn Connector>, BuildError> {
    let table = table.parse().expect("TOML");
    let (secrets, folder) = (OneSecret(url), Path::new("/"));
    build(Build { info: info(), table, limits, secrets: &secrets, database, folder })
}

fn elsewhere(url: &str) -> Arc<dyn Connector> {
    source("url = { env = 'IPAM_URL' }", url.to_owned().into(), None).expect("a URL")
}

#[tokio::test]
async fn the_same_tables_are_read_here_and_elsewhere() {
    let test = TestDatabase::create().await;
    test.run(
        "insert into ipam_vlan (vlan_id, name) values (20, 'servers');
         insert into ipam_subnet (cidr, vlan, environment) select '10.0.0.0/24', id, 'lab' from ipam_vlan;
         insert into ipam_assignment (address, hostname, vmid) values ('10.0.0.5', 'app', 105);
         insert into ipam_port_map (switch, port, node) values ('sw', 7, 'pve1')",
    )
    .await;
    let own = source("", String::new().into(), Some(test.database().clone())).expect("a database");
    let snapshot = own.collect(NOW).await;
    assert_eq!((snapshot.failure.as_ref(), snapshot.problems.len()), (None, 0));
    assert_eq!(snapshot.collected_at, NOW);
    assert_eq!(snapshot.facts.len(), 4);
    let assignment = &snapshot.facts.assignments[0];
    assert_eq!((assignment.address, assignment.vmid), ([10, 0, 0, 5].into(), Some(105)));
    let other = elsewhere(test.url().expose_secret()).collect(NOW).await;
    assert_eq!(other.facts, snapshot.facts);
}

/// A failure of the whole: its code, no fact, no secret.
async fn check_failure(source: &dyn Connector, code: ProblemCode, words: &str) {
    let snapshot = source.collect(NOW).await;
    let failure = snapshot.failure.expect("it fails as a whole");
    assert_eq!(failure.code, code, "{}", failure.message);
    assert!(failure.message.contains(words), "{}", failure.message);
    assert!(!failure.message.contains("s3cret"), "{}", failure.message);
    assert!(snapshot.facts.is_empty());
}

#[tokio::test]
async fn failure_never_looks_like_data() {
    let test = TestDatabase::create().await;
    let url = test.url().expose_secret().to_owned();
    let missing = url.replace("/test_", "/missing_");
    check_failure(&*elsewhere(&missing), ProblemCode::NotFound, "does not exist").await;
    let stranger = url.replace("fleetgraph@", "stranger:s3cret@");
    check_failure(&*elsewhere(&stranger), ProblemCode::Unauthorized, "check user").await;
    test.run("create role may_not_read login").await;
    let reader = url.replace("fleetgraph@", "may_not_read@");
    check_failure(&*elsewhere(&reader), ProblemCode::Forbidden, "ipam_vlan").await;
    test.run("drop table ipam_port_map").await;
    check_failure(&*elsewhere(&url), ProblemCode::NotFound, "ipam_port_map").await;
    test.run("create table ipam_port_map (id bigint)").await;
    check_failure(&*elsewhere(&url), ProblemCode::NotFound, "switch").await;
}

#[tokio::test]
async fn a_database_that_is_down_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let down = elsewhere(&format!("postgres://u:s3cret@127.0.0.1:{port}/ipam"));
    let began = tokio::time::Instant::now();
    check_failure(&*down, ProblemCode::Unreachable, "Connection refused").await;
    assert!(began.elapsed().as_secs() < 4, "refused at once, and told only after {:?}", began.elapsed());
}

#[tokio::test]
async fn tables_that_were_emptied_are_an_answer() {
    // People write the plan, and may take all of it back; its emptiness is no upstream's trouble.
    let test = TestDatabase::create().await;
    test.run("insert into ipam_assignment (address) values ('10.0.0.5')").await;
    let own = source("", String::new().into(), Some(test.database().clone())).expect("a database");
    assert_eq!(own.collect(NOW).await.facts.len(), 1);
    test.run("truncate ipam_assignment").await;
    let snapshot = own.collect(NOW).await;
    assert_eq!((snapshot.failure.as_ref(), snapshot.problems.len(), snapshot.facts.len()), (None, 0, 0));
    assert_eq!(snapshot.unread, []);
}

#[tokio::test]
async fn a_table_that_is_too_large_is_no_address_plan() {
    let test = TestDatabase::create().await;
    let url = test.url().expose_secret().to_owned();
    test.run(
        "alter table ipam_vlan rename to ipam_vlan_before;
         create view ipam_vlan as
             select n::bigint as id, 1 as vlan_id, 'x'::text as name, 'ACTIVE'::text as state
             from generate_series(1, 1000001) n",
    )
    .await;
    check_failure(&*elsewhere(&url), ProblemCode::BadResponse, "more than 1000000 rows").await;
}

#[tokio::test]
async fn a_session_that_was_ended_is_opened_anew() {
    let test = TestDatabase::create().await;
    let other = elsewhere(test.url().expose_secret());
    assert_eq!(other.collect(NOW).await.failure, None);
    test.run(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()",
    )
    .await;
    assert_eq!(other.collect(NOW).await.failure, None);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_a_problem_and_hides_no_other() {
    let test = TestDatabase::create().await;
    test.run(
        "alter table ipam_assignment drop constraint ipam_assignment_address_check;
         insert into ipam_assignment (address) values ('10.0.0.0/24'), ('10.0.0.5')",
    )
    .await;
    let own = source("", String::new().into(), Some(test.database().clone())).expect("a database");
    let snapshot = own.collect(NOW).await;
    assert_eq!(snapshot.failure, None);
    assert_eq!(snapshot.facts.assignments.len(), 1);
    assert_eq!(&*snapshot.problems[0].subject, "ipam_assignment 1");
}

#[tokio::test]
async fn a_source_without_a_database_is_not_built() {
    let refused = |table: &str, url: &str| source(table, url.to_owned().into(), None).err().expect("refused");
    assert_eq!(refused("", "").key.as_deref(), Some("url"));
    let wrong = refused("url = { env = 'A' }", "mysql://u:s3cret@h/d");
    assert_eq!(wrong.key.as_deref(), Some("url"));
    assert!(!wrong.message.contains("s3cret"));
    assert_eq!(refused("uri = 'postgres://'", "").key.as_deref(), Some("uri"));
    assert_eq!(refused("url = { evn = 'A' }", "").key.as_deref(), Some("url"));
}

/// Counts the statements that the driver sends, by its own log.
#[derive(Clone, Default)]
struct Statements(Arc<AtomicUsize>);

impl tracing::Subscriber for Statements {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn a_thousand_rows_cost_as_many_statements_as_one() {
    let test = TestDatabase::create().await;
    let own = source("", String::new().into(), Some(test.database().clone())).expect("a database");
    let mut counts = Vec::new();
    for rows in [1, 1000] {
        test.run(&format!(
            "truncate ipam_assignment;
             insert into ipam_assignment (address) select inet '10.0.0.0' + n from generate_series(1, {rows}) n"
        ))
        .await;
        let statements = Statements::default();
        let counting = tracing::subscriber::set_default(statements.clone());
        let snapshot = own.collect(NOW).await;
        drop(counting);
        assert_eq!(snapshot.facts.assignments.len(), rows);
        counts.push(statements.0.load(Ordering::Relaxed));
    }
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0] >= 4, "the driver tells of each of the four");
}
