//! The house rules that no lint can hold. Each rule is a file that says what it checks and why.

mod arrows;
mod files;

use std::path::Path;

/// Runs every rule; the complaints name file and reason.
pub(crate) fn run(repository: &Path) -> Result<String, Vec<String>> {
    let (looked_at, mut complaints) = files::check(repository);
    complaints.extend(arrows::check(repository));
    if complaints.is_empty() { Ok(format!("tidy: {looked_at} files, all in order")) } else { Err(complaints) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_tidy() {
        if let Err(complaints) = super::run(&crate::repository()) {
            panic!("{}", complaints.join("\n"));
        }
    }
}
