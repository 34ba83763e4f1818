//! The scalars of the schema: read strictly, written in one form.

use std::borrow::Cow;

use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, InputValueError, InputValueResult, OutputType, Positioned, Scalar, ScalarType,
    ServerResult, Value,
};
use schema::{ObjectId, Timestamp};

use crate::field::Output;
use crate::plan::Selection;
use crate::write::{Nulled, Writer};

/// A moment: RFC 3339, UTC, with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DateTime(pub Timestamp);

/// An IPv4 or IPv6 address in its canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IpAddr(pub std::net::IpAddr);

/// A range of addresses, its host bits zero: 10.0.0.0/24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cidr(pub ipnet::IpNet);

/// A MAC address: lower case, colons. Dashes, upper case and no separators are read too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MacAddr(pub schema::Mac);

/// A number of bytes, as a JSON number; it may exceed 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteSize(pub u64);

/// An amount of money in its currency's minor unit: cents or the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MinorUnits(pub i64);

/// The id of an object, opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Id(pub ObjectId);

/// A moment as the schema writes it: RFC 3339, UTC, with milliseconds.
pub fn date_time(at: Timestamp) -> impl std::fmt::Display {
    at.to_chrono().format("%Y-%m-%dT%H:%M:%S%.3fZ")
}

/// What the values of a scalar look like, for whoever wrote another one; `None` where its name says all.
pub fn looks_like(scalar: &str) -> Option<&'static str> {
    Some(match scalar {
        "DateTime" => "a moment like 2026-01-31T12:00:00Z",
        "IpAddr" => "an address like 10.0.0.1 or fd00::1",
        "Cidr" => "a range like 10.0.0.0/24, its host bits zero",
        "MacAddr" => "a MAC address like bc:24:11:00:00:01",
        "Cursor" => "a cursor that `pageInfo` or an edge of the same list gave",
        _ => return None,
    })
}

/// Reads a scalar that is written as a string.
fn text<T: ScalarType + async_graphql::InputType>(
    value: Value,
    parse: impl FnOnce(&str) -> Option<T>,
) -> InputValueResult<T> {
    match &value {
        Value::String(text) => parse(text).ok_or_else(|| {
            let name = T::type_name();
            InputValueError::custom(format!("expected {}", looks_like(&name).unwrap_or(&name)))
        }),
        _ => Err(InputValueError::expected_type(value)),
    }
}

/// A moment: RFC 3339, UTC.
#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parse = |text: &str| {
            let at = chrono::DateTime::parse_from_rfc3339(text).ok()?;
            Some(Self(Timestamp::from(at.with_timezone(&chrono::Utc))))
        };
        text(value, parse)
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(date_time(self.0).to_string())
    }
}

/// An IPv4 or IPv6 literal in its canonical form.
#[Scalar]
impl ScalarType for IpAddr {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parse = |text: &str| Some(Self(schema::address::canonical(text.parse().ok()?)));
        text(value, parse)
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A range of addresses, its host bits zero: 10.0.0.0/24.
#[Scalar]
impl ScalarType for Cidr {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parse = |text: &str| {
            // The address as `IpAddr` reads it: an octet with a leading zero, which some take for octal, is refused.
            // Of the length's digits the same holds.
            let (address, length) = text.split_once('/')?;
            let range = ipnet::IpNet::new(address.parse().ok()?, length.parse().ok()?).ok()?;
            let plain = range == range.trunc() && length == range.prefix_len().to_string();
            plain.then_some(Self(range))
        };
        text(value, parse)
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A MAC address: lower case, colons.
#[Scalar]
impl ScalarType for MacAddr {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value, |text| text.parse().ok().map(Self))
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A number of bytes, as a JSON number; it may exceed 32 bits.
#[Scalar]
impl ScalarType for ByteSize {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number
                .as_u64()
                .map(Self)
                .ok_or_else(|| InputValueError::custom("expected a whole number of bytes")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}

/// An amount of money in its currency's minor unit: cents or the like.
#[Scalar]
impl ScalarType for MinorUnits {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => {
                number.as_i64().map(Self).ok_or_else(|| InputValueError::custom("expected a whole number"))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}

impl OutputType for Id {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <async_graphql::ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<async_graphql::parser::types::Field>,
    ) -> ServerResult<Value> {
        Ok(Value::String(self.0.to_string()))
    }
}

/// Leaves whose text never needs an escape.
macro_rules! plain {
    ($($scalar:ty => |$value:ident| $shown:expr;)*) => {$(
        impl Output for $scalar {
            fn write(&self, _: &Selection, out: &mut Writer) -> Result<(), Nulled> {
                let $value = &self.0;
                out.plain($shown);
                Ok(())
            }
        }
    )*};
}

plain! {
    DateTime => |at| date_time(*at);
    IpAddr => |address| address;
    Cidr => |range| range;
    MacAddr => |mac| mac;
    Id => |id| id;
}

impl Output for ByteSize {
    fn write(&self, _: &Selection, out: &mut Writer) -> Result<(), Nulled> {
        out.leaf(&self.0)
    }
}

impl Output for MinorUnits {
    fn write(&self, _: &Selection, out: &mut Writer) -> Result<(), Nulled> {
        out.leaf(&self.0)
    }
}
