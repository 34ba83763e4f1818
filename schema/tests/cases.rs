//! Runs every case of `join/`, `impact/` and `drift/`: sources, a line of dashes, and what the View shows.
//!
//! A case's first line names the rule that it holds. With `UPDATE_EXPECT=1` what a case shows is written into its file, to
//! be read before it is committed.

#![expect(clippy::unwrap_used, reason = "a case that cannot be read is a failed test")]

mod kit;

use std::fs;
use std::path::Path;

use schema::view::join;

const LINE: &str = "---\n";

/// Runs the cases of a folder; answers how many there are.
fn check(folder: &str) -> usize {
    #[expect(clippy::disallowed_methods, reason = "a developer's switch of a test, not configuration")]
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut wrong = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let (given, expected) = text.split_once(LINE).unwrap_or((&text, ""));
        assert!(given.starts_with("# "), "{}: the first line names the rule", file.display());
        let shown = kit::show::case(&join(&kit::read::inputs(given)), given);
        if shown == expected {
            continue;
        }
        if update {
            fs::write(file, format!("{given}{LINE}{shown}")).unwrap();
        } else {
            wrong.push(format!("{}\nexpected:\n{expected}\nshown:\n{shown}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    files.len()
}

#[test]
fn join_cases() {
    assert!(check("join") >= 60, "a case for every rule and every tie-breaker");
}

#[test]
fn impact_cases() {
    assert!(check("impact") >= 10);
}

#[test]
fn drift_cases() {
    assert!(check("drift") >= 35, "several cases for every kind");
}
