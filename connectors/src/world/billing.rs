//! Who pays for what: the Stripe account of the world.

use schema::Timestamp;
use schema::fact::EntitlementStatus;

use super::{GuestAt, show};

/// A Stripe account: one source of kind `stripe`.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Billing {
    /// The name of its source: `stripe-1`; empty where there is none.
    pub source: String,
    /// `rk_test_...`
    #[serde(skip)]
    pub secret: String,
    /// Customers; one organization may be several.
    pub customers: Vec<Customer>,
    /// Subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Products.
    pub products: Vec<Product>,
    /// Invoices.
    pub invoices: Vec<Invoice>,
}

/// A customer.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Customer {
    /// `cus_...`
    pub id: String,
    /// As people call it.
    pub name: Option<String>,
    /// Where it wants its letters.
    pub email: Option<String>,
    /// metadata `organization`, where it says so.
    pub organization: Option<String>,
    /// metadata `guests`, which is written `pve-1/101, pve-2/101`.
    pub guests: Vec<GuestAt>,
    /// When it came.
    #[serde(serialize_with = "show::time")]
    pub created: Timestamp,
}

/// A subscription with its items.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Subscription {
    /// `sub_...`
    pub id: String,
    /// [`Customer::id`].
    pub customer: String,
    /// Stripe's word for it, as the domain knows it.
    #[serde(serialize_with = "show::debug")]
    pub status: EntitlementStatus,
    /// Of the current period of all its items; ends [`Subscription::period_days`] later.
    #[serde(serialize_with = "show::time")]
    pub period_start: Timestamp,
    /// 30, 365.
    pub period_days: u32,
    /// What it is for.
    pub items: Vec<SubscriptionItem>,
}

/// An item of a subscription.
#[derive(Clone, Debug, serde::Serialize)]
pub struct SubscriptionItem {
    /// `si_...`
    pub id: String,
    /// `price_...`
    pub price: String,
    /// The price's lookup_key.
    pub lookup_key: Option<String>,
    /// The price's metadata `sku`.
    pub sku: Option<String>,
    /// [`Product::id`].
    pub product: String,
    /// How many.
    pub quantity: Option<i64>,
    /// Cents of one.
    pub unit_amount: i64,
}

/// A product.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Product {
    /// `prod_...`
    pub id: String,
    /// As people call it.
    pub name: String,
}

/// An invoice.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Invoice {
    /// `in_...`
    pub id: String,
    /// [`Customer::id`].
    pub customer: String,
    /// [`Subscription::id`], where it is one's.
    pub subscription: Option<String>,
    /// As printed; a draft has none.
    pub number: Option<String>,
    /// draft, open, paid, uncollectible, void.
    pub status: String,
    /// ISO 4217, in lower case.
    pub currency: String,
    /// Cents.
    pub total: i64,
    /// Of the period.
    #[serde(serialize_with = "show::time")]
    pub period_start: Timestamp,
    /// Of the period.
    #[serde(serialize_with = "show::time")]
    pub period_end: Timestamp,
    /// In the order printed.
    pub lines: Vec<InvoiceLine>,
}

/// A line of an invoice.
#[derive(Clone, Debug, serde::Serialize)]
pub struct InvoiceLine {
    /// `il_...`
    pub id: String,
    /// As printed.
    pub description: String,
    /// How many.
    pub quantity: Option<i64>,
    /// Cents.
    pub amount: i64,
    /// The price, as of [`SubscriptionItem::price`]; its product is [`InvoiceLine::product`].
    pub price: Option<String>,
    /// [`Product::id`].
    pub product: Option<String>,
    /// metadata `guest`.
    pub guest: Option<GuestAt>,
}
