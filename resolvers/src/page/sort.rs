//! What a list is sorted by, when a caller chose the order.

use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

/// A value to sort by. Whole numbers and doubles become the same kind of number, so that their order is the integers'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SortKey {
    /// A number, mapped so that unsigned order is its order.
    Number(u64),
    /// Text, in the order of its code points.
    Text(String),
    /// Nothing: last, whichever way the list runs.
    Absent,
}

impl SortKey {
    /// A count or a rank.
    pub(crate) fn count(value: impl Into<u64>) -> Self {
        Self::Number(value.into())
    }

    /// A measurement; what is not a number is absent.
    pub(crate) fn measure(value: Option<f64>) -> Self {
        let Some(value) = value.filter(|value| !value.is_nan()) else { return Self::Absent };
        let bits = (value + 0.0).to_bits();
        // IEEE 754: positive doubles order as their bits do, negative ones the other way round.
        Self::Number(if bits >> 63 == 0 { bits | 1 << 63 } else { !bits })
    }

    /// Text, or its absence.
    pub(crate) fn text(value: Option<&str>) -> Self {
        value.map_or(Self::Absent, |text| Self::Text(text.to_owned()))
    }

    /// A moment.
    pub(crate) fn moment(value: Option<schema::Timestamp>) -> Self {
        value.map_or(Self::Absent, |at| Self::Number(at.millis().cast_unsigned() ^ 1 << 63))
    }

    /// An address, by number; IPv4 first.
    pub(crate) fn address(value: Option<IpAddr>) -> Self {
        match value {
            None => Self::Absent,
            Some(IpAddr::V4(address)) => Self::Text(format!("4{:08x}", address.to_bits())),
            Some(IpAddr::V6(address)) => Self::Text(format!("6{:032x}", address.to_bits())),
        }
    }

    /// The order of two keys; `descending` turns it round, except that what is absent stays last.
    pub(crate) fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let present = match (self, other) {
            (Self::Absent, Self::Absent) => return Ordering::Equal,
            (Self::Absent, _) => return Ordering::Greater,
            (_, Self::Absent) => return Ordering::Less,
            (Self::Number(one), Self::Number(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        if descending { present.reverse() } else { present }
    }

    /// Reads what [`fmt::Display`] wrote.
    pub(crate) fn read(text: &str) -> Option<Self> {
        match text.split_at_checked(1)? {
            ("n", number) => number.parse().ok().map(Self::Number),
            ("t", text) => Some(Self::Text(text.to_owned())),
            ("-", "") => Some(Self::Absent),
            _ => None,
        }
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "n{number}"),
            Self::Text(text) => write!(f, "t{text}"),
            Self::Absent => f.write_str("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_order_and_what_is_absent_stays_last() {
        let measures = [Some(-2.0), Some(-0.5), Some(-0.0), Some(0.25), Some(1e9), None];
        let keys: Vec<_> = measures.into_iter().map(SortKey::measure).collect();
        assert!(keys.is_sorted_by(|one, other| one.compare(other, false).is_le()));
        assert_eq!(SortKey::measure(Some(-0.0)), SortKey::measure(Some(0.0)));
        assert_eq!(SortKey::measure(Some(f64::NAN)), SortKey::Absent);
        assert_eq!(keys[5].compare(&keys[0], true), Ordering::Greater);
        assert_eq!(keys[4].compare(&keys[0], true), Ordering::Less);
    }

    #[test]
    fn keys_are_written_and_read_back() {
        for key in [
            SortKey::count(7u32),
            SortKey::text(Some("a b\u{fc} c")),
            SortKey::text(Some("")),
            SortKey::Absent,
        ] {
            assert_eq!(SortKey::read(&key.to_string()), Some(key));
        }
        assert_eq!(SortKey::read("x"), None);
        assert_eq!(SortKey::read(""), None);
    }
}
