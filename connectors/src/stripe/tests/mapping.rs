//! What Stripe says, and what is made of it.

use std::fmt::Write as _;

use schema::source::ProblemCode;
use schema::{Snapshot, Timestamp};
use serde::de::DeserializeOwned;

use super::super::api::Listed;
use super::super::collect::{Memories, Read, Readings, assemble, parse_page};
use super::super::wire::{Customer, Invoice, Page, Product, Subscription};
use crate::http::CallError;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

const CUSTOMERS: &str = include_str!("../fixtures/customers.json");
const SUBSCRIPTIONS: &str = include_str!("../fixtures/subscriptions.json");
const PRODUCTS: &str = include_str!("../fixtures/products.json");
const INVOICES: &str = include_str!("../fixtures/invoices.json");
const EMPTY: &str = r#"{"data":[]}"#;

fn page<W: DeserializeOwned>(text: &str) -> Read<W> {
    listed(serde_json::from_str(text).expect("a page"))
}

fn listed<W: DeserializeOwned>(page: Page) -> Read<W> {
    Listed { objects: page.data, error: None }.into()
}

fn readings(customers: &str, subscriptions: &str, products: &str, invoices: &str) -> Readings {
    let subscriptions = page::<Subscription>(subscriptions);
    let invoices = page::<Invoice>(invoices);
    Readings {
        customers: page::<Customer>(customers),
        items: subscriptions.objects.iter().map(|subscription| listed(subscription.items.clone())).collect(),
        subscriptions,
        products: page::<Product>(products),
        lines: invoices.objects.iter().map(|invoice| listed(invoice.lines.clone())).collect(),
        invoices,
    }
}

/// One line a fact and a problem.
fn shown(snapshot: &Snapshot) -> String {
    let mut shown = String::new();
    write(snapshot, &mut shown).expect("a string takes everything");
    shown
}

fn write(snapshot: &Snapshot, shown: &mut String) -> std::fmt::Result {
    let facts = &snapshot.facts;
    let day = |at: Option<Timestamp>| {
        at.map_or_else(|| "?".to_owned(), |at| at.to_chrono().format("%Y-%m-%d").to_string())
    };
    let stale = |stale: bool| if stale { " stale" } else { "" };
    for customer in &facts.customers {
        let guests: Vec<_> =
            customer.guests.iter().map(|(cluster, vmid)| format!("{cluster}/{vmid}")).collect();
        let stale = stale(customer.seen.stale);
        writeln!(shown, "{} {:?} [{}]{stale}", customer.reference, customer.organization, guests.join(" "))?;
    }
    for item in &facts.subscription_items {
        write!(shown, "{} of {} {:?} {}", item.reference, item.customer, item.status, item.sku)?;
        write!(shown, " x{:?} {}", item.seats, item.product.as_deref().unwrap_or("no product"))?;
        writeln!(shown, " {} to {}{}", day(item.valid_from), day(item.valid_to), stale(item.seen.stale))?;
    }
    for product in &facts.products {
        writeln!(shown, "{} {:?}{}", product.reference, product.name, stale(product.seen.stale))?;
    }
    for invoice in &facts.invoices {
        let number = invoice.number.as_deref().unwrap_or("no number");
        write!(shown, "{} of {} {number} {}", invoice.reference, invoice.customer, invoice.status)?;
        write!(shown, " {} {} {}", invoice.total_minor, invoice.currency, day(invoice.period_start))?;
        writeln!(shown, "{}", stale(invoice.seen.stale))?;
        for line in &invoice.lines {
            let guest = line.guest.as_ref().map(|(cluster, vmid)| format!("{cluster}/{vmid}"));
            write!(shown, "- {:?} x{:?} {}", line.description, line.quantity, line.amount_minor)?;
            let guest = guest.as_deref().unwrap_or("no guest");
            writeln!(shown, " {} {guest}", line.sku.as_deref().unwrap_or("no sku"))?;
        }
    }
    for problem in &snapshot.problems {
        writeln!(shown, "! {:?} {}: {}", problem.code, problem.subject, problem.message)?;
    }
    Ok(())
}

#[track_caller]
fn check(readings: &Readings, memory: &Memories, expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let snapshot = assemble(NOW, readings, memory);
    assert_eq!(shown(&snapshot).lines().collect::<Vec<_>>(), expected);
}

#[test]
fn customers_claim_guests_and_name_their_organization() {
    check(
        &readings(CUSTOMERS, EMPTY, EMPTY, EMPTY),
        &Memories::default(),
        r#"
        cus_A1 "Elm Works" [pve-lab/101 pve-lab/102 pve-2/101]
        cus_B2 "Elm Works" [a/b/9]
        cus_C3 "cus_C3" []
        ! BadResponse customer cus_D4: it is not as expected: at name: expected a string
        ! BadResponse customer cus_B2: metadata `guests`: `pve-lab/` is no guest and is left out; write cluster/vmid, like pve-lab/101
        ! BadResponse customer cus_B2: metadata `guests`: `103` is no guest and is left out; write cluster/vmid, like pve-lab/101
        ! BadResponse customer cus_B2: metadata `guests`: `pve-lab/+5` is no guest and is left out; write cluster/vmid, like pve-lab/101
        ! BadResponse customer cus_B2: metadata `guests`: `/7` is no guest and is left out; write cluster/vmid, like pve-lab/101
        "#,
    );
}

