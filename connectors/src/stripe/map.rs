//! From Stripe's words to facts. Pure. docs/reference.md, Billing, has the keys of the metadata.

use std::collections::BTreeMap;

use schema::fact::{
    CustomerFact, EntitlementStatus, InvoiceFact, InvoiceLineFact, ProductFact, Seen, SubscriptionItemFact,
};
use schema::source::ProblemCode;
use schema::{Problem, Timestamp};

use super::wire::{
    Customer, Invoice, InvoiceLine, Metadata, Price, Product, ReferenceOrPrice, Subscription,
    SubscriptionItem,
};
use crate::objects::short;

/// Maps the objects of one collection and notes what they say that cannot be followed.
pub(super) struct Map {
    at: Timestamp,
    /// The sku of each price that a subscription's item showed whole: an invoice's line names its price by id only.
    skus: BTreeMap<String, Box<str>>,
    problems: Vec<Problem>,
}

impl Map {
    pub(super) fn new(at: Timestamp) -> Self {
        Self { at, skus: BTreeMap::new(), problems: Vec::new() }
    }

    /// What was noted on the way.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    pub(super) fn customer(&mut self, wire: &Customer) -> CustomerFact {
        let organization = said(wire.metadata.as_ref(), "organization")
            .or_else(|| wire.name.as_deref().map(str::trim).filter(|name| !name.is_empty()))
            .unwrap_or(&wire.id);
        let mut guests = Vec::new();
        let claimed = said(wire.metadata.as_ref(), "guests").unwrap_or_default();
        for claim in
            claimed.split(|sign: char| sign == ',' || sign.is_whitespace()).filter(|claim| !claim.is_empty())
        {
            match guest(claim) {
                Some(guest) if !guests.contains(&guest) => guests.push(guest),
                Some(_) => {}
                None => self.not_a_guest(&format!("customer {}", wire.id), "guests", claim),
            }
        }
        CustomerFact {
            reference: wire.id.as_str().into(),
            organization: organization.into(),
            guests: guests.into(),
            seen: self.seen(),
        }
    }

    /// `None` where the subscription's status is one that nobody has told us of; that is noted.
    pub(super) fn status(&mut self, wire: &Subscription) -> Option<EntitlementStatus> {
        let status = match wire.status.as_str() {
            "trialing" => EntitlementStatus::Trialing,
            "active" => EntitlementStatus::Active,
            "past_due" => EntitlementStatus::PastDue,
            "paused" => EntitlementStatus::Paused,
            "incomplete" => EntitlementStatus::Incomplete,
            "canceled" => EntitlementStatus::Canceled,
            "incomplete_expired" => EntitlementStatus::Expired,
            "unpaid" => EntitlementStatus::Unpaid,
            other => {
                let message = format!("its status `{}` is unknown, so its items are left out", short(other));
                self.note(&format!("subscription {}", wire.id), message);
                return None;
            }
        };
        Some(status)
    }

    pub(super) fn item(
        &mut self,
        of: &Subscription,
        status: EntitlementStatus,
        wire: &SubscriptionItem,
    ) -> SubscriptionItemFact {
        let price = wire.price.as_ref().or(wire.plan.as_ref());
        if let Some(price) = price {
            self.skus.insert(price.id.clone(), sku(price));
        }
        SubscriptionItemFact {
            reference: wire.id.as_str().into(),
            customer: of.customer.id().into(),
            sku: price.map_or_else(|| wire.id.as_str().into(), sku),
            product: price.and_then(|price| price.product.as_ref()).map(|product| product.id().into()),
            seats: wire.quantity,
            valid_from: seconds(wire.current_period_start.or(of.current_period_start)),
            valid_to: seconds(wire.current_period_end.or(of.current_period_end)),
            status,
            seen: self.seen(),
        }
    }

    pub(super) fn product(&self, wire: &Product) -> ProductFact {
        let name = wire.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        ProductFact {
            reference: wire.id.as_str().into(),
            name: name.unwrap_or(&wire.id).into(),
            seen: self.seen(),
        }
    }

    /// To be called after every item of a subscription was seen, which is where the prices are. `None` for an invoice
    /// that no customer was asked to pay; that is noted.
    pub(super) fn invoice(&mut self, wire: &Invoice, lines: &[InvoiceLine]) -> Option<InvoiceFact> {
        let subject = format!("invoice {}", wire.id);
        let Some(customer) = &wire.customer else {
            self.note(&subject, "it names no customer and is left out".to_owned());
            return None;
        };
        Some(InvoiceFact {
            reference: wire.id.as_str().into(),
            customer: customer.id().into(),
            number: wire.number.as_deref().filter(|number| !number.is_empty()).map(Into::into),
            status: wire.status.as_deref().unwrap_or("draft").into(),
            currency: wire.currency.to_lowercase().into(),
            total_minor: wire.total,
            period_start: seconds(wire.period_start),
            period_end: seconds(wire.period_end),
            lines: lines.iter().map(|line| self.line(&subject, line)).collect(),
            seen: self.seen(),
        })
    }

    fn line(&mut self, subject: &str, wire: &InvoiceLine) -> InvoiceLineFact {
        let claimed = said(wire.metadata.as_ref(), "guest");
        let guest = claimed.and_then(guest);
        if let (Some(claimed), None) = (claimed, &guest) {
            self.not_a_guest(subject, "guest", claimed);
        }
        let exact = wire.quantity_decimal.as_deref().and_then(|quantity| quantity.parse().ok());
        InvoiceLineFact {
            description: wire.description.as_deref().unwrap_or_default().into(),
            quantity: exact.or(wire.quantity).filter(|quantity: &f64| quantity.is_finite()),
            amount_minor: wire.amount,
            sku: self.sku_of_line(wire),
            guest,
        }
    }

    fn sku_of_line(&self, wire: &InvoiceLine) -> Option<Box<str>> {
        let details = wire.pricing.as_ref().and_then(|pricing| pricing.price_details.as_ref());
        match details.and_then(|details| details.price.as_ref()).or(wire.price.as_ref()) {
            Some(ReferenceOrPrice::Price(price)) => Some(sku(price)),
            Some(ReferenceOrPrice::Id(id)) => {
                Some(self.skus.get(id).cloned().unwrap_or_else(|| id.as_str().into()))
            }
            None => wire.plan.as_ref().map(sku),
        }
    }

    fn not_a_guest(&mut self, subject: &str, key: &str, claim: &str) {
        let message = format!(
            "metadata `{key}`: `{}` is no guest and is left out; write cluster/vmid, like pve-lab/101",
            short(claim)
        );
        self.note(subject, message);
    }

    fn note(&mut self, subject: &str, message: String) {
        self.problems.push(Problem {
            code: ProblemCode::BadResponse,
            subject: subject.into(),
            message: message.into(),
            since: self.at,
        });
    }

    fn seen(&self) -> Seen {
        Seen { at: self.at, stale: false }
    }
}

/// The price's lookup_key, else its metadata `sku`, else its id.
fn sku(price: &Price) -> Box<str> {
    let lookup_key = price.lookup_key.as_deref().map(str::trim).filter(|key| !key.is_empty());
    lookup_key.or_else(|| said(price.metadata.as_ref(), "sku")).unwrap_or(&price.id).into()
}

/// A guest by its cluster's name and its VMID: `pve-lab/101`.
fn guest(claim: &str) -> Option<(Box<str>, u32)> {
    let (cluster, vmid) = claim.trim().rsplit_once('/')?;
    let plain = !vmid.is_empty() && vmid.bytes().all(|byte| byte.is_ascii_digit());
    let vmid = vmid.parse().ok().filter(|_| plain && !cluster.is_empty())?;
    Some((cluster.into(), vmid))
}

fn said<'a>(metadata: Option<&'a Metadata>, key: &str) -> Option<&'a str> {
    metadata?.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
}

fn seconds(at: Option<i64>) -> Option<Timestamp> {
    at.map(Timestamp::from_seconds)
}
