//! From the lists of one collection to a snapshot. Does no I/O.

use std::collections::{BTreeMap, BTreeSet};

use schema::fact::{CustomerFact, InvoiceFact, MainList, ProductFact, SubscriptionItemFact};
use schema::source::ProblemCode;
use schema::{Problem, Snapshot, Timestamp};
use serde::de::DeserializeOwned;

use super::api::Listed;
use super::map::Map;
use super::wire::{Customer, Invoice, InvoiceLine, Product, Refusal, Subscription, SubscriptionItem};
use crate::http::{CallError, parse};
use crate::objects::{Gap, Memory, Unread, each};

/// A list of objects as they were read.
pub(super) struct Read<W> {
    pub(super) objects: Vec<W>,
    pub(super) unread: Vec<Unread>,
    /// Why the list ends before its end.
    pub(super) error: Option<CallError>,
}

impl<W: DeserializeOwned> From<Listed> for Read<W> {
    fn from(listed: Listed) -> Self {
        let (objects, unread) = each(&listed.objects);
        Self { objects, unread, error: listed.error }
    }
}

/// Everything that was asked for.
pub(super) struct Readings {
    pub(super) customers: Read<Customer>,
    pub(super) subscriptions: Read<Subscription>,
    /// The items of each subscription, in the order of `subscriptions.objects`.
    pub(super) items: Vec<Read<SubscriptionItem>>,
    pub(super) products: Read<Product>,
    pub(super) invoices: Read<Invoice>,
    /// The lines of each invoice, in the order of `invoices.objects`.
    pub(super) lines: Vec<Read<InvoiceLine>>,
}

impl Readings {
    /// The first error, where no list brought anything.
    fn failure(&self) -> Option<&CallError> {
        let lists = [
            (self.customers.objects.len(), &self.customers.error),
            (self.subscriptions.objects.len(), &self.subscriptions.error),
            (self.products.objects.len(), &self.products.error),
            (self.invoices.objects.len(), &self.invoices.error),
        ];
        let nothing = lists.iter().all(|(length, error)| *length == 0 && error.is_some());
        if nothing { self.customers.error.as_ref() } else { None }
    }
}

/// Each list as it was last known.
#[derive(Default)]
pub(super) struct Memories {
    customers: Memory<CustomerFact>,
    items: Memory<SubscriptionItemFact>,
    products: Memory<ProductFact>,
    invoices: Memory<InvoiceFact>,
}

/// Puts the lists together. Where every one failed, so did the collection.
pub(super) fn assemble(now: Timestamp, readings: &Readings, memory: &Memories) -> Snapshot {
    let mut snapshot = Snapshot { collected_at: now, ..Snapshot::default() };
    if let Some(error) = readings.failure() {
        snapshot.failure = Some(problem(now, error.code, "the account", &error.message));
        return snapshot;
    }
    let mut map = Map::new(now);
    let mut notes = Notes { now, problems: Vec::new() };

    let gap = notes.gap("customers", "customer", &readings.customers);
    snapshot.facts.customers = readings.customers.objects.iter().map(|wire| map.customer(wire)).collect();
    let withheld =
        readings.customers.error.as_ref().is_some_and(|error| error.code == ProblemCode::Forbidden);
    if let Some(error) = &readings.customers.error {
        snapshot.not_read(MainList::Customers, error.code, &error.message, withheld);
    }
    if !readings.customers.unread.is_empty() {
        let message = format!("{} of them cannot be read", readings.customers.unread.len());
        snapshot.not_read(MainList::Customers, ProblemCode::BadResponse, &message, false);
    }
    // What the key may no longer list is held by the poller.
    let gap = if withheld { Gap::Objects(BTreeSet::new()) } else { gap };
    memory.customers.fill(&mut snapshot.facts.customers, &gap);

    let gap = items(readings, &mut map, &mut notes, &mut snapshot.facts.subscription_items);
    memory.items.fill(&mut snapshot.facts.subscription_items, &gap);

    let gap = notes.gap("products", "product", &readings.products);
    snapshot.facts.products = readings.products.objects.iter().map(|wire| map.product(wire)).collect();
    memory.products.fill(&mut snapshot.facts.products, &gap);

    let gap = invoices(readings, &mut map, &mut notes, &mut snapshot.facts.invoices);
    memory.invoices.fill(&mut snapshot.facts.invoices, &gap);

    snapshot.problems = notes.problems;
    snapshot.problems.append(&mut map.into_problems());
    snapshot
}

