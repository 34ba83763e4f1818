//! Endpoints: which of the connectors' parsers reads the answer of a request.

use connectors::{CATALOG, Kind, Parser};

/// The parser of a request's answer, where the kind calls that endpoint.
pub(super) fn parser(kind: &str, method: &str, path: &str) -> Option<&'static Parser> {
    let kind = CATALOG.iter().find(|known: &&Kind| known.name == kind)?;
    kind.conform.iter().find(|parser| parser.method == method && matches(parser.path, path))
}

/// Whether a path fits a template such as `/nodes/{node}/status`; the query is passed over.
pub(super) fn matches(template: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let mut wanted = template.split('/');
    let mut given = path.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(found)) if part == found || (part.starts_with('{') && !found.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn templates_fit_paths() {
        for (template, path, fits) in [
            ("/nodes/{node}/status", "/nodes/pve1/status", true),
            ("/nodes/{node}/status", "/nodes/pve1/status?x=1", true),
            ("/nodes/{node}/status", "/nodes//status", false),
            ("/nodes/{node}/status", "/nodes/pve1", false),
            ("/nodes/{node}", "/nodes/pve1/status", false),
            ("/version", "/version", true),
        ] {
            assert_eq!(matches(template, path), fits, "{template} {path}");
        }
    }
}
