//! What lists are narrowed to and ordered by. A filter's fields must all hold; one that is left out holds always.

mod chain;
mod compute;
mod network;

pub(crate) use chain::{HostnameFilter, PathFilter, PathOrder, ProxyHostFilter};
pub(crate) use compute::{GuestFilter, GuestOrder};
pub(crate) use network::{DriftFilter, IpAddressFilter, NetworkClientFilter};

/// Whether `wanted`, where it is given, is found.
fn is<T: PartialEq>(wanted: Option<&T>, found: impl FnOnce() -> T) -> bool {
    wanted.is_none_or(|wanted| *wanted == found())
}

/// Whether `wanted`, where it is given, is part of a text, in any case.
fn within<'t>(wanted: Option<&String>, text: impl FnOnce() -> Option<&'t str>) -> bool {
    wanted.is_none_or(|wanted| text().is_some_and(|text| contains(text, wanted)))
}

/// Whether a text holds another, in any ASCII case.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    part.is_empty()
        || text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn a_part_is_found_in_any_case() {
        assert!(contains("App.example.org", "aPP."));
        assert!(contains("x", ""));
        assert!(!contains("x", "xy"));
        assert!(!contains("abc", "d"));
    }
}
