//! Recorded answers through the connectors' own parsers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use connectors::http::Answer;

use super::endpoint;
use super::manifest::MANIFEST;
use super::readers::{self, File, NoAnswer, Reading};

/// Parses every recording below the folder and returns a summary.
pub(super) fn check(folder: &Path, complaints: &mut Vec<String>) -> String {
    let mut parsed: BTreeMap<String, usize> = BTreeMap::new();
    let mut without: BTreeMap<NoAnswer, usize> = BTreeMap::new();
    let (mut files, mut not_called, mut refusals) = (0, 0, 0);
    for (name, path) in files_below(folder, folder) {
        files += 1;
        let Some((_, reading)) = MANIFEST.iter().find(|(pattern, _)| fits(pattern, &name)) else {
            complaints.push(format!("{name}: not in xtask/src/conform/manifest.rs: say how it is read"));
            continue;
        };
        if let Reading::None(why) = reading {
            *without.entry(*why).or_default() += 1;
            continue;
        }
        let recorded = match std::fs::read(&path).map_err(|error| error.to_string()) {
            Ok(bytes) => readers::read(reading, &File { path: &path, bytes: &bytes }),
            Err(error) => Err(error),
        };
        let recorded = match recorded {
            Ok(recorded) if recorded.is_empty() => {
                complaints.push(format!("{name}: holds no answer; list it as such, or mend how it is read"));
                continue;
            }
            Ok(recorded) => recorded,
            Err(error) => {
                complaints.push(format!("{name}: {error}"));
                continue;
            }
        };
        for one in recorded {
            if let Some(status_line) = one.status_line {
                refusals += 1;
                complaints
                    .extend(taken(status_line, one.body).map(|complaint| format!("{name}: {complaint}")));
                continue;
            }
            match endpoint::parser(one.kind, &one.method, &one.path) {
                None => not_called += 1,
                Some(parser) => {
                    *parsed.entry(format!("{} {} {}", one.kind, parser.method, parser.path)).or_default() +=
                        1;
                    if let Err(error) = (parser.parse)(&one.body) {
                        complaints.push(format!("{name}: {} {}: {error}", one.method, one.path));
                    }
                }
            }
        }
    }
    complaints.extend(never_recorded(&parsed));
    let total: usize = parsed.values().sum();
    let mut summary = format!(
        "{files} files; {total} recorded answers parsed, {not_called} of endpoints that are not called\n"
    );
    // Writing to a String cannot fail.
    let _ = writeln!(summary, "  {refusals:5}  refusals understood as such");
    for (why, count) in without {
        let _ = writeln!(summary, "  {count:5}  files without an answer: {}", why.words());
    }
    for (endpoint, count) in parsed {
        let _ = writeln!(summary, "  {count:5}  {endpoint}");
    }
    summary
}

/// A complaint where a refusal is taken for an answer.
fn taken((status, reason): (u16, String), body: Vec<u8>) -> Option<String> {
    let Ok(status) = http::StatusCode::from_u16(status) else {
        return Some(format!("{status} is no HTTP status"));
    };
    let answer = Answer { status, reason: Some(reason), headers: http::HeaderMap::new(), body: body.into() };
    answer.success().ok().map(|_| format!("a refusal with status {status} was taken for an answer"))
}

/// Kinds with parsers of which the folder held no answer at all: a manifest that no longer fits the endpoints.
fn never_recorded(parsed: &BTreeMap<String, usize>) -> Vec<String> {
    let kinds = connectors::CATALOG.iter().filter(|kind| !kind.conform.is_empty());
    kinds
        .filter(|kind| !parsed.keys().any(|endpoint| endpoint.starts_with(&format!("{} ", kind.name))))
        .map(|kind| {
            format!(
                "no recorded answer of kind `{}` was parsed: do its endpoints fit the manifest?",
                kind.name
            )
        })
        .collect()
}

/// Every file below a folder, by its name relative to `root`, in order.
fn files_below(root: &Path, folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files_below(root, &path));
        } else if let Ok(name) = path.strip_prefix(root) {
            found.insert(name.to_string_lossy().replace('\\', "/"), path);
        }
    }
    found
}

/// Whether a file's name fits a pattern: `*` fits anything but a slash, `[123]` and `[4-8]` one of these letters.
fn fits(pattern: &str, name: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = letters.as_str();
            let reach = name.find('/').unwrap_or(name.len());
            name.char_indices()
                .map(|(at, _)| at)
                .chain([name.len()])
                .take_while(|at| *at <= reach)
                .any(|at| fits(rest, &name[at..]))
        }
        Some('[') => {
            let Some((set, rest)) = letters.as_str().split_once(']') else { return false };
            let mut given = name.chars();
            given.next().is_some_and(|letter| one_of(set, letter)) && fits(rest, given.as_str())
        }
        Some(letter) => name.strip_prefix(letter).is_some_and(|rest| fits(letters.as_str(), rest)),
    }
}

fn one_of(set: &str, letter: char) -> bool {
    match set.chars().collect::<Vec<_>>()[..] {
        [first, '-', last] => (first..=last).contains(&letter),
        _ => set.contains(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_names() {
        for (pattern, name, expected) in [
            ("a/*.json", "a/b.json", true),
            ("a/*.json", "a/b/c.json", false),
            ("a/1[012]-*", "a/11-x.json", true),
            ("a/1[012]-*", "a/13-x.json", false),
            ("a/5[4-8]-*", "a/57-x", true),
            ("a/5[4-8]-*", "a/59-x", false),
            ("*", "a", true),
            ("*", "a/b", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
