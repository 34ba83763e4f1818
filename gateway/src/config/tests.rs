//! What a configuration may say, and what is refused, with its line.

use std::path::Path;

use super::{Config, Environment};

fn check(text: &str, expected: Result<(), &str>) {
    let outcome = Config::parse(Path::new("fleetgraph.toml"), text, &Environment::new(std::iter::empty()));
    match (outcome, expected) {
        (Ok(_), Ok(())) => {}
        (Err(error), Err(expected)) => assert_eq!(error.to_string(), expected, "for\n{text}"),
        (outcome, expected) => panic!("{outcome:?} instead of {expected:?} for\n{text}"),
    }
}

#[test]
fn an_empty_file_is_a_configuration() {
    check("", Ok(()));
    check(
        "data_dir = \"/tmp/d\"\n[server]\nlisten = \"[::1]:4000\"\n[graphql]\nlimits = { body = \"2MiB\", timeout = \"5s\" }",
        Ok(()),
    );
}

#[test]
fn slips_name_their_line_and_the_nearest_key() {
    check("data_dir = \"\"", Err("fleetgraph.toml:1: `data_dir` is empty: name a folder, or leave it out"));
    check("\n[[source]]\nkind = \"ipam\"", Err("fleetgraph.toml:2: missing field `name`"));
    check(
        "data_dir = \"/tmp\"\n[server]\nlisen = \"127.0.0.1:1\"",
        Err("fleetgraph.toml:3: unknown key `lisen` in [server]\ndid you mean `listen`?"),
    );
    check(
        "[graphql]\nlimits = { dept = 3 }",
        Err("fleetgraph.toml:2: unknown key `dept` in [graphql.limits]\ndid you mean `depth`?"),
    );
    check(
        "server = 3",
        Err("fleetgraph.toml:1: `server`: invalid type: integer `3`, expected struct Server"),
    );
    check(
        "[server]\nlisten = 3",
        Err("fleetgraph.toml:2: `server.listen`: invalid type: integer `3`, expected socket address"),
    );
    check(
        "\n[graphql.limits]\ntimeout = \"fast\"",
        Err(
            "fleetgraph.toml:3: `graphql.limits.timeout`: not a span of time: write it like \"10s\", \"5m\" or \"1h\"",
        ),
    );
    check(
        "x = [",
        Err(
            "fleetgraph.toml:1: this is not TOML: unclosed array, expected `]`\nstrings stand in quotes, tables in [brackets]; see docs/reference.md, Configuration",
        ),
    );
}

#[test]
fn a_relative_folder_starts_at_the_file() {
    let parse = |text: &str| {
        let environment = Environment::new(std::iter::empty());
        Config::parse(Path::new("/etc/fleetgraph/fleetgraph.toml"), text, &environment)
            .expect("a configuration")
            .data_dir
    };
    assert_eq!(parse("data_dir = \"data\""), Path::new("/etc/fleetgraph/data"));
    assert_eq!(parse("data_dir = \"/srv/data\""), Path::new("/srv/data"));
}

#[test]
fn a_limit_that_refuses_everything_is_refused() {
    check(
        "[graphql.limits]\ndepth = 0",
        Err("fleetgraph.toml:2: `depth` is 0, and nothing could be asked: at least 1"),
    );
    check("[graphql.limits]\naliases = 0", Ok(()));
}

const AUTH: &str = "[auth]\nissuer = \"https://sso.example.org/realms/ops\"\naudience = [\"fleetgraph\"]\nclient_id = \"fleetgraph\"\n";

#[test]
fn what_is_not_built_is_refused_rather_than_ignored() {
    check(
        "[server]\ntls = {}",
        Err(
            "fleetgraph.toml:2: `tls` in [server] is not built yet, so it would do nothing\ntake the line out; docs/reference.md tells what is to come",
        ),
    );
}

#[test]
fn whose_tokens_are_taken() {
    check(AUTH, Ok(()));
    check(
        &format!("{AUTH}mfa = {{ acr = [\"2\"], amr = [\"otp\"], max_age = \"15m\" }}\nclock_skew = \"5s\""),
        Ok(()),
    );
    check(&AUTH.replace("https://sso.example.org", "http://127.0.0.1:8080"), Ok(()));
    let plain = AUTH.replace("https://", "http://");
    check(
        &plain,
        Err(
            "fleetgraph.toml:2: `issuer` must be an https:// address without ? and #\nhttp:// is taken of a loopback address only: whoever can change the keys on their way can make tokens",
        ),
    );
    check(
        &format!("{AUTH}jwks_url = \"http://10.0.0.1/keys\""),
        Err(
            "fleetgraph.toml:5: `jwks_url` must be an https:// address without ? and #\nhttp:// is taken of a loopback address only: whoever can change the keys on their way can make tokens",
        ),
    );
    check(
        &format!("{AUTH}clients = []"),
        Err("fleetgraph.toml:5: `clients` names nobody\nwrite the client ids, or leave an optional key out"),
    );
    check(
        &format!("{AUTH}clock_skew = \"2m\""),
        Err(
            "fleetgraph.toml:5: `clock_skew` is more than a minute: tokens would be good for that long after their end\nkeep the clocks right (NTP), and the skew at seconds",
        ),
    );
    check(
        &format!("{AUTH}mfa = {{ arc = [\"2\"] }}"),
        Err("fleetgraph.toml:5: unknown key `arc` in [auth.mfa]\ndid you mean `acr`?"),
    );
    check(
        &format!("{AUTH}client_secret = \"hunter2\""),
        Err(
            "fleetgraph.toml:5: `auth.client_secret`: a secret is not written here: say where it is, with { env = \"NAME\" } or { file = \"PATH\" }",
        ),
    );
    check(
        "[auth]\nissuer = \"https://sso.example.org\"",
        Err("fleetgraph.toml:1: `auth`: missing field `audience`"),
    );
}

#[test]
fn nothing_listens_beyond_loopback() {
    check(
        "[server]\nlisten = \"0.0.0.0:4000\"",
        Err(
            "fleetgraph.toml:2: `listen` is 0.0.0.0:4000: TLS is not built yet, and tokens are not taken in the clear from elsewhere\nuse 127.0.0.1:4000 or [::1]:4000, with a TLS proxy in front whose name stands in server.hosts",
        ),
    );
}
