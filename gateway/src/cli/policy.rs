//! `fleetgraph policy`: are the policies valid, why may somebody or may not, and who may what.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use schema::policy::{Permission, Place, Policies, Principal, matrix};

use super::{Failure, output};
use crate::config::{Config, Environment};
use crate::policy::{FolderError, load};

/// Validates policies; says why somebody may or may not; prints role x permission x place.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  fleetgraph policy check --dir policies/\n\nHow to write policies: docs/policies.md"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Validates a folder of policies, as the gateway does before it takes them.
    #[command(
        after_help = "Example:\n  fleetgraph policy check --dir /etc/fleetgraph/policies\n\nExit status: 0 valid, 1 refused; each error with file, line and column."
    )]
    Check(Check),
    /// Says why somebody may or may not do something at a place.
    #[command(
        after_help = "Example:\n  fleetgraph policy explain --role fleetgraph-operator --permission guest:power --place baremetal:lab:pve-lab:r630-01\n  fleetgraph policy explain --dir policies/ --role manage@r630 --permission node:exec --place baremetal:lab@r630\n\nExit status: 0, whatever the answer; 1 where the policies are refused."
    )]
    Explain(Explain),
    /// Prints which role may do what at which place.
    #[command(
        after_help = "Example:\n  fleetgraph policy matrix\n  fleetgraph policy matrix --dir policies/ --place baremetal:lab --place baremetal:production@r630"
    )]
    Matrix(Matrix),
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Check {
    /// The folder, as `auth.policy_dir` names it.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The configuration that names the folder; without `auth.policy_dir` the built-in policies are checked.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Explain {
    /// The folder, as `auth.policy_dir` names it; left out: the built-in policies.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// A role that the caller has; several: give it again.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// A Keycloak group with its path; one of a single level counts as a role, too.
    #[arg(long = "group", value_name = "PATH")]
    groups: Vec<String>,
    /// The token's `sub`.
    #[arg(long, default_value = "somebody")]
    subject: String,
    /// The caller's organization.
    #[arg(long)]
    organization: Option<String>,
    /// A second factor is proven.
    #[arg(long)]
    mfa: bool,
    /// What is asked for: `guest:power`.
    #[arg(long)]
    permission: Permission,
    /// Where: cloud:environment:cluster:node, with `*` for what is not set, then `@group,group` of its source.
    #[arg(long, default_value = "*")]
    place: Place,
    /// The organization that the thing belongs to.
    #[arg(long)]
    owner: Option<String>,
}

#[derive(clap::Args)]
struct Matrix {
    /// The folder, as `auth.policy_dir` names it; left out: the built-in policies.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// A place to print a table for; several: give it again. Left out: no level set, and a source in a group GROUP.
    #[arg(long = "place", value_name = "PLACE")]
    places: Vec<Place>,
    /// A role to print, besides those that policies name.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::Check(arguments) => check(arguments, environment),
        Command::Explain(arguments) => explain(arguments),
        Command::Matrix(arguments) => {
            let policies = policies(arguments.dir.as_deref())?;
            let mut roles = policies.roles().to_vec();
            roles.extend(arguments.roles.iter().filter(|role| !policies.roles().contains(role)).cloned());
            let in_a_group = Place { groups: ["GROUP".into()].into(), ..Place::default() };
            let places = match &arguments.places[..] {
                [] => &[Place::default(), in_a_group][..],
                given => given,
            };
            output::result(&matrix(&policies, &roles, places))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn check(arguments: &Check, environment: &Environment) -> Result<ExitCode, Failure> {
    let folder = match &arguments.config {
        Some(file) => Config::load(file, environment)?.policy_dir(),
        None => arguments.dir.clone(),
    };
    let policies = policies(folder.as_deref())?;
    let mut text = String::new();
    for warning in policies.warnings() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "warning: {warning}");
    }
    let checked =
        folder.map_or_else(|| "the built-in policies".to_owned(), |folder| folder.display().to_string());
    let _ = writeln!(text, "{checked}: valid");
    output::result(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn policies(folder: Option<&Path>) -> Result<Policies, Failure> {
    let Some(folder) = folder else { return Ok(Policies::built_in()) };
    load(folder).map_err(|error| match error {
        FolderError::Refused(errors) => {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Failure::new(
                format!("{}: refused\n{}", folder.display(), lines.join("\n")),
                "none of its files is taken until all are valid; docs/policies.md tells how policies are written",
            )
        }
        error @ FolderError::Read { .. } => {
            Failure::new(error.to_string(), "is it the folder of `auth.policy_dir`, and may this user read it?")
        }
    })
}

fn explain(arguments: &Explain) -> Result<ExitCode, Failure> {
    let policies = policies(arguments.dir.as_deref())?;
    let mut who =
        Principal::with_roles(&arguments.subject, arguments.roles.iter().map(String::as_str), arguments.mfa);
    for group in &arguments.groups {
        who.groups.insert(group.as_str().into());
        // As a token's: `/name` counts as the role `name`.
        if let Some(role) = group.strip_prefix('/').filter(|rest| !rest.contains('/')) {
            who.roles.insert(role.into());
        }
    }
    who.organization = arguments.organization.as_deref().map(Into::into);
    output::result(&answer(&policies, &who, arguments))?;
    Ok(ExitCode::SUCCESS)
}

fn answer(policies: &Policies, who: &Principal, arguments: &Explain) -> String {
    let (what, at) = (arguments.permission, &arguments.place);
    let explained = policies.explain(who, what, at, arguments.owner.as_deref());
    let verdict = if explained.permitted { "PERMITTED" } else { "NOT PERMITTED" };
    let roles: Vec<&str> = who.roles.iter().map(|role| &**role).collect();
    let roles = if roles.is_empty() { "nobody's roles".to_owned() } else { roles.join(", ") };
    let factor = if who.mfa { "with a second factor" } else { "without a second factor" };
    let mut text = format!("{verdict}: {what} at {at}, for {roles}, {factor}\n");
    // Writing to a String cannot fail.
    for error in &explained.errors {
        let _ = writeln!(text, "could not be evaluated: {error}");
    }
    if explained.decided_by.is_empty() {
        text.push_str("\nNo policy permits it.\n");
    } else {
        text.push_str(if explained.permitted { "\nPermitted by\n" } else { "\nForbidden by\n" });
    }
    for policy in &explained.decided_by {
        let _ = writeln!(text, "  {policy}");
        for line in policy.text.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    if explained.lifted_by_second_factor {
        text.push_str("\nWith a second factor it would be permitted.\n");
    }
    if !explained.permitted && !explained.elsewhere.is_empty() {
        let _ = writeln!(text, "\nWhat policies say of {what} for this caller, at any place");
        for grant in &explained.elsewhere {
            let word = if grant.forbidden { "forbidden" } else { "permitted" };
            let _ = write!(text, "  {word} at {}", grant.place);
            if !grant.place.sources.is_empty() {
                let _ = write!(text, ", of sources in {}", grant.place.sources.join(" or "));
            }
            text.push('\n');
        }
    }
    text
}
