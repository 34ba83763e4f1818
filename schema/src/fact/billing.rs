//! Who pays for what, in Stripe's words. CONTRACT: customers that name the same organization are one.

use super::Seen;
use crate::Timestamp;

/// A customer.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerFact {
    /// `cus_...`
    pub reference: Box<str>,
    /// metadata `organization`, else the customer's name, else its reference.
    pub organization: Box<str>,
    /// metadata `guests`: cluster and VMID.
    pub guests: Box<[(Box<str>, u32)]>,
    /// How well it is known.
    pub seen: Seen,
}

/// An item of a subscription: an entitlement.
#[derive(Clone, Debug, PartialEq)]
pub struct SubscriptionItemFact {
    /// `si_...`
    pub reference: Box<str>,
    /// `cus_...`
    pub customer: Box<str>,
    /// The price's lookup_key, else its metadata `sku`, else its id.
    pub sku: Box<str>,
    /// `prod_...`
    pub product: Option<Box<str>>,
    /// Its quantity.
    pub seats: Option<i64>,
    /// Of its period.
    pub valid_from: Option<Timestamp>,
    /// Of its period.
    pub valid_to: Option<Timestamp>,
    /// Of its subscription.
    pub status: EntitlementStatus,
    /// How well it is known.
    pub seen: Seen,
}

/// A product.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductFact {
    /// `prod_...`
    pub reference: Box<str>,
    /// As people call it.
    pub name: Box<str>,
    /// How well it is known.
    pub seen: Seen,
}

/// An invoice.
#[derive(Clone, Debug, PartialEq)]
pub struct InvoiceFact {
    /// `in_...`
    pub reference: Box<str>,
    /// `cus_...`
    pub customer: Box<str>,
    /// As printed on it; a draft has none.
    pub number: Option<Box<str>>,
    /// draft, open, paid, uncollectible, void.
    pub status: Box<str>,
    /// ISO 4217, in lower case as Stripe writes it.
    pub currency: Box<str>,
    /// Cents or the like; negative for a credit.
    pub total_minor: i64,
    /// Of the period.
    pub period_start: Option<Timestamp>,
    /// Of the period.
    pub period_end: Option<Timestamp>,
    /// In the order of the invoice.
    pub lines: Box<[InvoiceLineFact]>,
    /// How well it is known.
    pub seen: Seen,
}

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq)]
pub struct InvoiceLineFact {
    /// As printed.
    pub description: Box<str>,
    /// How many.
    pub quantity: Option<f64>,
    /// Cents or the like.
    pub amount_minor: i64,
    /// As of a subscription's item.
    pub sku: Option<Box<str>>,
    /// metadata `guest`: cluster and VMID.
    pub guest: Option<(Box<str>, u32)>,
}

/// The state of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntitlementStatus {
    /// trialing
    Trialing,
    /// active
    Active,
    /// past_due
    PastDue,
    /// paused
    Paused,
    /// incomplete
    Incomplete,
    /// canceled
    Canceled,
    /// incomplete_expired
    Expired,
    /// unpaid
    Unpaid,
}
