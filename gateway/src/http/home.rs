//! `GET /`: until the console is built, a page that says so.

use axum::response::Response;
use http::{HeaderValue, header};

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>fleetgraph</title>
<h1>fleetgraph</h1>
<p>The console is not built yet. The GraphQL explorer is at <a href="/graphiql">/graphiql</a>, the API at
<code>/graphql</code>.
"#;

/// The page.
pub(super) async fn home() -> Response {
    let mut response = Response::new(PAGE.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}
