//! Databases for tests: one private cluster a process, in a throw-away folder; a database is a copy of a migrated template.
//!
//! A server that runs already is never asked for anything. However the process ends, killed or well, a small shell that
//! waits for its end stops the server and removes the folder.

#![expect(clippy::panic, reason = "a test that has no server has failed, and says why")]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::sync::OnceCell;

use crate::cluster::Cluster;
use crate::{Database, MigrateError, connect, database, migrate};

/// Durability is tested elsewhere, with the settings that everybody gets.
const SETTINGS: &[&str] = &["fsync=off", "full_page_writes=off", "max_connections=300", "autovacuum=off"];

static SERVER: OnceCell<Server> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(1);

/// A database of a test's own, with every table and no row.
#[derive(Clone, Debug)]
pub struct TestDatabase {
    database: Database,
    options: PgConnectOptions,
    url: String,
}

impl TestDatabase {
    /// A new one. The first of a process takes a second, the others hundredths.
    ///
    /// # Panics
    /// Where this machine has no PostgreSQL, or it does not start: a test without its server has failed.
    pub async fn create() -> Self {
        let server = SERVER.get_or_init(Server::start).await;
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut connection = server.connect("postgres").await;
        let create = format!("create database {name} template fleetgraph_template");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await.expect("a copy of the template");
        connection.close().await.expect("a server that runs");
        let options = connect::to_socket(&server.socket_folder).database(&name);
        let folder = server.socket_folder.display().to_string().replace('/', "%2F");
        let url = format!("postgres://{}@{folder}/{name}?sslmode=disable", crate::cluster::OWNER);
        Self { database: Database::of_pool(database::pool(options.clone())), options, url }
    }

    /// What the code under test takes.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The same for code that takes a URL.
    pub fn url(&self) -> SecretString {
        SecretString::from(self.url.clone())
    }

    /// A connection beside the pool's.
    ///
    /// # Panics
    /// Where the server is gone.
    pub async fn connect(&self) -> PgConnection {
        self.options.connect().await.expect("the test's server")
    }

    /// Runs statements, for what a test needs to be there.
    ///
    /// # Panics
    /// Where one of them fails.
    pub async fn run(&self, sql: &str) {
        let statements = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        statements.execute(self.database.pool()).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// Undoes every step of the schema.
pub async fn undo_migrations(connection: &mut PgConnection) -> Result<(), MigrateError> {
    migrate::undo(connection, 0).await
}

/// Takes every step of the schema that is missing.
pub async fn run_migrations(connection: &mut PgConnection) -> Result<(), MigrateError> {
    migrate::run(connection).await
}

/// The cluster of this process, with the template in it. Never dropped: the guard ends it.
struct Server {
    _cluster: Cluster,
    _guard: Child,
    socket_folder: PathBuf,
}

impl Server {
    async fn start() -> Self {
        let server = tokio::task::spawn_blocking(Self::start_cluster).await.expect("no panic");
        let mut connection = server.connect("postgres").await;
        sqlx::raw_sql("create database fleetgraph_template")
            .execute(&mut connection)
            .await
            .expect("a new cluster");
        connection.close().await.expect("a server that runs");
        let mut template = server.connect("fleetgraph_template").await;
        migrate::run(&mut template).await.expect("the migrations run on an empty database");
        template.close().await.expect("a server that runs");
        server
    }

    fn start_cluster() -> Self {
        // Open to all, for where root's only way is to run it as nobody; what is in it is not.
        let open = Permissions::from_mode(0o755);
        let folder = tempfile::Builder::new().prefix("fleetgraph-test-").permissions(open).tempdir();
        let folder = folder.expect("a throw-away folder").keep();
        let cluster = Cluster::start_with(&folder, None, None, SETTINGS)
            .unwrap_or_else(|error| panic!("the tests need PostgreSQL: {error}"));
        let guard = guard(&folder);
        let socket_folder = cluster.socket_folder().to_owned();
        Self { _cluster: cluster, _guard: guard, socket_folder }
    }

    async fn connect(&self, name: &str) -> PgConnection {
        connect::to_socket(&self.socket_folder)
            .database(name)
            .connect()
            .await
            .expect("the tests' server answers")
    }
}

/// Waits in a process of its own for the end of its stdin, which is the end of this process; then cleans up.
fn guard(folder: &Path) -> Child {
    const SCRIPT: &str = r#"
        read -r _
        server=$(head -n 1 "$1/postgres/data/postmaster.pid" 2>/dev/null)
        [ -n "$server" ] && kill -QUIT "$server" 2>/dev/null
        tries=0
        while [ -e "/proc/$server/cwd" ] && [ "$tries" -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
        rm -rf "$1"
    "#;
    Command::new("/bin/sh")
        .args(["-c", SCRIPT, "fleetgraph-test-guard"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C ends the tests; the guard has work to do then.
        .process_group(0)
        .spawn()
        .expect("a shell")
}
