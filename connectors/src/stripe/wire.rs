//! Stripe's own words: of its objects the fields that are needed, in the pinned version's shape; where an earlier version
//! had them elsewhere, that place is read too, because a recorded or proxied answer may be older than what was asked for.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A page of a list, top-level or within an object.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Page {
    pub(super) data: Vec<Box<RawValue>>,
    #[serde(default)]
    pub(super) has_more: bool,
}

/// `{"error":{"type":"invalid_request_error","code":...,"message":...}}`; its message may quote a part of the key and is
/// not read.
#[derive(Deserialize)]
pub(super) struct Refusal {
    #[serde(rename = "error")]
    _error: RefusalError,
}

#[derive(Deserialize)]
struct RefusalError {
    #[serde(rename = "type")]
    _kind: String,
}

/// Of any object of a list, what the next page is asked for by.
#[derive(Deserialize)]
pub(super) struct Identified {
    pub(super) id: String,
}

/// Strings by strings, whatever an API's page says they mean.
pub(super) type Metadata = BTreeMap<String, String>;

#[derive(Debug, Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) customer: Reference,
    pub(super) items: Page,
    /// Before 2025-03-31 the period was the subscription's; since then it is each item's.
    pub(super) current_period_start: Option<i64>,
    /// As above.
    pub(super) current_period_end: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct SubscriptionItem {
    pub(super) id: String,
    pub(super) price: Option<Price>,
    /// What a price was called before there were prices.
    pub(super) plan: Option<Price>,
    /// Absent where usage is metered.
    pub(super) quantity: Option<i64>,
    pub(super) current_period_start: Option<i64>,
    pub(super) current_period_end: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Price {
    pub(super) id: String,
    pub(super) lookup_key: Option<String>,
    pub(super) metadata: Option<Metadata>,
    pub(super) product: Option<Reference>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Product {
    pub(super) id: String,
    pub(super) name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Invoice {
    pub(super) id: String,
    /// `null` where an account of a platform is billed instead.
    pub(super) customer: Option<Reference>,
    pub(super) number: Option<String>,
    pub(super) status: Option<String>,
    pub(super) currency: String,
    pub(super) total: i64,
    pub(super) period_start: Option<i64>,
    pub(super) period_end: Option<i64>,
    pub(super) lines: Page,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct InvoiceLine {
    pub(super) description: Option<String>,
    pub(super) quantity: Option<f64>,
    /// The exact figure, of which `quantity` is the whole part.
    pub(super) quantity_decimal: Option<String>,
    pub(super) amount: i64,
    pub(super) metadata: Option<Metadata>,
    pub(super) pricing: Option<Pricing>,
    /// Before 2025-03-31.
    pub(super) price: Option<ReferenceOrPrice>,
    /// Before there were prices.
    pub(super) plan: Option<Price>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Pricing {
    pub(super) price_details: Option<PriceDetails>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct PriceDetails {
    pub(super) price: Option<ReferenceOrPrice>,
}

/// An id, or the object with it where that was expanded.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Reference {
    Id(String),
    Object { id: String },
}

impl Reference {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}

/// A price's id, or the price.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ReferenceOrPrice {
    Id(String),
    Price(Price),
}
