//! How a file begins and how long it may be, and what no file may say.

use std::path::{Path, PathBuf};

/// A file longer than this holds more than one idea.
const MOST_LINES: usize = 500;
/// Folders that hold no source of ours.
const PASSED_OVER: &[&str] = &["target", ".git", ".cache", "node_modules", "mutants.out"];
/// Marks of unfinished work; split so that this file does not hold them.
const UNFINISHED: &[&str] =
    &[concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[", "ignore"), concat!("FIX", "ME")];

pub(super) fn check(repository: &Path) -> (usize, Vec<String>) {
    let mut complaints = Vec::new();
    let mut looked_at = 0;
    for file in sources(repository) {
        looked_at += 1;
        let shown = file.strip_prefix(repository).unwrap_or(&file).display().to_string();
        match std::fs::read_to_string(&file) {
            Ok(text) => complaints
                .extend(check_file(&text).into_iter().map(|complaint| format!("{shown}: {complaint}"))),
            Err(error) => complaints.push(format!("{shown}: cannot be read: {error}")),
        }
    }
    (looked_at, complaints)
}

fn check_file(text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    if !text.starts_with("//! ") {
        complaints.push("the first line is not `//! ` with what lives here".to_owned());
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        complaints.push(format!("{lines} lines, at most {MOST_LINES}: more than one idea lives here"));
    }
    for mark in UNFINISHED.iter().filter(|mark| text.contains(**mark)) {
        complaints.push(format!(
            "`{mark}` marks unfinished work: finish it, or let the program say that it is not built"
        ));
    }
    complaints
}

/// Every Rust file below a folder, in a stable order.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !path.is_symlink() && !PASSED_OVER.contains(&name) {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::check_file;

    fn check(text: &str, complaint: Option<&str>) {
        let complaints = check_file(text).join("\n");
        match complaint {
            Some(part) => assert!(complaints.contains(part), "{complaints}"),
            None => assert_eq!(complaints, ""),
        }
    }

    #[test]
    fn files_begin_with_what_lives_there_and_are_finished() {
        check("//! A file.\nfn f() {}\n", None);
        check("fn f() {}\n", Some("first line"));
        check(&format!("//! A file.\n{}", "\n".repeat(500)), Some("501 lines"));
        check(concat!("//! A file.\nfn f() { todo", "!() }\n"), Some("unfinished"));
    }
}
