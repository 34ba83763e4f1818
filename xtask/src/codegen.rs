//! `cargo xtask codegen`: what is made from the code and checked in, so that reviewers read its diff.

use std::path::Path;

/// Makes the text of a file.
type Maker = fn() -> String;

/// Each file that is made, and how.
const MADE: &[(&str, Maker)] = &[("schema/schema.graphql", resolvers::sdl)];

/// Writes what has changed; with `check` it is complained of instead.
pub(crate) fn run(repository: &Path, check: bool) -> Result<String, Vec<String>> {
    let mut written = Vec::new();
    let mut complaints = Vec::new();
    for (path, make) in MADE {
        let (file, made) = (repository.join(path), make());
        if std::fs::read_to_string(&file).is_ok_and(|checked_in| checked_in == made) {
            continue;
        }
        if check {
            complaints.push(format!("{path} is not what the code says: cargo xtask codegen"));
        } else if let Err(error) = std::fs::write(&file, made) {
            complaints.push(format!("{path} cannot be written: {error}"));
        } else {
            written.push(*path);
        }
    }
    match (complaints.is_empty(), written.is_empty()) {
        (false, _) => Err(complaints),
        (true, true) => Ok("what is made from the code is as the code says".to_owned()),
        (true, false) => Ok(format!("written: {}", written.join(", "))),
    }
}
