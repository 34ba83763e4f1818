//! Reading what several generations of firmware write: numbers as text, flags as text, nothing as an empty text.
//!
//! A list is read element by element, so that one broken record does not hide its neighbours.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// A list of which each element is read by itself.
#[derive(Clone, Debug)]
pub(crate) struct Each<T> {
    /// What could be read.
    pub(crate) good: Vec<T>,
    /// What could not.
    pub(crate) bad: Vec<Unread>,
}

/// An element that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    /// Its MAC or id, where it has one that can be read: by this it is matched with what was known of it.
    pub(crate) key: Option<String>,
    /// Its MAC, id or name where it has one that can be read, else its place in the list: `#3`.
    pub(crate) subject: String,
    /// Why, in one line that names places and quotes nothing.
    pub(crate) why: String,
}

impl<T> Default for Each<T> {
    fn default() -> Self {
        Self { good: Vec::new(), bad: Vec::new() }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Each<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(read(&Option::<Vec<Box<RawValue>>>::deserialize(deserializer)?.unwrap_or_default()))
    }
}

/// A list that must be there: null is not an empty one.
pub(super) fn present<'de, D, T>(deserializer: D) -> Result<Each<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(read(&Vec::<Box<RawValue>>::deserialize(deserializer)?))
}

fn read<T: DeserializeOwned>(elements: &[Box<RawValue>]) -> Each<T> {
    let mut each = Each::default();
    for (position, element) in elements.iter().enumerate() {
        // serde takes an array for a struct, field by field; no controller means that.
        if element.get().starts_with('{') {
            match crate::http::parse(element.get().as_bytes()) {
                Ok(read) => each.good.push(read),
                Err(error) => each.bad.push(unread(element, position, &error.message)),
            }
        } else {
            each.bad.push(unread(element, position, "the answer is no record"));
        }
    }
    each
}

/// Names an element that cannot be read, as far as that much can be.
fn unread(element: &RawValue, position: usize, why: &str) -> Unread {
    #[derive(Default, Deserialize)]
    struct Names {
        mac: Option<serde_json::Value>,
        #[serde(rename = "macAddress")]
        mac_address: Option<serde_json::Value>,
        name: Option<serde_json::Value>,
        #[serde(rename = "_id")]
        id: Option<serde_json::Value>,
    }
    let names: Names = serde_json::from_str(element.get()).unwrap_or_default();
    let text = |value: Option<serde_json::Value>| {
        value.as_ref().and_then(serde_json::Value::as_str).filter(|text| !text.is_empty()).map(printable)
    };
    let mac = text(names.mac).or(text(names.mac_address));
    let id = text(names.id);
    let subject = mac.clone().or(text(names.name)).or(id.clone());
    Unread {
        key: mac.or(id),
        subject: subject.unwrap_or_else(|| format!("#{}", position + 1)),
        why: why.replacen("the answer", "it", 1),
    }
}

/// Text of an upstream, fit for one short line: control characters become blanks, and it ends after 120 characters.
pub(crate) fn printable(text: &str) -> String {
    let mut line: String =
        text.chars().take(120).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().nth(120).is_some() {
        line.push('…');
    }
    line
}

/// A whole number: written as such, as text, or not at all (null, an empty text, a flag).
pub(super) fn number<'de, D, N>(deserializer: D) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<i64>,
{
    deserializer.deserialize_any(NumberVisitor(PhantomData))
}

/// A list of whole numbers, each written as [`number`] reads them.
pub(super) fn numbers<'de, D, N>(deserializer: D) -> Result<Vec<N>, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<i64>,
{
    struct One<N>(Option<N>);
    impl<'de, N: TryFrom<i64>> Deserialize<'de> for One<N> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            number(deserializer).map(Self)
        }
    }
    let list = Option::<Vec<One<N>>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(list.into_iter().filter_map(|one| one.0).collect())
}

/// A flag: `true`, `"true"`, `1`, or nothing.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    deserializer.deserialize_any(FlagVisitor)
}

/// A text, trimmed; an empty one is nothing; a number is its digits.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    deserializer.deserialize_any(TextVisitor)
}

/// A list of texts; null is an empty one.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default())
}

struct NumberVisitor<N>(PhantomData<N>);

