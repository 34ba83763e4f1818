//! Ports as gateways write them: one, a list, a range.

use crate::fact::Protocol;

/// A set of ports: ranges, ends included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ports(Vec<(u16, u16)>);

/// How many ports and ranges of one list are read. A gateway takes some fifteen; sets are compared pair by pair, which a
/// hostile list could make as slow as it likes.
const PARTS_MOST: usize = 256;

impl Ports {
    /// Reads `443`, `80,443`, `8000-8100` and mixtures; what cannot be read is left out.
    pub(crate) fn parse(text: &str) -> Self {
        let range = |part: &str| -> Option<(u16, u16)> {
            let (low, high) = part.split_once(['-', ':']).unwrap_or((part, part));
            let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
            (low <= high).then_some((low, high))
        };
        Self(text.split(',').take(PARTS_MOST).filter_map(|part| range(part.trim())).collect())
    }

    pub(crate) fn one(port: u16) -> Self {
        Self(vec![(port, port)])
    }

    pub(crate) fn contains(&self, port: u16) -> bool {
        self.0.iter().any(|(low, high)| (*low..=*high).contains(&port))
    }

    /// The port, where there is one alone.
    pub(crate) fn single(&self) -> Option<u16> {
        match *self.0 {
            [(low, high)] if low == high => Some(low),
            _ => None,
        }
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().any(|(low, high)| other.0.iter().any(|(from, to)| low <= to && from <= high))
    }
}

/// Whether two transports have one in common.
pub(crate) fn protocols_meet(a: Protocol, b: Protocol) -> bool {
    a == b || a == Protocol::TcpUdp || b == Protocol::TcpUdp
}

/// As an entry begins: `tcp`, `udp`, `tcp+udp`.
pub(crate) fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::TcpUdp => "tcp+udp",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_as_gateways_write_them() {
        for (text, within, single) in [
            ("443", &[443][..], Some(443)),
            ("80,443", &[80, 443], None),
            ("8000-8002", &[8000, 8001, 8002], None),
            (" 22 , 8000-8001", &[22, 8000, 8001], None),
            ("9-8", &[], None),
            ("", &[], None),
            ("70000", &[], None),
            ("x,22", &[22], Some(22)),
        ] {
            let ports = Ports::parse(text);
            let found: Vec<u16> = (0..=u16::MAX).filter(|port| ports.contains(*port)).collect();
            assert_eq!(found, within, "{text}");
            assert_eq!(ports.single(), single, "{text}");
        }
    }

    #[test]
    fn sets_meet_where_they_have_a_port_in_common() {
        for (a, b, expected) in [
            ("80", "80", true),
            ("80", "81", false),
            ("1-100", "100-200", true),
            ("1-99", "100", false),
            ("5,7", "6-7", true),
        ] {
            assert_eq!(Ports::parse(a).meets(&Ports::parse(b)), expected, "{a} {b}");
            assert_eq!(Ports::parse(b).meets(&Ports::parse(a)), expected, "{b} {a}");
        }
    }
}
