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
    check("\n[[source]]\nkind = \"ipam\"", Err("fleetgraph.toml:2: `name` is missing"));
    check(
        "data_dir = \"/tmp\"\n[server]\nlisen = \"127.0.0.1:1\"",
        Err("fleetgraph.toml:3: unknown key `lisen` in [server]\ndid you mean `listen`?"),
    );
    check(
        "[graphql]\nlimits = { dept = 3 }",
        Err("fleetgraph.toml:2: unknown key `dept` in [graphql.limits]\ndid you mean `depth`?"),
    );
    check(
        "[[source]]\nname = \"a\"\nkind = \"proxmx\"",
        Err("fleetgraph.toml:3: there is no kind of source called \"proxmx\"\ndid you mean \"proxmox\"?"),
    );
    check(
        "x = [",
        Err(
            "fleetgraph.toml:1: this is not TOML: unclosed array, expected `]`\nstrings stand in quotes, tables in [brackets]; see docs/reference.md, Configuration",
        ),
    );
}

/// The words are a person's, and none comes from the value.
#[test]
fn what_cannot_be_read_says_what_to_write() {
    let address = "must be the number of an address with its port\nwrite it like listen = \"127.0.0.1:4000\"";
    let number = "must be a whole number that is not negative\nwrite it like depth = 10";
    for (text, expected) in [
        ("server = 3", "1: `server` must be a table"),
        ("[server]\nlisten = 3", &format!("2: `server.listen` {address}")),
        ("[server]\nlisten = \"localhost:4000\"", &format!("2: `server.listen` {address}")),
        ("[server]\nhosts = \"a\"", "2: `server.hosts` must be a list\nwrite it like hosts = [\"...\"]"),
        (
            "[server]\nhosts = [\n\"a\",\n3]",
            "4: `server.hosts[1]` must be text in quotes\nwrite it like hosts = [\"...\"]",
        ),
        ("[graphql.limits]\ndepth = \"x\"", &format!("2: `graphql.limits.depth` {number}")),
        ("[graphql.limits]\ndepth = -1", &format!("2: `graphql.limits.depth` {number}")),
        (
            "[graphql.limits]\nrequests_per_minute = 0",
            "2: `graphql.limits.requests_per_minute` must be a whole number from 1 to 4294967295\n\
             write it like requests_per_minute = 10",
        ),
        (
            "[graphql.limits]\nbody = \"5 XB\"",
            "2: `graphql.limits.body` must be a size\nwrite it like body = \"1MiB\"",
        ),
        (
            "[graphql]\nintrospection = \"on\"",
            "2: `graphql.introspection` must be one of \"authenticated\", \"off\"",
        ),
        (
            "\n[graphql.limits]\ntimeout = \"fast\"",
            "3: `graphql.limits.timeout` is not a span of time: write it like \"10s\", \"5m\" or \"1h\"",
        ),
        (
            "\n[graphql.limits]\ntimeout = 5",
            "3: `graphql.limits.timeout` must be a span of time\nwrite it like timeout = \"10s\"",
        ),
        (
            "[[source]]\nname = \"a\"\nkind = 5",
            "3: a source's `kind` must be text in quotes\nkind = one of declared, ipam, npm, proxmox, stripe, unifi",
        ),
        (
            "[[source]]\nkind = \"npm\"\nname = \"a\"\nmax_answer = \"much\"",
            "4: `max_answer` must be a size\nwrite it like max_answer = \"1MiB\"",
        ),
    ] {
        check(text, Err(&format!("fleetgraph.toml:{expected}")));
    }
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

/// docs/reference.md says from where to where each limit can be set, and the program holds to it.
#[test]
fn limits_can_be_set_within_the_bounds_of_the_reference() {
    let reference = include_str!("../../../docs/reference.md");
    let of_minutes = ["requests_per_minute", "complexity_per_minute", "timeout"];
    let mut checked = Vec::new();
    for row in reference.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let Some((key, bounds)) = cells[3].strip_prefix('`').and_then(|cell| cell.split_once("`, ")) else {
            continue;
        };
        if of_minutes.contains(&key) {
            continue;
        }
        let bounds = bounds.split_once(';').map_or(bounds, |(bounds, _)| bounds);
        let (least, most) = bounds.split_once(", ").unwrap_or_else(|| panic!("{row}"));
        let number = |text: &str| -> u64 {
            text.replace(',', "")
                .parse::<bytesize::ByteSize>()
                .unwrap_or_else(|why| panic!("{row}: {why}"))
                .as_u64()
        };
        let (least, most) = (number(least), number(most));
        let text = |figure: u64| format!("[graphql.limits]\n{key} = {figure}");
        for figure in [least, most] {
            check(&text(figure), Ok(()));
        }
        let refused = |figure: u64, end: &str| {
            let parsed = Config::parse(Path::new("f"), &text(figure), &Environment::new(std::iter::empty()));
            let error = parsed.expect_err("beyond its bounds").to_string();
            assert!(error.starts_with(&format!("f:2: `{key}` is {figure}, and ")), "{error}");
            assert!(error.ends_with(end), "{error}");
        };
        refused(most + 1, &format!(": at most {most}"));
        if least > 0 {
            refused(least - 1, &format!(": at least {least}"));
        }
        checked.push(key);
    }
    checked.sort_unstable();
    assert_eq!(checked, ["aliases", "body", "complexity", "depth", "headers", "page"]);
}