/// A subscription that cannot be read hides which items it has, so that nothing of what was known before is dropped.
fn items(
    readings: &Readings,
    map: &mut Map,
    notes: &mut Notes,
    facts: &mut Vec<SubscriptionItemFact>,
) -> Gap {
    let mut gap = match notes.gap("subscriptions", "subscription", &readings.subscriptions) {
        Gap::Objects(unread) if unread.is_empty() && readings.subscriptions.unread.is_empty() => {
            Gap::Objects(unread)
        }
        _ => Gap::Rest,
    };
    for (subscription, items) in readings.subscriptions.objects.iter().zip(&readings.items) {
        let subject = format!("subscription {}", subscription.id);
        gap = both(gap, notes.gap(&subject, "subscription item", items));
        let Some(status) = map.status(subscription) else {
            gap = Gap::Rest;
            continue;
        };
        facts.extend(items.objects.iter().map(|item| map.item(subscription, status, item)));
    }
    gap
}

/// An invoice of which a line is missing is not shown with a wrong sum of lines: it stays as it was.
fn invoices(readings: &Readings, map: &mut Map, notes: &mut Notes, facts: &mut Vec<InvoiceFact>) -> Gap {
    let mut gap = notes.gap("invoices", "invoice", &readings.invoices);
    for (invoice, lines) in readings.invoices.objects.iter().zip(&readings.lines) {
        notes.gap(&format!("invoice {}", invoice.id), "invoice line", lines);
        if lines.error.is_some() || !lines.unread.is_empty() {
            gap = both(gap, Gap::Objects(BTreeSet::from([invoice.id.clone()])));
            continue;
        }
        facts.extend(map.invoice(invoice, &lines.objects));
    }
    gap
}

fn both(one: Gap, other: Gap) -> Gap {
    match (one, other) {
        (Gap::Objects(mut one), Gap::Objects(other)) => {
            one.extend(other);
            Gap::Objects(one)
        }
        _ => Gap::Rest,
    }
}

struct Notes {
    now: Timestamp,
    problems: Vec<Problem>,
}

impl Notes {
    /// Notes what a list lacks and says what may be missing for it.
    fn gap<W>(&mut self, list: &str, word: &str, read: &Read<W>) -> Gap {
        let mut missing = BTreeSet::new();
        for Unread { id, reason } in &read.unread {
            let subject = id.as_ref().map_or_else(|| list.to_owned(), |id| format!("{word} {id}"));
            self.problems.push(problem(self.now, ProblemCode::BadResponse, &subject, reason));
            missing.extend(id.clone());
        }
        match &read.error {
            None => Gap::Objects(missing),
            Some(error) => {
                self.problems.push(problem(self.now, error.code, list, &error.message));
                Gap::Rest
            }
        }
    }
}

fn problem(now: Timestamp, code: ProblemCode, subject: &str, message: &str) -> Problem {
    Problem { code, subject: subject.into(), message: message.into(), since: now }
}

/// The lines of invoices that will not change any more, so that a long one is read to its end only once.
#[derive(Default)]
pub(super) struct Settled {
    lines: BTreeMap<String, Vec<InvoiceLine>>,
}

impl Settled {
    pub(super) fn lines(&self, invoice: &Invoice) -> Option<Vec<InvoiceLine>> {
        self.lines.get(&invoice.id).filter(|_| is_settled(invoice)).cloned()
    }

    /// Keeps what was read of these invoices and forgets all others.
    pub(super) fn keep(&mut self, long: Vec<(&Invoice, &[InvoiceLine])>) {
        self.lines = long
            .into_iter()
            .filter(|(invoice, _)| is_settled(invoice))
            .map(|(invoice, lines)| (invoice.id.clone(), lines.to_vec()))
            .collect();
    }
}

fn is_settled(invoice: &Invoice) -> bool {
    matches!(invoice.status.as_deref(), Some("paid" | "void" | "uncollectible"))
}

/// For recorded answers: a page, each object of which must be readable, or a refusal.
pub(super) fn parse_page<W: DeserializeOwned>(body: &[u8]) -> Result<(), CallError> {
    if body.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<Refusal>(body).is_ok() {
        return Ok(());
    }
    let page: super::wire::Page = parse(body)?;
    match each::<W>(&page.data).1.first() {
        None => Ok(()),
        Some(unread) => {
            let id = unread.id.as_deref().unwrap_or("without an id");
            Err(CallError::new(ProblemCode::BadResponse, format!("object {id}: {}", unread.reason)))
        }
    }
}
