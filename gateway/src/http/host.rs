//! Which `Host` a request may name. Without this, a page of any site could point a name of its own at 127.0.0.1 and read
//! the answers as if they were its own (DNS rebinding; ADR 0004).

use std::net::IpAddr;

use http::{HeaderMap, Uri, header, uri::Authority};

/// Whether a request is addressed to this server: to the loopback interface, by address or as `localhost`, or to one of
/// `hosts`. The port does not matter: a tunnel may lead to another.
pub(super) fn is_ours(headers: &HeaderMap, uri: &Uri, hosts: &[String]) -> bool {
    let mut named = headers.get_all(header::HOST).iter();
    let host = match (named.next(), named.next(), uri.authority()) {
        // HTTP/2 has no Host: what it says instead arrives in the address.
        (None, _, Some(authority)) => authority.clone(),
        (Some(host), None, authority) => {
            let Some(host) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else {
                return false;
            };
            // A request line in absolute form (RFC 9112, 3.2.2) must not say one thing and the header another.
            if authority.is_some_and(|authority| !authority.host().eq_ignore_ascii_case(host.host())) {
                return false;
            }
            host
        }
        _ => return false,
    };
    let name = host.host().to_ascii_lowercase();
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || literal.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        || hosts.contains(&name)
}

/// Whether a request is addressed to the loopback interface and no other name.
pub(crate) fn is_loopback(headers: &HeaderMap, uri: &Uri) -> bool {
    is_ours(headers, uri, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_and_the_names_given() {
        for (host, uri, expected) in [
            ("localhost", "/", true),
            ("LOCALHOST:4000", "/", true),
            ("127.0.0.1:4000", "/", true),
            ("127.9.9.9", "/", true),
            ("[::1]:4000", "/", true),
            ("fleet.example.org:443", "/", true),
            ("evil.example.org", "/", false),
            ("localhost.evil.example.org", "/", false),
            ("127.0.0.1.evil.example.org", "/", false),
            ("10.0.0.1", "/", false),
            ("[::2]", "/", false),
            ("", "/", false),
            ("a b", "/", false),
            ("localhost", "http://evil.example.org/", false),
            ("localhost:4000", "http://localhost:4000/", true),
        ] {
            let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            let hosts = ["fleet.example.org".to_owned()];
            assert_eq!(is_ours(&headers, &uri.parse().unwrap(), &hosts), expected, "{host:?} {uri}");
        }
        assert!(!is_ours(&HeaderMap::new(), &Uri::from_static("/"), &[]), "no Host at all");
        for (uri, expected) in [("http://localhost:4000/", true), ("http://evil.example.org/", false)] {
            assert_eq!(is_ours(&HeaderMap::new(), &Uri::from_static(uri), &[]), expected, "HTTP/2: {uri}");
        }
        let mut twice = HeaderMap::new();
        twice.append(header::HOST, "localhost".parse().unwrap());
        twice.append(header::HOST, "evil.example.org".parse().unwrap());
        assert!(!is_ours(&twice, &Uri::from_static("/"), &[]), "two of them");
    }
}
