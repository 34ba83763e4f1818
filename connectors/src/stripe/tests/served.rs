//! The connector against its own simulator, over real HTTP.

use schema::Timestamp;
use schema::fact::MainList;
use schema::source::ProblemCode;

use super::super::{KIND, api};
use crate::testing::{Received, Reply, Simulated, built, collected};
use crate::world::{InvoiceLine, Spec, World};

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

/// More than a page of customers, and an invoice of more lines than come with it.
fn world() -> World {
    static WORLD: std::sync::LazyLock<World> = std::sync::LazyLock::new(make_world);
    WORLD.clone()
}

fn make_world() -> World {
    let spec = Spec { customers: Some(130), ..Spec::default() };
    let mut world = World::generate(&spec).expect("a world");
    let invoice =
        world.billing.invoices.iter_mut().find(|invoice| invoice.status == "paid").expect("a paid one");
    for number in 0..25 {
        invoice.lines.push(InvoiceLine {
            id: format!("il_more{number}"),
            description: format!("more {number}"),
            quantity: Some(1),
            amount: 1,
            price: None,
            product: None,
            guest: None,
        });
    }
    world
}

async fn simulated() -> Simulated {
    Simulated::start(&KIND, world(), NOW).await
}

fn asked(simulated: &Simulated, start: &str) -> usize {
    simulated.asked().iter().filter(|asked| asked.starts_with(start)).count()
}

#[tokio::test]
async fn everything_that_the_account_has_is_read_page_by_page() {
    let (world, simulated) = (world(), simulated().await);
    let connector = simulated.connector();
    let snapshot = collected(&*connector, NOW).await;
    assert_eq!(snapshot.problems, []);
    let (facts, billing) = (&snapshot.facts, &world.billing);
    assert_eq!(facts.customers.len(), 130);
    assert_eq!(facts.products.len(), billing.products.len());
    assert_eq!(facts.invoices.len(), billing.invoices.len());
    let items: usize = billing.subscriptions.iter().map(|subscription| subscription.items.len()).sum();
    assert_eq!(facts.subscription_items.len(), items);

    for customer in &billing.customers {
        let fact = facts.customers.iter().find(|fact| *fact.reference == *customer.id).expect("read");
        let name = customer.organization.as_ref().or(customer.name.as_ref()).unwrap_or(&customer.id);
        let guests: Vec<_> = customer
            .guests
            .iter()
            .map(|at| (world.clusters[at.cluster].source.as_str().into(), at.vmid))
            .collect();
        assert_eq!((&*fact.organization, &*fact.guests), (name.as_str(), &*guests));
    }
    for subscription in &billing.subscriptions {
        for item in &subscription.items {
            let fact =
                facts.subscription_items.iter().find(|fact| *fact.reference == *item.id).expect("read");
            let sku = item.lookup_key.as_ref().or(item.sku.as_ref()).unwrap_or(&item.price);
            assert_eq!(
                (&*fact.sku, fact.status, fact.seats),
                (sku.as_str(), subscription.status, item.quantity)
            );
            assert_eq!(fact.valid_from, Some(subscription.period_start));
        }
    }
    for invoice in &billing.invoices {
        let fact = facts.invoices.iter().find(|fact| *fact.reference == *invoice.id).expect("read");
        let amounts: Vec<i64> = fact.lines.iter().map(|line| line.amount_minor).collect();
        assert_eq!(amounts, invoice.lines.iter().map(|line| line.amount).collect::<Vec<_>>());
        assert_eq!((fact.total_minor, &*fact.status), (invoice.total, invoice.status.as_str()));
    }

    assert_eq!(asked(&simulated, "GET /v1/customers?"), 2);
    assert_eq!(asked(&simulated, "GET /v1/customers?limit=100&starting_after=cus_"), 1);
    let of_lines =
        |simulated: &Simulated| simulated.asked().iter().filter(|asked| asked.contains("/lines?")).count();
    assert_eq!(of_lines(&simulated), 1);
    for request in simulated.server.received() {
        assert_eq!(request.header("stripe-version"), Some(api::VERSION));
        assert_eq!(request.method, "GET");
    }
    // A paid invoice does not change: its lines are not asked for again.
    let again = collected(&*connector, NOW).await;
    assert_eq!(again.facts.invoices.len(), facts.invoices.len());
    assert_eq!(of_lines(&simulated), 1);
}

#[tokio::test]
async fn a_wrong_key_is_told_without_the_key() {
    let simulated = simulated().await;
    let key = "rk_test_not_the_key_4711";
    let snapshot = simulated.connector_with(&[("STRIPE_1_SECRET", key)]).collect(NOW).await;
    let shown = format!("{snapshot:?}");
    let failure = snapshot.failure.expect("a failure");
    assert_eq!(failure.code, ProblemCode::Unauthorized);
    assert!(failure.message.contains("check that `secret` holds a key"), "{}", failure.message);
    assert!(!shown.contains(key) && !shown.contains("rk_test"), "{shown}");
}

/// What is noted where some requests are answered otherwise.
async fn check_problem(
    instead: impl Fn(&Received) -> Option<Reply> + Send + 'static,
    subject: &str,
    code: ProblemCode,
    part: &str,
) -> schema::Snapshot {
    let simulated = simulated().await;
    simulated.instead(instead);
    let snapshot = collected(&*simulated.connector(), NOW).await;
    let problems = &snapshot.problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((&*problems[0].subject, problems[0].code), (subject, code), "{problems:?}");
    assert!(problems[0].message.contains(part), "{problems:?}");
    snapshot
}

