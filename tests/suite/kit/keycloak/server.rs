//! The server: prepared once, copied for each run, ended with the process that started it.
//!
//! The first start of a Keycloak takes a minute and each realm seconds. So a folder with realms in it is kept in
//! `.cache/keycloak/`, under a name that changes with the realm's file; a run copies its data and throws the copy away.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::OnceCell;

use super::admin::{self, ADMINISTRATOR, PASSWORD};
use super::{READY, realm_file};

/// Ten times what a start takes on a machine that has nothing else to do, and more for one that has.
const PATIENCE: Duration = Duration::from_mins(5);

/// How often it is asked whether it is there: it tells nobody.
const TICK: Duration = Duration::from_millis(100);

/// Less of a compiler starts sooner; less of a heap is enough.
const JAVA: [&str; 12] = [
    "-Xms64m",
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.security=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "-Duser.language=en",
    "-Dpicocli.disable.closures=true",
];

/// The one of this process, started where nobody asked before.
pub(super) async fn address() -> SocketAddr {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    SERVER.get_or_init(Server::start).await.address
}

/// A running one. Never dropped where it is shared: the guard ends it.
struct Server {
    address: SocketAddr,
    folder: PathBuf,
    java: Child,
    _guard: Child,
}

impl Server {
    async fn start() -> Self {
        let prepared = prepared().await;
        Self::start_on(Some(&prepared)).await
    }

    /// Starts one on a copy of some data, or on none, and waits until it answers.
    async fn start_on(data: Option<&Path>) -> Self {
        let home = home();
        let folder = tempfile::Builder::new().prefix("fleetgraph-keycloak-").tempdir();
        let folder = folder.expect("a throw-away folder").keep();
        for part in ["lib", "conf", "providers", "themes"] {
            symlink(home.join(part), folder.join(part)).expect("a new folder");
        }
        if let Some(data) = data {
            copy(data, &folder.join("data"));
        }
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let java = java(&home, &folder, address);
        let guard = guard(&folder, &java);
        let mut server = Self { address, folder, java, _guard: guard };
        server.wait_until_ready().await;
        server
    }

    async fn wait_until_ready(&mut self) {
        let url = format!("http://{}/realms/master/.well-known/openid-configuration", self.address);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let asking = async {
            while !client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                if self.java.try_wait().expect("our child").is_some() {
                    return false;
                }
                tokio::time::sleep(TICK).await;
            }
            true
        };
        let ready = tokio::time::timeout(PATIENCE, asking).await;
        if !ready.is_ok_and(|ready| ready) {
            let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
            panic!("Keycloak does not start; its log:\n{log}");
        }
    }

    /// Lets it write everything down, and keeps its database. Until that is copied the guard must live: it removes the folder.
    fn stop_and_keep(mut self, to: &Path) {
        kill_process(Pid::from_child(&self.java), Signal::TERM).expect("it runs");
        self.java.wait().expect("our child");
        copy(&self.folder.join("data/h2"), to);
    }
}

/// The distribution, as `need_keycloak` of scripts/needs.sh leaves it.
#[expect(
    clippy::disallowed_methods,
    reason = "where a server is that only tests start is no configuration of the gateway"
)]
fn home() -> PathBuf {
    let home = std::env::var("KEYCLOAK_HOME").map_or_else(|_| cache().join("26.7.5"), PathBuf::from);
    let built = home.join("lib/quarkus/build-system.properties");
    assert!(
        built.exists(),
        "no Keycloak in {}: run ./test, or bash -c '. scripts/needs.sh; need_keycloak'",
        home.display()
    );
    home
}

fn cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join(".cache/keycloak")
}

/// Data with every realm in it, made where they are missing.
async fn prepared() -> PathBuf {
    let version = fs::read_to_string(home().join("version.txt")).unwrap_or_default();
    let made_of = format!("{version}{}{}", READY.len(), realm_file("REALM"));
    let hash = digest::digest(&digest::SHA256, made_of.as_bytes());
    let name = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..9]);
    let prepared = cache().join(format!("data-{name}"));
    if !prepared.exists() {
        fs::create_dir_all(cache()).expect("a folder of the workspace");
        let server = Server::start_on(None).await;
        for realm in READY {
            admin::create_realm(server.address, realm).await;
        }
        let made = tempfile::tempdir_in(cache()).expect("room").keep();
        server.stop_and_keep(&made.join("h2"));
        // Another process may have been faster; its folder is as good.
        if fs::rename(&made, &prepared).is_err() {
            let _ = fs::remove_dir_all(&made);
        }
    }
    prepared
}

fn java(home: &Path, folder: &Path, address: SocketAddr) -> Child {
    let log = File::create(folder.join("server.log")).expect("a new folder");
    let mut command = Command::new("java");
    command.args(JAVA).arg(format!("-Dkc.home.dir={}", folder.display())).arg("-cp");
    command.arg(home.join("lib/quarkus-run.jar")).arg("io.quarkus.bootstrap.runner.QuarkusEntryPoint");
    command.args(["start", "--optimized", "--cache=local", "--http-enabled=true", "--http-host=127.0.0.1"]);
    command.arg(format!("--http-port={}", address.port())).arg(format!("--hostname=http://{address}"));
    command.env("KC_BOOTSTRAP_ADMIN_USERNAME", ADMINISTRATOR).env("KC_BOOTSTRAP_ADMIN_PASSWORD", PASSWORD);
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("a file")).stderr(log).process_group(0);
    command.spawn().unwrap_or_else(|error| panic!("Keycloak needs Java 17 or later: {error}"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("a folder")).expect("room");
    let status = Command::new("cp").arg("-r").arg(from).arg(to).status().expect("cp");
    assert!(status.success(), "{} cannot be copied", from.display());
}

/// Waits in a process of its own for the end of its stdin, which is the end of this process, killed or well; then ends the
/// server, keeps its log and removes the folder.
fn guard(folder: &Path, java: &Child) -> Child {
    const SCRIPT: &str = r#"
        read -r _
        grep -qsF "$1" "/proc/$2/cmdline" && kill -KILL "$2" 2>/dev/null
        cp "$1/server.log" "$3/last-run.log" 2>/dev/null
        tries=0
        while [ -e "/proc/$2/cwd" ] && [ "$tries" -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
        rm -rf "$1"
    "#;
    Command::new("/bin/sh")
        .args(["-c", SCRIPT, "fleetgraph-keycloak-guard"])
        .arg(folder)
        .arg(java.id().to_string())
        .arg(cache())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C ends the tests; the guard has work to do then.
        .process_group(0)
        .spawn()
        .expect("a shell")
}
