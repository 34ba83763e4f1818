//! The program as it is run: arguments, variables, signals, exit statuses.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long an event is awaited before the test says that it did not come.
const PATIENCE: Duration = Duration::from_mins(1);

fn fleetgraph(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleetgraph"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[track_caller]
fn check(arguments: &[&str], status: i32, said: &str) {
    let output = fleetgraph(arguments).output().expect("the program runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {stderr}");
    assert!(stderr.contains(said), "{arguments:?}: {stderr}");
}

#[test]
fn wrong_usage_is_64_and_what_is_not_built_says_so() {
    check(&[], 64, "Usage:");
    check(&["demo", "--guests", "7"], 64, "7 is not in 80..=200000");
    check(&["simulate", "--guests", "7", "--listen", "127.0.0.1:0"], 64, "7 is not in 80..=200000");
    check(&["demo", "--listen", "0.0.0.0:4000"], 1, "0.0.0.0:4000 is not a loopback address");
    check(&["demo", "--replicas", "2"], 1, "not built yet");
    check(&["policy", "check", "--dir", "/nothing/here"], 1, "/nothing/here: cannot be read");
    check(
        &["serve", "--config", "/nothing/here.toml"],
        1,
        "/nothing/here.toml: the configuration cannot be read",
    );
}

#[test]
fn a_variable_that_is_no_text_is_none_of_ours() {
    let output =
        fleetgraph(&["schema"]).env("LATIN", OsStr::from_bytes(b"\xff")).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn told_to_stop_while_it_starts_it_leaves_no_database_running() {
    for (command, status) in [("serve", 0), ("check-config", 1)] {
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("fleetgraph.toml");
        let data = folder.path().join("data");
        let text = format!("data_dir = {data:?}\n[server]\nlisten = \"127.0.0.1:0\"\n");
        let text = text + &fleetgraph::demo::authentication("http://127.0.0.1:1/realms/none");
        std::fs::write(&config, text).expect("a configuration");
        let mut running = fleetgraph(&[command, "--config", &config.display().to_string()])
            .spawn()
            .expect("the program runs");
        // From its first file on, a cluster is being made.
        wait_for(&data.join("postgres")).await;
        terminate(&running);
        let ended = running.wait().expect("it ends");
        assert_eq!(ended.code(), Some(status), "{command}");
        let pid_file = data.join("postgres/data/postmaster.pid");
        assert!(!pid_file.exists(), "{command} left a server running");
    }
}

/// The program tells nobody that it has begun; it only makes a folder.
async fn wait_for(path: &Path) {
    let there = async {
        while !path.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, there).await.is_ok(), "{} did not appear", path.display());
}

fn terminate(child: &Child) {
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}
