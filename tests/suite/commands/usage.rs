//! Help, wrong usage, commands that are not built, and a reader that has gone.

use std::process::Stdio;

use super::setting::folder;
use crate::kit::program::{Ended, command, fleetgraph};

fn run(arguments: &[&str]) -> Ended {
    Ended::of(&mut fleetgraph(folder().path(), arguments.iter().copied()))
}

#[test]
fn every_command_helps_with_an_example() {
    let whole = run(&["--help"]);
    let commands: Vec<&str> = whole
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.contains("Not built yet") && line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.contains(&"serve") && commands.contains(&"inventory"), "{}", whole.stdout);
    let mut all: Vec<Vec<&str>> = commands.into_iter().map(|name| vec![name, "--help"]).collect();
    all.extend([vec!["--help"], vec!["inventory", "export", "--help"], vec!["policy", "explain", "--help"]]);
    for arguments in all {
        let ended = run(&arguments);
        assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(ended.stdout.contains("Example:\n  fleetgraph "), "{arguments:?}: {}", ended.stdout);
    }
}

#[test]
fn wrong_usage_is_64() {
    for arguments in [
        &[][..],
        &["srve"],
        &["serve"],
        &["serve", "--config"],
        &["serve", "--config", "f.toml", "--colour"],
        &["inventory"],
        &["inventory", "export", "--config", "f.toml"],
        &["policy"],
        &["policy", "check"],
        &["policy", "explain"],
        &["policy", "explain", "--permission", "guest:fly"],
        &["policy", "matrix", "--place", "a:b:c:d:e"],
        &["simulate"],
        &["simulate", "--listen", "here"],
        &["simulate", "--listen", "127.0.0.1:0", "--seed", "1", "--spec", "world.toml"],
        &["demo", "--guests", "many"],
        &["schema", "more"],
        &["--log", "xml", "schema"],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.status, Some(64), "{arguments:?}: {ended:?}");
        assert!(ended.stdout.is_empty() && !ended.stderr.is_empty(), "{arguments:?}: {ended:?}");
    }
}

#[test]
fn what_is_not_built_says_so() {
    for arguments in [
        &["sign", "job.json"][..],
        &["audit", "verify"],
        &["operations", "list"],
        &["demo", "--replicas", "2"],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.status, Some(1), "{arguments:?}: {ended:?}");
        let (wrong, _) = ended.failure();
        assert!(wrong.contains("not built yet"), "{arguments:?}: {wrong}");
    }
    let agent = Ended::of(&mut command("fleetgraph-agent", folder().path(), ["run"]));
    assert_eq!(agent.status, Some(1));
    assert!(agent.failure().0.contains("not built yet"), "{agent:?}");
}

#[test]
fn what_listens_beyond_loopback_is_refused() {
    for arguments in [&["demo", "--listen", "0.0.0.0:0"][..], &["simulate", "--listen", "[::]:0"]] {
        let ended = run(arguments);
        assert_eq!(ended.status, Some(1), "{arguments:?}: {ended:?}");
        assert!(ended.failure().0.contains("not a loopback address"), "{ended:?}");
    }
}

#[test]
fn the_schema_is_the_one_that_is_checked_in() {
    let ended = run(&["schema"]);
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(ended.stdout, include_str!("../../../schema/schema.graphql"));
}

#[test]
fn a_reader_that_has_gone_and_a_disk_that_is_full_are_failures() {
    let folder = folder();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("every Linux has it");
    for (stdout, word) in [(Stdio::from(writer), "Broken pipe"), (Stdio::from(full), "No space left")] {
        let child = fleetgraph(folder.path(), ["schema"]).stdout(stdout).stderr(Stdio::piped()).spawn();
        let output = child.expect("it starts").wait_with_output().expect("it ends");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        let ended = Ended { status: output.status.code(), stdout: String::new(), stderr };
        assert_eq!(ended.status, Some(1), "{ended:?}");
        assert!(ended.failure().0.contains(word), "{ended:?}");
    }
}
