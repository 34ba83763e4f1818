//! docs/reference.md and the program agree: each key of its example is taken, or refused as not built; each command of its
//! table is there, or says that it is not built.

use std::path::Path;

use fleetgraph::config::{Config, Environment};
use toml::Table;

use crate::kit::program::{Ended, command};

const REFERENCE: &str = include_str!("../../docs/reference.md");
const README: &str = include_str!("../../README.md");

#[test]
fn every_key_of_the_example_is_taken_or_refused_as_not_built() {
    let keys = keys();
    assert!(keys.len() >= 50, "{keys:?}");
    let (mut taken, mut refused) = (0, Vec::new());
    for (section, key, value) in &keys {
        let text = configuration(section, key, value);
        match parse(&text) {
            Ok(()) => taken += 1,
            Err(error) if error.contains(" is not built yet, so it would do nothing") => {
                refused.push(format!("{section}.{key}"));
            }
            Err(error) => panic!("{error}\n{text}"),
        }
    }
    // What is not built is known by name; a key that is built leaves this list.
    let later = ["server.tls", "server.agent_listen", "events.redis"];
    assert_eq!(refused, later, "{taken} are taken");
    assert!(taken >= 50, "{taken} taken");
    // What this test would say of a key that nobody knows.
    let unknown = parse(&configuration("server", "listn", "\"127.0.0.1:4000\""));
    assert!(unknown.is_err_and(|error| error.contains("unknown key `listn`")));
}

/// An example that begins with the name of its file is a whole configuration, good to serve.
#[test]
fn every_whole_configuration_of_the_readme_is_taken() {
    let blocks = README.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let whole: Vec<&str> = blocks.filter(|block| block.starts_with("# /")).collect();
    assert!(!whole.is_empty(), "README.md shows how a configuration looks");
    let variables = ["PVE_TOKEN", "UNIFI_KEY", "NPM_SECRET"];
    let environment = || {
        let secret = |name: &str| (name.to_owned(), "reader@pve!view=secret".to_owned());
        Environment::new(variables.map(secret).into_iter())
    };
    for text in whole {
        // What a reader is to replace by a fingerprint of his own.
        let text = text.replace("AB:CD:\u{2026}", &vec!["AB"; 32].join(":"));
        let file = Path::new("/etc/fleetgraph/fleetgraph.toml");
        let config =
            Config::parse(file, &text, &environment()).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert!(config.auth.is_some(), "serve needs [auth]:\n{text}");
        let built = fleetgraph::app::build(&config.sources, file, &environment(), None);
        assert_eq!(built.unwrap_or_else(|error| panic!("{error}\n{text}")).len(), config.sources.len());
    }
}

fn parse(text: &str) -> Result<(), String> {
    let environment = Environment::new(std::iter::empty());
    Config::parse(Path::new("reference.toml"), text, &environment)
        .map(drop)
        .map_err(|error| error.to_string())
}

/// A configuration of that key alone, with what its source or section cannot do without.
fn configuration(section: &str, key: &str, value: &str) -> String {
    let line = if value.is_empty() { format!("{key} = \"1\"") } else { format!("{key} = {value}") };
    match section.strip_prefix("source ") {
        Some(kind) => {
            let mut needed = format!("[[source]]\nkind = \"{kind}\"\n");
            if key != "name" {
                needed += "name = \"one\"\n";
            }
            if key == "kind" { needed } else { needed + &line }
        }
        None if section == "auth" => {
            let needed = ["issuer = \"https://sso.example.org\"", "audience = [\"a\"]", "client_id = \"c\""];
            let others = needed.iter().filter(|other| !other.starts_with(&format!("{key} ")));
            let others: Vec<&str> = others.copied().collect();
            format!("[auth]\n{}\n{line}", others.join("\n"))
        }
        None if section.is_empty() => line,
        None => format!("[{section}]\n{line}"),
    }
}

/// Every key of the example, with its section and value: those that stand there, and those in its comments.
fn keys() -> Vec<(String, String, String)> {
    let example = REFERENCE.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let lines: Vec<&str> = example.expect("an example").lines().collect();
    let mut keys = Vec::new();
    let mut section = String::new();
    for (number, line) in lines.iter().enumerate() {
        if let Some(name) = line.strip_prefix('[') {
            let name = name.trim_matches(['[', ']']);
            let kind = lines[number..].iter().find_map(|line| line.strip_prefix("kind = \""));
            let kind = kind.and_then(|rest| rest.split('"').next()).filter(|_| name == "source");
            section = kind.map_or_else(|| name.to_owned(), |kind| format!("{name} {kind}"));
            continue;
        }
        for (key, value) in keys_of(line.strip_prefix("# ").unwrap_or(line)) {
            keys.push((section.clone(), key, value));
        }
    }
    keys
}

/// The keys of a line: one with its value, or several in a row, some with a value.
fn keys_of(line: &str) -> Vec<(String, String)> {
    if let Ok(table) = line.parse::<Table>() {
        return table.into_iter().map(|(key, value)| (key, value.to_string())).collect();
    }
    // TOML knows no choice: of `a | b` the first stands for both.
    let line = line.split(['|', '#']).next().unwrap_or(line);
    let part = |part: &str| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let key = key.trim();
        let is_key =
            !key.is_empty() && key.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
        assert!(is_key, "`{line}` is neither TOML nor a list of keys");
        (key.to_owned(), value.trim().to_owned())
    };
    line.split(',').map(part).collect()
}

#[test]
fn every_command_of_the_table_is_there_or_says_that_it_is_not_built() {
    let folder = tempfile::tempdir().expect("a folder");
    let programs = REFERENCE.split("\n## ").find(|part| part.starts_with("Programs")).expect("a chapter");
    let rows = programs.lines().filter(|line| line.starts_with("| `fleetgraph"));
    let mut checked = 0;
    for commands in rows.filter_map(|row| row.split(" | ").next()) {
        for words in commands.split('`').filter(|part| part.starts_with("fleetgraph")) {
            let mut words = words.split([' ', '|', '\\']).filter(|word| !word.is_empty());
            let program = words.next().expect("a program");
            let named = words.take_while(|word| {
                word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
                    && !word.starts_with('-')
            });
            let named: Vec<&str> = named.collect();
            let several = ["policy", "operations"].contains(&named[0]);
            let arguments = if several { &named[..1] } else { &named[..] };
            let arguments = arguments.iter().copied().chain(["--help"]);
            let ended = Ended::of(&mut command(program, folder.path(), arguments));
            match ended.status {
                Some(0) => assert!(ended.stdout.contains("Usage: "), "{named:?}: {ended:?}"),
                _ => assert!(ended.failure().0.contains("not built yet"), "{named:?}: {ended:?}"),
            }
            checked += 1;
        }
    }
    assert!(checked >= 13, "{checked} commands in the table");
}