/// Each figure of the gate stands in the reference as it is.
#[test]
fn the_reference_has_the_figures_of_the_gate() {
    let reference = include_str!("../../../docs/reference.md");
    let limits = crate::gate::Limits::default();
    let bytes =
        |bytes: usize| bytesize::ByteSize::b(bytes as u64).display().iec().to_string().replace(".0 ", " ");
    for (row, figures) in [
        ("fields below fields (depth)", vec![limits.depth.to_string()]),
        ("aliases", vec![limits.aliases.to_string()]),
        ("bytes of the document", vec![bytes(limits.document_bytes)]),
        ("tokens in it", vec!["10,000".to_owned()]),
        ("brackets open at once", vec![limits.nesting.to_string()]),
        ("bytes of a name", vec![limits.name_bytes.to_string()]),
        (
            "operations, fragments, spreads",
            [limits.operations, limits.fragments, limits.spreads, limits.directives]
                .map(|n| n.to_string())
                .into(),
        ),
        ("fields of an operation once", vec!["5,000".to_owned()]),
        (
            "levels of fields in introspection",
            [limits.introspection_depth, limits.introspection_lists].map(|n| n.to_string()).into(),
        ),
        (
            "variables; levels",
            vec![limits.variables.to_string(), limits.variable_depth.to_string(), "20,000".to_owned()],
        ),
        ("bytes of the variables times", vec![bytes(limits.variable_bytes_used)]),
    ] {
        let line = reference.lines().find(|line| line.starts_with(&format!("| {row}")));
        let cell = line.and_then(|line| line.split('|').nth(2)).unwrap_or_else(|| panic!("no row `{row}`"));
        let cell: Vec<&str> = cell.trim().split(": ").next().unwrap_or_default().split([';']).collect();
        let told: Vec<String> = if cell.len() == 1 && figures.len() > 1 {
            cell[0].split(", ").map(str::to_owned).collect()
        } else {
            cell.iter().map(|one| one.trim().to_owned()).collect()
        };
        assert_eq!(told, figures, "{row}");
    }
    assert_eq!((limits.tokens, limits.expanded_fields, limits.variable_values), (10_000, 5_000, 20_000));
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
            "fleetgraph.toml:5: `auth.client_secret` is a secret, and a secret is not written here: say where it is, with { env = \"NAME\" } or { file = \"PATH\" }",
        ),
    );
    check(
        "[auth]\nissuer = \"https://sso.example.org\"",
        Err("fleetgraph.toml:1: `auth.audience` is missing"),
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

#[test]
fn what_a_variable_says_is_refused_with_its_name() {
    for (name, value, expected) in [
        ("FLEETGRAPH__SERVER__LISEN", "1", "unknown key `lisen` in [server]\ndid you mean `listen`?"),
        ("FLEETGRAPH__NOPE", "1", "unknown key `nope` at the top of the file\n"),
        ("FLEETGRAPH__SERVRE__LISTEN", "1", "unknown key `servre` at the top of the file\n"),
        ("FLEETGRAPH__GRAPHQL__LIMTS__DEPTH", "3", "unknown key `limts` in [graphql]\n"),
        ("FLEETGRAPH__SOURCE__A", "x", "of a source it names neither its name nor a key"),
        ("FLEETGRAPH__SOURCE__A__TLS__CA", "x", "of a source it names neither its name nor a key"),
        (
            "FLEETGRAPH__SERVER__LISTEN",
            "here",
            "`server.listen` must be the number of an address with its port\n",
        ),
        ("FLEETGRAPH__SERVER__LISTEN", "0.0.0.0:1", "`listen` is 0.0.0.0:1: TLS is not built yet"),
        ("FLEETGRAPH__GRAPHQL__LIMITS", "{ dept = 3 }", "unknown key `dept` in [graphql.limits]\n"),
        ("FLEETGRAPH__SOURCE__A__KIND", "npmm", "there is no kind of source called \"npmm\"\n"),
        ("FLEETGRAPH__SOURCE__A__INTERVAL", "fast", "`interval` is not a span of time"),
        ("FLEETGRAPH__SOURCE__A__FILS", "x", "unknown key `fils` in a [[source]]"),
    ] {
        let environment = Environment::new([(name.to_owned(), value.to_owned())].into_iter());
        let text = "[[source]]\nname = \"a\"\nkind = \"declared\"\nfiles = [\"a.conf\"]\n";
        let error =
            Config::parse(Path::new("fleetgraph.toml"), text, &environment).expect_err(name).to_string();
        assert!(error.starts_with(&format!("the environment variable {name}: {expected}")), "{error}");
    }
}

#[test]
fn there_is_an_end_to_what_one_file_says() {
    let source = |number: usize| format!("[[source]]\nname = \"{number}\"\nkind = \"ipam\"\n");
    let sources = |count: usize| (0..count).map(source).collect::<String>();
    check(&sources(1000), Ok(()));
    check(
        &sources(1001),
        Err("fleetgraph.toml:3001: there are 1001 sources: one gateway takes 1000\n\
             declared files are one source together; what is more needs another gateway"),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let large = folder.path().join("large.toml");
    std::fs::write(&large, "#ab\n".to_owned() + &"# \u{e4}\n".repeat(300_000)).expect("room for a file");
    for (path, expected) in [
        (large.as_path(), "larger than a configuration may be (1 MiB)"),
        (folder.path(), "this is not a regular file"),
        (Path::new("/dev/zero"), "this is not a regular file"),
    ] {
        let error = Config::load(path, &Environment::new(std::iter::empty())).expect_err("refused");
        assert!(error.to_string().contains(expected), "{error}");
    }
}
