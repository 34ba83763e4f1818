//! `fleetgraph check-config`: does the configuration work? Every source is tried once.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use connectors::poll::collect_once;
use futures_util::future::join_all;
use schema::Held;
use schema::source::ProblemCode;

use super::{Failure, output};
use crate::app;
use crate::clock::Clock;
use crate::config::{Config, Environment};

/// Rights of one source that are told, of those that it should not have.
const MOST_TOLD: usize = 8;

/// Reads the configuration, tries every source once, prints a table; exit status 1 where one fails or cannot be read in full, or could change what it reads.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  fleetgraph check-config --config /etc/fleetgraph/fleetgraph.toml")]
pub(super) struct Arguments {
    /// The configuration (docs/reference.md, Configuration).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

pub(super) async fn run(arguments: &Arguments, environment: Environment) -> Result<ExitCode, Failure> {
    let clock = crate::clock::system();
    let config = Config::load(&arguments.config, &environment)?;
    if let Some(folder) = config.policy_dir() {
        crate::policy::load(&folder).map_err(app::StartError::Policies)?;
    }
    let database = app::open_database(&config, &environment).await?;
    let sources = app::build(&config.sources, &arguments.config, &environment, Some(&database))?;
    if sources.is_empty() {
        tracing::warn!("no [[source]] is configured: there is nothing to join");
    }
    output::progress(&format!("trying {} sources", sources.len()));
    let held = collect_once(&sources, &clock).await;
    let able = join_all(sources.iter().map(|source| source.connector.could_change(clock()))).await;
    output::result(&table(&held, &able))?;
    let issuer = try_issuer(&config, &environment, &clock).await;
    database.close().await;
    issuer?;
    let failed = held.iter().filter(|held| held.failure.is_some()).count();
    let partial = held.iter().filter(|held| unread(held).is_some()).count();
    let able = able.iter().filter(|able| !able.is_empty()).count();
    if failed == 0 && partial > 0 {
        let also = match able {
            0 => String::new(),
            able => format!(", and {able} could be changed with what they are configured with"),
        };
        return Err(Failure::new(
            format!("{partial} of {} sources could not be read in full{also}", held.len()),
            "what may stand in an unread list is not known: docs/sources/ tells, kind by kind, what each error means",
        ));
    }
    if failed == 0 && able > 0 {
        return Err(Failure::new(
            format!("{able} of {} sources could be changed with what they are configured with", held.len()),
            "fleetgraph only reads: give it credentials that can do no more (docs/sources/ tells how, kind by kind)",
        ));
    }
    if failed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failure::new(
        format!("{failed} of {} sources failed", held.len()),
        "docs/sources/ tells, kind by kind, what each error means",
    ))
}

/// Asks the issuer for everything that the gateway asks it for; nothing to do where none is configured.
async fn try_issuer(config: &Config, environment: &Environment, clock: &Clock) -> Result<(), Failure> {
    let Some(auth) = &config.auth else {
        return output::result("  no [auth]: good for exports and checks; `serve` needs it\n");
    };
    let mut text = format!("  issuer {}\n", auth.issuer);
    let mut failed = 0;
    for (what, outcome) in app::tokens(config, environment, None, clock)?.try_issuer().await {
        // Writing to a String cannot fail.
        let _ = match outcome {
            Ok(found) => writeln!(text, "    {what}: {found}"),
            Err(error) => {
                failed += 1;
                writeln!(text, "    {what}: FAILED {error}")
            }
        };
    }
    if auth.logout_audience().is_empty() {
        text.push_str(
            "    logout: neither clients nor logout_audience is set, so no back-channel logout is accepted\n",
        );
    }
    output::result(&text)?;
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::new(
        format!("the issuer failed in {failed} of what is asked of it"),
        "is auth.issuer exactly what its tokens name as `iss`, and are client_id and client_secret its own?",
    ))
}

/// One line a source; below it its problems, and what its credentials could change.
fn table(sources: &[Held], able: &[Vec<String>]) -> String {
    let width = |of: fn(&Held) -> usize, least: usize| sources.iter().map(of).max().unwrap_or(0).max(least);
    let name = width(|held| held.info.name.chars().count(), 6);
    let kind = width(|held| held.info.kind.chars().count(), 4);
    let mut text = format!("{:name$}  {:kind$}  {:>8}  {:>8}  result\n", "source", "kind", "objects", "took");
    for (held, able) in sources.iter().zip(able) {
        let objects = held
            .snapshot
            .as_ref()
            .map_or_else(|| "-".to_owned(), |snapshot| snapshot.facts.len().to_string());
        let took =
            held.last_duration.map_or_else(|| "-".to_owned(), |took| format!("{} ms", took.as_millis()));
        let result = match (&held.failure, unread(held)) {
            (Some(failure), _) => format!("FAILED {}: {}", word(failure.code), failure.message),
            (None, Some(unread)) => format!("PARTIAL: {unread}"),
            (None, None) => "ok".to_owned(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:name$}  {:kind$}  {objects:>8}  {took:>8}  {result}",
            held.info.name, held.info.kind
        );
        for problem in held.snapshot.iter().flat_map(|snapshot| &snapshot.problems) {
            let _ = writeln!(
                text,
                "{:name$}    {} {}: {}",
                "",
                word(problem.code),
                problem.subject,
                problem.message
            );
        }
        if !able.is_empty() {
            let (told, more) = (&able[..able.len().min(MOST_TOLD)], able.len().saturating_sub(MOST_TOLD));
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let _ = writeln!(text, "{:name$}    CAN CHANGE {}{more}", "", told.join(", "));
        }
    }
    text
}

/// Which main lists of a source that answered were not read in full, and why.
fn unread(held: &Held) -> Option<String> {
    let snapshot = held.snapshot.as_ref().filter(|_| held.failure.is_none());
    snapshot.and_then(|snapshot| snapshot.unread_words())
}

/// The code as the schema writes it.
fn word(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::Unreachable => "UNREACHABLE",
        ProblemCode::Timeout => "TIMEOUT",
        ProblemCode::Tls => "TLS",
        ProblemCode::Unauthorized => "UNAUTHORIZED",
        ProblemCode::Forbidden => "FORBIDDEN",
        ProblemCode::NotFound => "NOT_FOUND",
        ProblemCode::RateLimited => "RATE_LIMITED",
        ProblemCode::BadResponse => "BAD_RESPONSE",
        ProblemCode::Partial => "PARTIAL",
        ProblemCode::Internal => "INTERNAL",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use schema::SourceInfo;

    use super::*;

    #[test]
    fn what_credentials_could_change_stands_below_their_source() {
        let info = SourceInfo {
            name: "pve".into(),
            kind: "proxmox".into(),
            cloud: None,
            environment: None,
            groups: Vec::new(),
            network: "default".into(),
            interval: std::time::Duration::from_secs(10),
            addresses: Vec::new(),
        };
        let held = [Held::pending(Arc::new(info))];
        let rights = |count: usize| (0..count).map(|number| format!("right {number}")).collect::<Vec<_>>();
        for (able, expected) in [
            (rights(0), None),
            (rights(2), Some("CAN CHANGE right 0, right 1")),
            (rights(10), Some("right 6, right 7 and 2 more")),
        ] {
            let text = table(&held, &[able]);
            let told = text.lines().find(|line| line.contains("CAN CHANGE"));
            assert_eq!(told.is_some(), expected.is_some(), "{text}");
            assert!(expected.is_none_or(|words| text.contains(words)), "{text}");
        }
    }
}
