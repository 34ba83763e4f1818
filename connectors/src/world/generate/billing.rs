//! Customers, what they subscribed to and what they were asked to pay.

use std::collections::BTreeSet;
use std::time::Duration;

use schema::Timestamp;
use schema::fact::EntitlementStatus;

use super::Draft;
use super::draw::Draw;
use crate::world::spec::EPOCH;
use crate::world::{
    Billing, Customer, GuestAt, Invoice, InvoiceLine, Product, Subscription, SubscriptionItem,
};

const DAY: u64 = 86_400;
const FIRST: &[&str] =
    &["Alder", "Birch", "Cedar", "Elm", "Hazel", "Juniper", "Larch", "Maple", "Rowan", "Willow"];
const SECOND: &[&str] =
    &["Bakery", "Clinic", "Foundry", "Freight", "Garden", "Lab", "Press", "School", "Works"];
const PRODUCTS: &[(&str, &str, i64)] = &[
    ("Virtual server", "vm.standard", 1_900),
    ("Backup", "backup.daily", 400),
    ("Support", "support.24x7", 9_900),
];
const STATES: &[EntitlementStatus] = &[
    EntitlementStatus::Active,
    EntitlementStatus::Trialing,
    EntitlementStatus::PastDue,
    EntitlementStatus::Paused,
    EntitlementStatus::Incomplete,
    EntitlementStatus::Canceled,
    EntitlementStatus::Expired,
    EntitlementStatus::Unpaid,
];

/// Builds the one Stripe account of the world.
pub(super) fn build(draft: &mut Draft, draw: &mut Draw, secrets: &mut Draw) -> Billing {
    let products = PRODUCTS
        .iter()
        .map(|(name, _, _)| Product { id: format!("prod_{}", draw.word(14)), name: (*name).into() });
    let mut billing = Billing {
        source: "stripe-1".into(),
        secret: format!("rk_test_{}", secrets.word(24)),
        products: products.collect(),
        ..Billing::default()
    };
    let mut owned = BTreeSet::new();
    for number in 0..draft.size.customers as usize {
        let customer = customer(number, &mut owned, draft, draw);
        subscribe(number, &customer, &mut billing, draw);
        billing.customers.push(customer);
    }
    awkward(draft, &mut billing);
    billing
}

fn customer(number: usize, owned: &mut BTreeSet<GuestAt>, draft: &Draft, draw: &mut Draw) -> Customer {
    let mut name = format!("{} {}", FIRST[number % FIRST.len()], SECOND[number / FIRST.len() % SECOND.len()]);
    if number >= FIRST.len() * SECOND.len() {
        name = format!("{name} {}", number / (FIRST.len() * SECOND.len()) + 1);
    }
    let mut guests = Vec::new();
    for _ in 0..draw.below(5) {
        let cluster = draw.below(draft.clusters.len());
        let among = &draft.clusters[cluster].guests;
        let guest = &among[draw.below(among.len())];
        let at = GuestAt { cluster, vmid: guest.vmid };
        if !guest.template && owned.insert(at) {
            guests.push(at);
        }
    }
    Customer {
        id: format!("cus_{}", draw.word(14)),
        email: Some(format!("billing@{}.example", name.to_lowercase().replace(' ', "-"))),
        name: Some(name),
        organization: None,
        guests,
        created: super::before(EPOCH, draw.between(30 * DAY, 900 * DAY)),
    }
}

fn subscribe(number: usize, customer: &Customer, billing: &mut Billing, draw: &mut Draw) {
    let status = if number < STATES.len() { STATES[number] } else { EntitlementStatus::Active };
    let period_start = super::before(EPOCH, draw.between(0, 29 * DAY));
    let mut items = Vec::new();
    for (at, product) in billing.products.iter().enumerate() {
        if at > 0 && draw.percent(50) {
            continue;
        }
        let (_, sku, unit_amount) = PRODUCTS[at];
        items.push(SubscriptionItem {
            id: format!("si_{}", draw.word(14)),
            price: format!("price_1{}", draw.word(23)),
            // One in three prices has a lookup_key, one a sku in its metadata, one neither.
            lookup_key: number.is_multiple_of(3).then(|| sku.to_owned()),
            sku: (number % 3 == 1).then(|| sku.to_owned()),
            product: product.id.clone(),
            quantity: Some(i64::try_from(draw.between(1, 12)).unwrap_or(1)),
            unit_amount,
        });
    }
    let id = format!("sub_1{}", draw.word(23));
    for back in 0..=draw.below(3) {
        let start = super::before(period_start, back as u64 * 30 * DAY);
        let invoice = invoice(number, back, customer, &id, &items, start, draw);
        billing.invoices.push(invoice);
    }
    let customer = customer.id.clone();
    billing.subscriptions.push(Subscription { id, customer, status, period_start, period_days: 30, items });
}

fn invoice(
    number: usize,
    back: usize,
    customer: &Customer,
    subscription: &str,
    items: &[SubscriptionItem],
    period_start: Timestamp,
    draw: &mut Draw,
) -> Invoice {
    let status = match (number % 7, back) {
        (1, 0) => "draft",
        (2, 0) => "open",
        (3, 0) => "void",
        (4, 0) => "uncollectible",
        _ => "paid",
    };
    let mut lines: Vec<InvoiceLine> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let quantity = item.quantity.unwrap_or(1);
        lines.push(InvoiceLine {
            id: format!("il_1{}", draw.word(23)),
            description: format!("{quantity} x item {}", at + 1),
            quantity: item.quantity,
            amount: item.unit_amount * quantity,
            price: Some(item.price.clone()),
            product: Some(item.product.clone()),
            guest: customer.guests.first().copied().filter(|_| at == 0),
        });
    }
    if number % 7 == 5 {
        lines.push(InvoiceLine {
            id: format!("il_1{}", draw.word(23)),
            description: "Credit for an outage".into(),
            quantity: None,
            amount: -50_000,
            price: None,
            product: None,
            guest: None,
        });
    }
    Invoice {
        id: format!("in_1{}", draw.word(23)),
        customer: customer.id.clone(),
        subscription: Some(subscription.to_owned()),
        number: (status != "draft").then(|| format!("{}-{:04}", draw.hex(8).to_uppercase(), back + 1)),
        status: status.into(),
        currency: if number % 4 == 3 { "usd" } else { "eur" }.into(),
        total: lines.iter().map(|line| line.amount).sum(),
        period_start,
        period_end: period_start.plus(Duration::from_secs(30 * DAY)),
        lines,
    }
}

fn awkward(draft: &mut Draft, billing: &mut Billing) {
    let both = GuestAt { cluster: 0, vmid: 101 };
    for customer in &mut billing.customers[..4] {
        customer.guests.retain(|at| *at != both);
    }
    billing.customers[0].guests.push(both);
    billing.customers[1].guests.push(both);
    draft.case("owner-conflict", "two organizations claim one guest", &["pve-1/101"]);
    for customer in &mut billing.customers[2..4] {
        customer.organization = Some("Larch Group".into());
    }
    draft.case("one-organization", "two customers name the same organization", &["Larch Group"]);
    billing.customers[4].name = None;
    draft.case("nameless-customer", "a customer has no name", &[&billing.customers[4].id.clone()]);
}
