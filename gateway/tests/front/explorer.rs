//! The embedded explorer: served whole, gzipped, under its policy; and made of what the repository says it is.

use std::path::Path;

use tokio::process::Command;

use crate::kit::Server;

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let server = Server::start();
    let page = server.ask("GET /graphiql", &[], "").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(!page.body.contains("://"), "{}", page.body);
    assert!(!page.body.contains("<script>"), "no inline script: {}", page.body);
    let policy = page.header("content-security-policy");
    for (directive, expected) in [
        ("default-src", "'none'"),
        ("script-src", "'self'"),
        ("worker-src", "'self'"),
        ("connect-src", "'self'"),
        ("style-src", "'self' 'unsafe-inline'"),
    ] {
        let found = policy.split("; ").find_map(|part| part.strip_prefix(directive)).map(str::trim);
        assert_eq!(found, Some(expected), "{directive} in {policy}");
    }
    for file in page.body.split('"').filter_map(|part| part.strip_prefix("/graphiql/")) {
        let address = format!("http://{}/graphiql/{file}", server.address);
        let response = reqwest::get(address).await.expect("an answer");
        assert_eq!(response.status(), 200, "{file}");
        assert_eq!(response.headers()["content-encoding"], "gzip", "{file}");
        let tag = response.headers()["etag"].to_str().expect("ASCII").to_owned();
        let again = server.ask(&format!("GET /graphiql/{file}"), &[("if-none-match", &tag)], "").await;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{file}");
    }
    let refused = server.ask("GET /graphiql/explorer.js", &[("accept-encoding", "identity")], "").await;
    assert_eq!(refused.verdict(), "406 BAD_USER_INPUT");
    assert_eq!(server.ask("GET /graphiql/../Cargo.toml", &[], "").await.status, 404);
    assert_eq!(server.ask("GET /graphiql/nothing.js", &[], "").await.verdict(), "404 NOT_FOUND");
}

/// Bundles the pinned packages again and compares, so that nobody edits what a browser runs by hand.
#[tokio::test]
async fn the_embedded_files_are_what_their_sources_make() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/graphiql");
    let mut install = Command::new("npm");
    install.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
    let mut check = Command::new("node");
    check.args(["build.mjs", "--check"]);
    for mut command in [install, check] {
        let done =
            command.current_dir(&folder).output().await.expect("Node.js 20 or later is needed, with npm");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
    }
}
