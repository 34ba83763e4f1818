//! Stripe: who pays for what. Reads and never writes.
//!
//! docs/adr/0008-npm-and-stripe.md has what was chosen here and why.

mod api;
mod collect;
mod config;
mod map;
mod simulator;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use schema::{Snapshot, Timestamp};
use secrecy::ExposeSecret as _;

use crate::{Build, BuildError, Connector, Kind, Parser};
use collect::{Memories, Read, Readings, Settled};
use wire::{Customer, Invoice, InvoiceLine, Product, Subscription, SubscriptionItem};

/// Stripe.
pub(crate) const KIND: Kind = Kind {
    name: "stripe",
    interval: Duration::from_mins(5),
    keys: config::KEYS,
    build,
    simulator: Some(simulator::SIMULATOR),
    conform: PARSERS,
};

const CUSTOMERS: &str = "/v1/customers";
const SUBSCRIPTIONS: &str = "/v1/subscriptions";
const SUBSCRIPTION_ITEMS: &str = "/v1/subscription_items";
const PRODUCTS: &str = "/v1/products";
const INVOICES: &str = "/v1/invoices";

const PARSERS: &[Parser] = &[
    Parser { method: "GET", path: CUSTOMERS, parse: collect::parse_page::<Customer> },
    Parser { method: "GET", path: SUBSCRIPTIONS, parse: collect::parse_page::<Subscription> },
    Parser { method: "GET", path: SUBSCRIPTION_ITEMS, parse: collect::parse_page::<SubscriptionItem> },
    Parser { method: "GET", path: PRODUCTS, parse: collect::parse_page::<Product> },
    Parser { method: "GET", path: INVOICES, parse: collect::parse_page::<Invoice> },
    Parser { method: "GET", path: "/v1/invoices/{invoice}/lines", parse: collect::parse_page::<InvoiceLine> },
];

fn build(build: Build<'_>) -> Result<Arc<dyn Connector>, BuildError> {
    let limits = build.limits.clone();
    let config = config::Config::read(build)?;
    Ok(Arc::new(Stripe {
        may_everything: config.secret.expose_secret().starts_with("sk_"),
        api: api::Api::new(&config, limits)?,
        memory: Memories::default(),
        settled: Mutex::default(),
    }))
}

/// One account.
struct Stripe {
    api: api::Api,
    memory: Memories,
    settled: Mutex<Settled>,
    /// It is a secret key (`sk_...`) and not a restricted one (`rk_...`).
    may_everything: bool,
}

#[async_trait]
impl Connector for Stripe {
    async fn collect(&self, now: Timestamp) -> Snapshot {
        let (customers, (subscriptions, items), products, (invoices, lines)) = tokio::join!(
            self.api.list(CUSTOMERS, "", "Customers"),
            self.subscriptions(),
            self.api.list(PRODUCTS, "", "Products"),
            self.invoices(),
        );
        let readings = Readings {
            customers: customers.into(),
            subscriptions,
            items,
            products: products.into(),
            invoices,
            lines,
        };
        collect::assemble(now, &readings, &self.memory)
    }

    async fn could_change(&self, _now: Timestamp) -> Vec<String> {
        // What a restricted key may, Stripe does not tell.
        let everything = "everything, as a secret key (sk_...): make a restricted one (rk_...)";
        self.may_everything.then(|| everything.to_owned()).into_iter().collect()
    }
}

impl Stripe {
    /// Subscriptions of every status; the list leaves out the ended ones otherwise.
    async fn subscriptions(&self) -> (Read<Subscription>, Vec<Read<SubscriptionItem>>) {
        let listed = self.api.list(SUBSCRIPTIONS, "status=all&", "Subscriptions").await;
        let subscriptions = Read::<Subscription>::from(listed);
        let mut items = Vec::with_capacity(subscriptions.objects.len());
        for subscription in &subscriptions.objects {
            let filter = format!("subscription={}&", subscription.id);
            let first = subscription.items.clone();
            items.push(
                self.api
                    .within(&subscription.id, SUBSCRIPTION_ITEMS, &filter, "Subscriptions", first)
                    .await
                    .into(),
            );
        }
        (subscriptions, items)
    }

    /// Invoices with their lines, of which the list itself shows the first ten.
    async fn invoices(&self) -> (Read<Invoice>, Vec<Read<InvoiceLine>>) {
        let invoices = Read::<Invoice>::from(self.api.list(INVOICES, "", "Invoices").await);
        let mut lines = Vec::with_capacity(invoices.objects.len());
        for invoice in &invoices.objects {
            let known = if invoice.lines.has_more { self.settled().lines(invoice) } else { None };
            lines.push(if let Some(objects) = known {
                Read { objects, unread: Vec::new(), error: None }
            } else {
                let path = format!("{INVOICES}/{}/lines", invoice.id);
                self.api.within(&invoice.id, &path, "", "Invoices", invoice.lines.clone()).await.into()
            });
        }
        let long = invoices.objects.iter().zip(&lines);
        let long = long.filter(|(invoice, lines)| {
            invoice.lines.has_more && lines.error.is_none() && lines.unread.is_empty()
        });
        self.settled().keep(long.map(|(invoice, lines)| (invoice, lines.objects.as_slice())).collect());
        (invoices, lines)
    }

    fn settled(&self) -> std::sync::MutexGuard<'_, Settled> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