impl<N: TryFrom<i64>> NumberVisitor<N> {
    fn fit<E: de::Error>(number: i64) -> Result<Option<N>, E> {
        let out_of_range = || E::invalid_value(de::Unexpected::Signed(number), &"a number within its range");
        N::try_from(number).map(Some).map_err(|_| out_of_range())
    }
}

impl<N: TryFrom<i64>> Visitor<'_> for NumberVisitor<N> {
    type Value = Option<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Self::fit(number)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        let out_of_range =
            |_| E::invalid_value(de::Unexpected::Unsigned(number), &"a number within its range");
        i64::try_from(number).map_err(out_of_range).and_then(Self::fit)
    }

    #[expect(clippy::cast_possible_truncation, reason = "checked: a whole number well within an i64")]
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        if number.fract() == 0.0 && number.abs() < 9e15 {
            Self::fit(number as i64)
        } else {
            Err(E::invalid_value(de::Unexpected::Float(number), &"a whole number"))
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text.trim() {
            "" => Ok(None),
            digits => digits
                .parse::<i64>()
                .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &"a whole number"))
                .and_then(Self::fit),
        }
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

struct FlagVisitor;

impl Visitor<'_> for FlagVisitor {
    type Value = Option<bool>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Some(flag))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number != 0))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number != 0))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            "" => Ok(None),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Record {
        #[serde(default, deserialize_with = "number")]
        n: Option<u16>,
        #[serde(default, deserialize_with = "flag")]
        f: Option<bool>,
        #[serde(default, deserialize_with = "text")]
        t: Option<String>,
        #[serde(default, deserialize_with = "numbers")]
        l: Vec<u16>,
    }

    /// A record's number, flag, text and list; `None` where it must not be readable.
    type Expected<'a> = Option<(Option<u16>, Option<bool>, Option<&'a str>, &'a [u16])>;

    fn check(json: &str, expected: Expected<'_>) {
        let read = serde_json::from_str::<Record>(json).ok();
        let read = read.as_ref().map(|record| (record.n, record.f, record.t.as_deref(), record.l.as_slice()));
        assert_eq!(read, expected, "{json}");
    }

    #[test]
    fn each_generation_of_firmware_is_read() {
        check("{}", Some((None, None, None, &[])));
        check(
            r#"{"n":5,"f":true,"t":"x","l":[1,"2",3.0]}"#,
            Some((Some(5), Some(true), Some("x"), &[1, 2, 3])),
        );
        check(r#"{"n":"5","f":"false","t":7}"#, Some((Some(5), Some(false), Some("7"), &[])));
        check(r#"{"n":5.0,"f":0,"t":"  "}"#, Some((Some(5), Some(false), None, &[])));
        check(r#"{"n":"","f":"","t":null,"l":null}"#, Some((None, None, None, &[])));
        check(r#"{"n":false}"#, Some((None, None, None, &[])));
        check(r#"{"n":70000}"#, None);
        check(r#"{"n":-1}"#, None);
        check(r#"{"n":18446744073709551615}"#, None);
        check(r#"{"n":0.5}"#, None);
        check(r#"{"n":"five"}"#, None);
        check(r#"{"n":[5]}"#, None);
        check(r#"{"f":"yes"}"#, None);
        check(r#"{"t":{}}"#, None);
        check(r#"{"l":[70000]}"#, None);
    }

    #[test]
    fn a_broken_element_does_not_hide_its_neighbours() {
        let read: Each<Record> = serde_json::from_str(
            r#"[{"n":1},{"n":[],"mac":"aa:bb"},[7],{"n":[],"mac":5,"name":"x\ny"},{"n":2}]"#,
        )
        .expect("a list");
        assert_eq!(read.good.iter().filter_map(|record| record.n).collect::<Vec<_>>(), [1, 2]);
        let named: Vec<&str> = read.bad.iter().map(|unread| unread.subject.as_str()).collect();
        assert_eq!(named, ["aa:bb", "#3", "x y"]);
    }

    #[test]
    fn what_an_upstream_says_stays_short() {
        assert_eq!(printable(&"a".repeat(500)).chars().count(), 121);
        assert_eq!(printable("a\r\nb"), "a  b");
    }
}
