//! MAC addresses in one form, and which addresses can name a machine at all.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A 48-bit MAC address; shown in lower case with colons.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

/// Text that is no MAC address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a MAC address: six pairs of hex digits, separated by colons or dashes or by nothing")]
pub struct MacError;

impl Mac {
    /// Whether the address tells nothing of who bears it: zero, broadcast, Proxmox' placeholder
    /// `ee:ee:ee:ee:ee:ee`, and the virtual routers of VRRP (RFC 9568, 7.3: 00-00-5E-00-01-xx, 00-00-5E-00-02-xx).
    pub fn is_anonymous(self) -> bool {
        matches!(
            self.0,
            [0, 0, 0, 0, 0, 0] | [0xff, 0xff, 0xff, 0xff, 0xff, 0xff] | [0xee, 0xee, 0xee, 0xee, 0xee, 0xee]
        ) || matches!(self.0, [0, 0, 0x5e, 0, 1 | 2, _])
    }
}

impl FromStr for Mac {
    type Err = MacError;

    /// Takes `BC:24:11:00:00:01`, `bc-24-11-00-00-01` and `bc2411000001`.
    fn from_str(text: &str) -> Result<Self, MacError> {
        let mut digits = [0u8; 12];
        let mut count = 0;
        for (position, byte) in text.bytes().enumerate() {
            match byte {
                b':' | b'-' if count > 0 && count % 2 == 0 && position == count + count / 2 - 1 => {}
                _ => {
                    let digit = char::from(byte).to_digit(16).ok_or(MacError)?;
                    *digits.get_mut(count).ok_or(MacError)? = u8::try_from(digit).map_err(|_| MacError)?;
                    count += 1;
                }
            }
        }
        if count != 12 || !matches!(text.len(), 12 | 17) {
            return Err(MacError);
        }
        let mut bytes = [0u8; 6];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, byte) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { ":" };
            write!(f, "{separator}{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The one form of an address: an IPv4 address mapped into IPv6 is that IPv4 address.
pub fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Whether an address can name a machine on its network: not loopback, link-local, multicast, broadcast or unspecified.
/// (DESIGN: link-local and loopback addresses hold nothing.)
pub fn names_a_machine(address: IpAddr) -> bool {
    let usable = match address {
        IpAddr::V4(v4) => !(v4.is_link_local() || v4.is_broadcast()),
        IpAddr::V6(v6) => !v6.is_unicast_link_local(),
    };
    usable && !(address.is_loopback() || address.is_multicast() || address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macs_are_read_in_each_spelling_and_shown_in_one() {
        for spelling in [
            "BC:24:11:00:0a:01",
            "bc-24-11-00-0a-01",
            "bc241100 0a01",
            "bc2411000a01",
            "bc:24:11:00:0a",
            "bc:24:11:00:0a:01:",
            "zz:24:11:00:0a:01",
            ":bc241100:0a:01",
        ] {
            let read = spelling.parse::<Mac>().map(|mac| mac.to_string());
            let good = !spelling.contains([' ', 'z'])
                && spelling.len() != 14
                && !spelling.ends_with(':')
                && !spelling.starts_with(':');
            assert_eq!(read.is_ok(), good, "{spelling}");
            if let Ok(shown) = read {
                assert_eq!(shown, "bc:24:11:00:0a:01");
            }
        }
    }
}
