//! IP literals as people write them: bare, with a prefix, with a port.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use schema::address::{canonical, names_a_machine};

/// What one word of a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// An address that a machine can bear.
    Address(IpAddr),
    /// A literal that names no machine: a whole network, a netmask, loopback, link-local, multicast.
    NoMachine,
    /// Meant as a literal, to judge by its letters, and none.
    Misspelt,
    /// Anything else.
    Other,
}

/// The words of a value: separated by blanks or commas.
pub(super) fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split(|letter: char| letter.is_whitespace() || letter == ',').filter(|word| !word.is_empty())
}

/// Reads one word: `10.0.0.5`, `10.0.0.5/24`, `10.0.0.5:8080`, `fd00::5`, `fd00::5/64`, `[fd00::5]`, `[fd00::5]:8080`.
pub(super) fn word(text: &str) -> Word {
    if let Ok(network) = text.parse::<IpNet>() {
        // 10.0.0.0/24 is a network; of /31, /32, /127 and /128 each address is a machine's (RFC 3021, RFC 6164).
        let has_hosts = network.max_prefix_len() - network.prefix_len() > 1;
        return if has_hosts && network.addr() == network.network() {
            Word::NoMachine
        } else {
            of_address(network.addr())
        };
    }
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = match bare {
        Some(inner) => inner.parse().ok().filter(IpAddr::is_ipv6),
        None => text.parse().ok().or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip())),
    };
    match address {
        Some(address) => of_address(address),
        None if looks_like_one(text) => Word::Misspelt,
        None => Word::Other,
    }
}

fn of_address(address: IpAddr) -> Word {
    let address = canonical(address);
    // 0.0.0.0/8 and 240.0.0.0/4 are borne by nobody; what stands in files from there are netmasks and wildcards.
    let mask = matches!(address, IpAddr::V4(v4) if v4.octets()[0] == 0 || v4.octets()[0] >= 240);
    if mask || !names_a_machine(address) { Word::NoMachine } else { Word::Address(address) }
}

/// Four groups of digits and dots, or at least two colons among hex digits: `10.0.0.300`, `10.0.0.5/33`, `fd00:::1`.
fn looks_like_one(text: &str) -> bool {
    let head = text.split(['/', ':']).next().unwrap_or_default();
    let dotted = head.split('.').count() == 4
        && head.split('.').all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let inner = text.trim_start_matches('[').split(['/', ']', '%']).next().unwrap_or_default();
    // A MAC has six pairs and no empty group.
    let colons = inner.contains("::")
        && inner.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':')
        && inner.bytes().any(|byte| byte.is_ascii_digit());
    dotted || colons
}
