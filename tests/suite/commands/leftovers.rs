//! However early a program is stopped, and whatever it fails at, it leaves no process behind.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use fleetgraph::simulate::faults::{Effect, Fault};
use rustix::process::Signal;

use super::setting::{Setting, ended, folder, listing};
use crate::kit::gateway::PATIENCE;
use crate::kit::program::{Ended, Running, fleetgraph, left_in};

/// Waits for what no event tells of: something that another process does.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "{what} did not come");
}

async fn stopped(running: Running, signal: Signal) -> (Option<i32>, Vec<String>) {
    running.signal(signal);
    let (status, said) = tokio::task::spawn_blocking(move || running.wait()).await.expect("no panic");
    (status.code(), said)
}

fn nothing_of(folder: &Path) {
    assert_eq!(left_in(folder), [""; 0], "left running");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_stopped_while_it_starts() {
    // While initdb works, and when the server is about to be asked for the first time.
    for begun in ["postgres/data.new", "postgres/data/postmaster.pid"] {
        let setting = Setting::private().await;
        let running = Running::start(
            &mut setting.command(&["serve", "--config", "fleetgraph.toml"]),
            Some(setting.data()),
        );
        until(begun, || setting.data().join(begun).exists()).await;
        let (status, said) = stopped(running, Signal::TERM).await;
        assert_eq!(status, Some(0), "{begun}: {said:?}");
        nothing_of(setting.folder.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_are_interrupted_while_they_collect() {
    let setting = Setting::private().await;
    setting.simulation.set_faults(vec![Fault { upstream: None, path: None, effect: Effect::Hang }]);
    for arguments in [
        &["check-config", "--config", "fleetgraph.toml"][..],
        &["inventory", "export", "--config", "fleetgraph.toml", "--out", "out"],
    ] {
        let calls = setting.simulation.calls();
        let running = Running::start(&mut setting.command(arguments), Some(setting.data()));
        until("a call", || setting.simulation.calls() > calls).await;
        let (status, said) = stopped(running, Signal::INT).await;
        assert_eq!(status, Some(1), "{arguments:?}: {said:?}");
        assert!(said.iter().any(|line| line == "fleetgraph: interrupted before it was done"), "{said:?}");
        nothing_of(setting.folder.path());
    }
    assert_eq!(listing(&setting.folder.path().join("out")), [""; 0], "nothing was half-written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_whose_sources_cannot_be_built() {
    let setting = Setting::private().await;
    let (variable, _) = setting.simulation.environment().swap_remove(0);
    let mut command = setting.command(&["serve", "--config", "fleetgraph.toml"]);
    command.env_remove(&variable);
    let ended = ended(command).await;
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.failure().0.contains(&variable), "{ended:?}");
    nothing_of(setting.folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_that_is_killed_is_cleared_away_by_the_next() {
    let folder = folder();
    let demo = || {
        let mut command = fleetgraph(folder.path(), ["demo", "--guests", "80", "--listen", "127.0.0.1:0"]);
        command.env("TMPDIR", folder.path());
        Running::start(&mut command, None)
    };
    let killed = demo();
    killed.line("fleetgraph answers on");
    let left = listing(folder.path());
    stopped(killed, Signal::KILL).await;
    assert!(!left_in(folder.path()).is_empty(), "its database server does not hear of it");

    let next = demo();
    next.line("fleetgraph answers on");
    let listed = listing(folder.path());
    assert!(left.iter().all(|entry| !listed.contains(entry)), "{left:?}: {listed:?}");
    // One that lives is left alone.
    let another = demo();
    another.line("fleetgraph answers on");
    for demo in [next, another] {
        let (status, said) = stopped(demo, Signal::TERM).await;
        assert_eq!(status, Some(0), "{said:?}");
    }
    assert_eq!(listing(folder.path()), [""; 0], "nothing is left");
    nothing_of(folder.path());
}

#[test]
fn a_demo_that_cannot_say_that_it_runs() {
    let folder = folder();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("every Linux has it");
    let mut command = fleetgraph(folder.path(), ["demo", "--guests", "80", "--listen", "127.0.0.1:0"]);
    command.env("TMPDIR", folder.path()).stdout(full).stderr(Stdio::piped());
    let output = command.spawn().expect("it starts").wait_with_output().expect("it ends");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    let ended = Ended { status: output.status.code(), stdout: String::new(), stderr };
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("cannot write the result: No space left on device"), "{ended:?}");
    assert_eq!(listing(folder.path()), [""; 0], "nothing is left");
    nothing_of(folder.path());
}