#[test]
fn items_of_new_and_old_subscriptions() {
    check(
        &readings(EMPTY, SUBSCRIPTIONS, PRODUCTS, EMPTY),
        &Memories::default(),
        r#"
        si_1 of cus_A1 Active vm.standard xSome(3) prod_1 2026-01-01 to 2026-02-01
        si_2 of cus_A1 Active traffic xNone prod_2 2026-01-01 to 2026-02-01
        si_3 of cus_A1 Active price_3 xSome(1) prod_2 ? to ?
        si_5 of cus_B2 PastDue small-monthly xSome(1) prod_1 2026-01-01 to 2026-02-01
        prod_1 "Virtual server"
        prod_2 "prod_2"
        ! BadResponse subscription item si_4: it is not as expected: at quantity: expected i64
        ! BadResponse subscription sub_new: its status `hibernating` is unknown, so its items are left out
        "#,
    );
}

#[test]
fn invoices_name_their_prices_as_the_items_do() {
    check(
        &readings(EMPTY, SUBSCRIPTIONS, EMPTY, INVOICES),
        &Memories::default(),
        r#"
        si_1 of cus_A1 Active vm.standard xSome(3) prod_1 2026-01-01 to 2026-02-01
        si_2 of cus_A1 Active traffic xNone prod_2 2026-01-01 to 2026-02-01
        si_3 of cus_A1 Active price_3 xSome(1) prod_2 ? to ?
        si_5 of cus_B2 PastDue small-monthly xSome(1) prod_1 2026-01-01 to 2026-02-01
        in_1 of cus_A1 ELM-0001 paid 5300 eur 2026-01-01
        - "3 x Virtual server" xSome(3.0) 5700 vm.standard pve-lab/101
        - "" xSome(1.5) 600 price_once no guest
        - "Credit" xNone -1000 no sku no guest
        in_2 of cus_B2 no number draft -250 usd 2026-01-01
        - "Old" xSome(1.0) -250 legacy no guest
        - "Older" xSome(1.0) 0 small-monthly no guest
        ! BadResponse subscription item si_4: it is not as expected: at quantity: expected i64
        ! BadResponse invoice line il_6: it is not as expected: at amount: expected i64
        ! BadResponse subscription sub_new: its status `hibernating` is unknown, so its items are left out
        ! BadResponse invoice in_1: metadata `guest`: `web` is no guest and is left out; write cluster/vmid, like pve-lab/101
        ! BadResponse invoice in_3: it names no customer and is left out
        "#,
    );
}

#[test]
fn what_can_no_longer_be_read_keeps_its_facts() {
    let memory = Memories::default();
    let one = |list: &str| format!(r#"{{"data":[{list}]}}"#);
    let subscription =
        r#"{"id":"sub_1","status":"active","customer":"cus_1","items":{"data":[{"id":"si_1"}]}}"#;
    let invoice = r#"{"id":"in_1","customer":"cus_1","currency":"eur","total":1,"lines":{"data":[]}}"#;
    let customers = one(r#"{"id":"cus_1","name":"One"},{"id":"cus_2","name":"Two"}"#);
    assemble(NOW, &readings(&customers, &one(subscription), PRODUCTS, &one(invoice)), &memory);

    let mut broken = readings(
        &one(r#"{"id":"cus_1","name":"One"},{"id":"cus_2","name":[]}"#),
        &one(r#"{"id":"sub_1","status":"active"}"#),
        EMPTY,
        &one(
            r#"{"id":"in_1","customer":"cus_1","currency":"eur","total":1,"lines":{"data":[{"id":"il_1"}]}}"#,
        ),
    );
    broken.products.error = Some(CallError::new(ProblemCode::Forbidden, "no right"));
    check(
        &broken,
        &memory,
        r#"
        cus_1 "One" []
        cus_2 "Two" [] stale
        si_1 of cus_1 Active si_1 xNone no product ? to ? stale
        prod_1 "Virtual server" stale
        prod_2 "prod_2" stale
        in_1 of cus_1 no number draft 1 eur ? stale
        ! BadResponse customer cus_2: it is not as expected: at name: expected a string
        ! BadResponse subscription sub_1: it is not as expected: at .: missing field `customer`
        ! Forbidden products: no right
        ! BadResponse invoice line il_1: it is not as expected: at .: missing field `amount`
        "#,
    );
}

#[test]
fn where_every_list_failed_so_did_the_collection() {
    let mut readings = readings(EMPTY, EMPTY, EMPTY, EMPTY);
    let error = || Some(CallError::new(ProblemCode::RateLimited, "slow down"));
    readings.customers.error = error();
    readings.subscriptions.error = error();
    readings.products.error = error();
    assert_eq!(assemble(NOW, &readings, &Memories::default()).failure, None);
    readings.invoices.error = error();
    let snapshot = assemble(NOW, &readings, &Memories::default());
    assert_eq!(snapshot.failure.map(|problem| problem.code), Some(ProblemCode::RateLimited));
    assert!(snapshot.facts.is_empty() && snapshot.problems.is_empty());
}

#[test]
fn recorded_pages_are_read_object_by_object() {
    assert_eq!(parse_page::<Product>(PRODUCTS.as_bytes()), Ok(()));
    let refusal = br#"{"error":{"type":"invalid_request_error","message":"Not Found"}}"#;
    assert_eq!(parse_page::<Product>(refusal), Ok(()));
    let error = parse_page::<Customer>(CUSTOMERS.as_bytes()).expect_err("one of them is broken");
    assert!(error.message.contains("cus_D4"), "{error}");
    assert!(parse_page::<Customer>(b"[]").is_err());
}
