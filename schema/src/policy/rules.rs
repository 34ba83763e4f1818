//! The short form: one line a rule, `role NAME may action:cloud:environment:server`, compiled to Cedar.

use std::fmt::Write as _;

use super::Permission;

/// The words that stand for several permissions; groups of actions in the vocabulary.
const WORDS: &[&str] = &["read", "exec", "apply", "destroy", "manage", "admin"];

/// One rule, as Cedar.
pub(super) struct Compiled {
    /// Its line in the file, from 1.
    pub(super) line: usize,
    /// The policy.
    pub(super) cedar: String,
    /// As it was written.
    pub(super) written: String,
}

/// A line that is no rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
}

/// Compiles a file: each line a rule, or what is wrong with it.
pub(super) fn compile(text: &str) -> (Vec<Compiled>, Vec<Refused>) {
    let (mut compiled, mut refused) = (Vec::new(), Vec::new());
    for (index, whole) in text.lines().enumerate() {
        // A remark: a line of its own, or what follows a blank and `# `.
        let line = whole.split_once(" # ").map_or(whole, |(rule, _)| rule);
        let rule = line.trim();
        if rule.is_empty() || rule.starts_with('#') {
            continue;
        }
        match compile_rule(rule) {
            Ok(cedar) => compiled.push(Compiled { line: index + 1, cedar, written: rule.to_owned() }),
            Err((part, message)) => {
                let column = whole.rfind(part).filter(|_| !part.is_empty()).unwrap_or_default();
                let column = whole[..column].chars().count() + 1;
                refused.push(Refused { line: index + 1, column, message });
            }
        }
    }
    (compiled, refused)
}

/// The part that is wrong, and how.
type Wrong<'r> = (&'r str, String);

fn compile_rule(rule: &str) -> Result<String, Wrong<'_>> {
    // The last `may`, so that a name can hold the word.
    let (who, effect, what) = match (rule.rsplit_once(" may not "), rule.rsplit_once(" may ")) {
        (Some((who, what)), _) => (who, "forbid", what),
        (None, Some((who, what))) => (who, "permit", what),
        (None, None) => {
            let message = "neither `may` nor `may not`: role NAME may action:cloud:environment:server";
            return Err((rule, message.to_owned()));
        }
    };
    let principal = principal(who.trim())?;
    let parts: Vec<&str> = what.trim().split(':').map(str::trim).collect();
    // `guest:power` and `guest:*` are written with a colon of their own.
    let (action, levels) = match parts.as_slice() {
        [word, levels @ ..] if levels.len() == 3 => ((*word).to_owned(), levels),
        [domain, verb, levels @ ..] if levels.len() == 3 => (format!("{domain}:{verb}"), levels),
        _ => {
            let message = format!(
                "`{}` has {} parts: action:cloud:environment:server, with * for any",
                what.trim(),
                parts.len()
            );
            return Err((what.trim(), message));
        }
    };
    let action = self::action(&action).map_err(|message| (parts[0], message))?;
    let mut cedar = format!("{effect} ({principal}, {action}, resource)");
    for (level, pattern) in ["cloud", "environment", "node"].into_iter().zip(levels) {
        condition(&mut cedar, level, pattern).map_err(|message| (*pattern, message))?;
    }
    cedar.push(';');
    Ok(cedar)
}

fn principal(who: &str) -> Result<String, Wrong<'_>> {
    let (kind, name) = who.split_once(' ').map_or((who, ""), |(kind, name)| (kind, name.trim()));
    match (kind, name) {
        ("anyone", "") => Ok("principal".to_owned()),
        ("role", name) if !name.is_empty() => Ok(format!("principal in Role::{name:?}")),
        ("group", name) if name.starts_with('/') => Ok(format!("principal in Group::{name:?}")),
        ("group", _) => {
            Err((who, "a group is named by its whole path, which begins with a slash".to_owned()))
        }
        ("user", name) if !name.is_empty() => Ok(format!("principal == User::{name:?}")),
        _ => Err((who, format!("`{who}` is nobody: role NAME, group /PATH, user SUBJECT or anyone"))),
    }
}

fn action(action: &str) -> Result<String, String> {
    let group = |name: &str| Ok(format!("action in Action::{name:?}"));
    if WORDS.contains(&action) {
        return group(action);
    }
    let domains = || Permission::ALL.iter().map(|permission| permission.domain());
    match action.split_once(':') {
        None if action == "*" => Ok("action".to_owned()),
        None if action == "kubectl" => {
            Err("kubectl is not built yet, so the rule would do nothing".to_owned())
        }
        Some(("*", "read")) => group("read"),
        Some((domain, "*")) if domains().any(|known| known == domain) => group(action),
        _ if action.parse::<Permission>().is_ok() => Ok(format!("action == Action::{action:?}")),
        _ => Err(format!(
            "`{action}` is no action: {}, *, a permission like guest:power, or guest:*",
            WORDS.join(", ")
        )),
    }
}

/// Where a level has to match; `*` matches what is not set, too.
fn condition(cedar: &mut String, level: &str, pattern: &str) -> Result<(), String> {
    if pattern == "*" {
        return Ok(());
    }
    if pattern.is_empty() {
        return Err(format!("the {level} is empty: write * for any"));
    }
    // Writing to a String cannot fail.
    let _ = if pattern.contains('*') {
        write!(cedar, " when {{ resource has {level} && resource.{level} like {pattern:?} }}")
    } else {
        let entity = match level {
            "cloud" => "Cloud",
            "environment" => "Environment",
            _ => "Node",
        };
        write!(cedar, " when {{ resource in {entity}::{pattern:?} }}")
    };
    Ok(())
}