fn forbidden(path: &'static str) -> impl Fn(&Received) -> Option<Reply> + Send + 'static {
    move |request| {
        let body = r#"{"error":{"type":"invalid_request_error","message":"The provided key 'rk_test_****' does not have
            the required permissions for this endpoint."}}"#;
        request.path.starts_with(path).then(|| Reply::with("403 Forbidden", body))
    }
}

#[tokio::test]
async fn a_restricted_key_shows_what_it_may() {
    let code = ProblemCode::Forbidden;
    let snapshot = check_problem(
        forbidden("/v1/invoices"),
        "invoices",
        code,
        "give the restricted key \"Invoices: Read\"",
    )
    .await;
    assert!(snapshot.facts.invoices.is_empty() && snapshot.facts.customers.len() == 130);
    assert_eq!(snapshot.unread, [], "invoices are no main list");
    let snapshot = check_problem(forbidden("/v1/customers"), "customers", code, "\"Customers: Read\"").await;
    assert!(matches!(&snapshot.unread[..], [one] if one.list == MainList::Customers && one.withheld));
    assert!(!snapshot.facts.subscription_items.is_empty());
}

#[tokio::test]
async fn a_list_that_comes_back_to_where_it_was_is_left() {
    let part = "comes back to where it was";
    // The same page for ever; two pages that lead to each other; no page at all.
    check_problem(
        |request| {
            let page = r#"{"data":[{"id":"prod_1","name":"a"}],"has_more":true}"#;
            request.path.starts_with("/v1/products").then(|| Reply::json(page))
        },
        "products",
        ProblemCode::BadResponse,
        part,
    )
    .await;
    check_problem(
        |request| {
            let (one, two) = ("prod_1", "prod_2");
            let id = if request.path.contains(one) { two } else { one };
            let page = format!(r#"{{"data":[{{"id":"{id}","name":"a"}}],"has_more":true}}"#);
            request.path.starts_with("/v1/products").then(|| Reply::json(page))
        },
        "products",
        ProblemCode::BadResponse,
        part,
    )
    .await;
    check_problem(
        |request| {
            let page = r#"{"data":[],"has_more":true}"#;
            request.path.starts_with("/v1/products").then(|| Reply::json(page))
        },
        "products",
        ProblemCode::BadResponse,
        part,
    )
    .await;
    check_problem(
        |request| {
            let page = r#"{"data":[{"id":"x&limit=1","name":"a"}],"has_more":true}"#;
            request.path.starts_with("/v1/products").then(|| Reply::json(page))
        },
        "products",
        ProblemCode::BadResponse,
        "none of Stripe's",
    )
    .await;
}

#[tokio::test]
async fn a_list_that_breaks_off_keeps_what_came_and_what_was_known() {
    let simulated = simulated().await;
    let connector = simulated.connector();
    collected(&*connector, NOW).await;
    simulated.instead(|request| {
        let second = request.path.starts_with("/v1/customers?limit=100&starting_after=");
        second.then(|| {
            Reply::Answer("429 Too Many Requests", vec![("retry-after", "7".to_owned())], Vec::new())
        })
    });
    let snapshot = collected(&*connector, NOW.plus(std::time::Duration::from_mins(5))).await;
    let stale = snapshot.facts.customers.iter().filter(|customer| customer.seen.stale).count();
    assert_eq!((snapshot.facts.customers.len(), stale), (130, 30));
    let problems: Vec<_> =
        snapshot.problems.iter().map(|problem| (problem.code, &*problem.subject)).collect();
    assert_eq!(problems, [(ProblemCode::RateLimited, "customers")]);
}

#[tokio::test]
async fn an_id_that_is_none_leads_nowhere() {
    let snapshot = check_problem(
        |request| {
            let page = r#"{"data":[{"id":"in/../../secret","customer":"cus_1","currency":"eur","total":1,
                "lines":{"data":[],"has_more":true}}]}"#;
            request.path.starts_with("/v1/invoices").then(|| Reply::json(page))
        },
        "invoice in/../../secret",
        ProblemCode::BadResponse,
        "its id is none of Stripe's",
    )
    .await;
    assert!(snapshot.facts.invoices.is_empty());
}

#[tokio::test]
async fn a_key_that_can_do_everything_is_told() {
    for (secret, able) in [("rk_live_1", false), ("sk_live_1", true)] {
        let environment = vec![("SECRET".to_owned(), secret.to_owned())];
        let connector = built(&KIND, r#"secret = { env = "SECRET" }"#, environment).expect("a source");
        let told = connector.could_change(NOW).await;
        assert_eq!(told.is_empty(), !able, "{told:?}");
        assert!(told.iter().all(|words| !words.contains(secret)), "{told:?}");
    }
}

#[test]
fn configurations_that_build_nothing_say_why() {
    let check = |lines: &str, secret: &str, key: Option<&str>, part: &str| {
        let environment = vec![("SECRET".to_owned(), secret.to_owned())];
        let error =
            built(&KIND, lines, environment).err().unwrap_or_else(|| panic!("{lines} builds a source"));
        assert_eq!(error.key.as_deref(), key, "{lines}: {error}");
        assert!(error.message.contains(part) && !error.message.contains(secret), "{lines}: {error}");
    };
    let secret = r#"secret = { env = "SECRET" }"#;
    check("", "rk_test_1", Some("secret"), "needs secret");
    check("secret = 'rk_test_1'", "rk_test_1", Some("secret"), "a secret is not written here");
    check(&format!("url = 'stripe'\n{secret}"), "rk_test_1", Some("url"), "https://api.stripe.com");
    check(secret, "pk_test_1", Some("secret"), "publishable key");
    assert!(built(&KIND, secret, vec![("SECRET".to_owned(), "rk_test_1".to_owned())]).is_ok());
}
