//! `/graphiql`: the explorer, embedded in the program, since a rack has no internet.
//!
//! The files come from npm, pinned by a lock file; `gateway/assets/graphiql/build.mjs` makes them and a test compares.
//! They are kept and sent gzipped, as every browser takes them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use super::answer::refused_json;
use super::error::Code;

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>fleetgraph explorer</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/graphiql/explorer.css">
<style>body { margin: 0 } #explorer { height: 100dvh }</style>
<div id="explorer">The explorer needs JavaScript.</div>
<script src="/graphiql/explorer.js"></script>
"#;

/// Scripts, workers and connections from this server alone. The editor (Monaco) writes style elements while it runs,
/// so styles, and only styles, may be inline; fonts and icons lie in the style sheet as data.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; \
    style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// An embedded file.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    gzipped: &'static [u8],
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! asset {
    ($name:literal, $content_type:expr) => {
        Asset {
            name: $name,
            content_type: $content_type,
            gzipped: include_bytes!(concat!("../../assets/graphiql/dist/", $name, ".gz")),
        }
    };
}

static ASSETS: [Asset; 6] = [
    asset!("explorer.js", JAVASCRIPT),
    asset!("explorer.css", "text/css; charset=utf-8"),
    asset!("editor.worker.js", JAVASCRIPT),
    asset!("graphql.worker.js", JAVASCRIPT),
    asset!("json.worker.js", JAVASCRIPT),
    asset!("LICENSES.txt", "text/plain; charset=utf-8"),
];

/// One entity tag for all of them: they change together, with the program.
static TAG: LazyLock<HeaderValue> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for asset in &ASSETS {
        digest.update(asset.gzipped);
    }
    let first = digest.finalize().iter().take(12).fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
    HeaderValue::from_str(&format!("\"{first:024x}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
});

/// The page.
pub(super) async fn page() -> Response {
    let mut response = Response::new(PAGE.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// A script, worker or style sheet of it.
pub(super) async fn asset(Path(name): Path<String>, request: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return super::not_found().await;
    };
    if !takes_gzip(&request) {
        return refused_json(
            StatusCode::NOT_ACCEPTABLE,
            Code::BadUserInput,
            "This file is kept gzipped: Accept-Encoding must allow gzip",
        );
    }
    let unchanged = request.get(header::IF_NONE_MATCH) == Some(&*TAG);
    let mut response = Response::new(if unchanged { "".into() } else { asset.gzipped.into() });
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(header::ETAG, TAG.clone());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    // A worker has the policy of its own script's response, not that of the page.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// Whether gzip is acceptable: named, or allowed by `*`, or nothing was said at all (RFC 9110, section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::ACCEPT_ENCODING) else { return true };
    let Ok(value) = value.to_str() else { return false };
    let refused = |parameter: &str| parameter.trim().trim_start_matches("q=").parse() == Ok(0.0);
    let weighed = |wanted: &str| {
        value.split(',').find_map(|coding| {
            let mut parts = coding.split(';');
            let named = parts.next()?.trim().eq_ignore_ascii_case(wanted);
            named.then(|| !parts.any(refused))
        })
    };
    weighed("gzip").or_else(|| weighed("*")).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_where_it_is_taken() {
        for (accept_encoding, expected) in [
            (None, true),
            (Some("gzip, deflate, br"), true),
            (Some("GZIP;q=0.5"), true),
            (Some("*"), true),
            (Some("identity"), false),
            (Some(""), false),
            (Some("gzip;q=0, *"), false),
            (Some("*;q=0"), false),
        ] {
            let headers =
                accept_encoding.map(|value| (header::ACCEPT_ENCODING, HeaderValue::from_static(value)));
            assert_eq!(takes_gzip(&HeaderMap::from_iter(headers)), expected, "{accept_encoding:?}");
        }
    }
}
