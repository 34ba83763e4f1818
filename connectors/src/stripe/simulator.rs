//! Stripe as far as it is read: lists with their pages, keys by Bearer or Basic, its errors and its headers.

mod bodies;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use schema::fact::EntitlementStatus;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{CUSTOMERS, INVOICES, PRODUCTS, SUBSCRIPTION_ITEMS, SUBSCRIPTIONS, api};
use crate::world::{
    Ask, Customer, Invoice, InvoiceLine, Product, Sample, Simulator, Subscription, SubscriptionItem,
    Upstream, World,
};

pub(super) const SIMULATOR: Simulator = Simulator { upstreams, answer, samples };

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

fn upstreams(world: &World) -> Vec<Upstream> {
    let billing = &world.billing;
    if billing.source.is_empty() {
        return Vec::new();
    }
    let variable = format!("{}_SECRET", billing.source.to_uppercase().replace('-', "_"));
    vec![Upstream {
        name: billing.source.clone(),
        source: billing.source.clone(),
        tls: false,
        configuration: vec![format!("secret = {{ env = {variable:?} }}")],
        environment: vec![(variable, billing.secret.clone())],
    }]
}

fn answer(ask: &Ask<'_>) -> Response<Bytes> {
    let (status, body) = match authorized(ask).and_then(|()| route(ask)) {
        Ok(body) => (StatusCode::OK, body),
        Err(refusal) => (refusal.status, json!({ "error": refusal.error })),
    };
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let seed = format!("{}\n{}\n{}", ask.world.seed, ask.now.millis(), ask.request.uri());
    let id = format!("req_{:.14}", format!("{:x}", Sha256::digest(seed)));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(version) = ask.request.headers().get(api::VERSION_HEADER) {
        headers.insert(api::VERSION_HEADER, version.clone());
    }
    response
}

/// A good request for each endpoint.
fn samples(world: &World) -> Vec<Sample> {
    let Some(upstream) = upstreams(world).pop() else { return Vec::new() };
    let mut paths = vec![
        format!("{CUSTOMERS}?limit=100"),
        format!("{SUBSCRIPTIONS}?status=all&limit=100"),
        format!("{PRODUCTS}?limit=100"),
        format!("{INVOICES}?limit=100"),
    ];
    paths.extend(
        world.billing.subscriptions.first().map(|of| format!("{SUBSCRIPTION_ITEMS}?subscription={}", of.id)),
    );
    paths.extend(world.billing.invoices.first().map(|invoice| format!("{INVOICES}/{}/lines", invoice.id)));
    let bearer = format!("Bearer {}", world.billing.secret);
    paths
        .into_iter()
        .filter_map(|path| {
            let request =
                Request::get(path).header(AUTHORIZATION, &bearer).header(api::VERSION_HEADER, api::VERSION);
            request.body(Bytes::new()).ok()
        })
        .map(|request| (upstream.clone(), request))
        .collect()
}

/// An error as Stripe words it.
struct Refusal {
    status: StatusCode,
    error: Value,
}

fn refusal(status: StatusCode, message: &str) -> Refusal {
    Refusal { status, error: json!({ "message": message, "type": "invalid_request_error" }) }
}

/// The key as a bearer token, or as the user name of Basic without a password.
fn authorized(ask: &Ask<'_>) -> Result<(), Refusal> {
    let header = ask.request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = match header.and_then(|value| value.split_once(' ')) {
        Some(("Bearer", key)) => key.trim().to_owned(),
        Some(("Basic", encoded)) => {
            let decoded =
                STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            decoded.unwrap_or_default().split(':').next().unwrap_or_default().to_owned()
        }
        _ => {
            return Err(refusal(
                StatusCode::UNAUTHORIZED,
                "You did not provide an API key. You need to provide your API key in the Authorization header, using \
                 Bearer auth.",
            ));
        }
    };
    if key == ask.world.billing.secret {
        return Ok(());
    }
    // The real one shows the first and the last few characters.
    Err(refusal(StatusCode::UNAUTHORIZED, "Invalid API Key provided: rk_test_****"))
}

fn route(ask: &Ask<'_>) -> Result<Value, Refusal> {
    let (method, path) = (ask.request.method(), ask.request.uri().path());
    if method != Method::GET {
        return Err(refusal(
            StatusCode::FORBIDDEN,
            "The provided key does not have the required permissions.",
        ));
    }
    let query = Query::of(ask.request.uri().query().unwrap_or_default());
    let world = ask.world;
    let billing = &world.billing;
    let lines_of = path.strip_prefix(INVOICES).and_then(|rest| rest.strip_prefix('/'));
    if let Some(id) = lines_of.and_then(|rest| rest.strip_suffix("/lines")) {
        let Some(invoice) = billing.invoices.iter().find(|invoice| invoice.id == id) else {
            return Err(missing(StatusCode::NOT_FOUND, "invoice", id, "invoice"));
        };
        let list = List { path, kind: "line item", id: |line: &InvoiceLine| &line.id };
        return list.page(invoice.lines.iter(), &query, |line| bodies::line(world, invoice, line));
    }
    // Newest first, as the real lists are.
    match path {
        CUSTOMERS => {
            let list = List { path, kind: "customer", id: |customer: &Customer| &customer.id };
            list.page(billing.customers.iter().rev(), &query, |customer| bodies::customer(world, customer))
        }
        SUBSCRIPTIONS => {
            let wanted = |subscription: &&Subscription| match query.get("status") {
                Some("all") => true,
                Some(status) => bodies::status(subscription.status) == status,
                None => subscription.status != EntitlementStatus::Canceled,
            };
            let list =
                List { path, kind: "subscription", id: |subscription: &Subscription| &subscription.id };
            list.page(billing.subscriptions.iter().rev().filter(wanted), &query, bodies::subscription)
        }
        SUBSCRIPTION_ITEMS => {
            let Some(id) = query.get("subscription") else {
                let mut refused = refusal(StatusCode::BAD_REQUEST, "Missing required param: subscription.");
                refused.error["param"] = json!("subscription");
                refused.error["code"] = json!("parameter_missing");
                return Err(refused);
            };
            let Some(subscription) = billing.subscriptions.iter().find(|subscription| subscription.id == id)
            else {
                return Err(missing(StatusCode::NOT_FOUND, "subscription", id, "subscription"));
            };
            let list = List { path, kind: "subscription item", id: |item: &SubscriptionItem| &item.id };
            list.page(subscription.items.iter(), &query, |item| bodies::item(subscription, item))
        }
        PRODUCTS => {
            let list = List { path, kind: "product", id: |product: &Product| &product.id };
            list.page(billing.products.iter().rev(), &query, |product| bodies::product(world, product))
        }
        INVOICES => {
            let list = List { path, kind: "invoice", id: |invoice: &Invoice| &invoice.id };
            list.page(billing.invoices.iter().rev(), &query, |invoice| bodies::invoice(world, invoice))
        }
        _ => {
            let message = format!("Unrecognized request URL ({method}: {path}).");
            Err(refusal(StatusCode::NOT_FOUND, &message))
        }
    }
}

fn missing(status: StatusCode, kind: &str, id: &str, param: &str) -> Refusal {
    let mut refused = refusal(status, &format!("No such {kind}: '{id}'"));
    refused.error["code"] = json!("resource_missing");
    refused.error["param"] = json!(param);
    refused
}

/// A list of the world's objects, as Stripe lists them.
struct List<'a, T> {
    path: &'a str,
    /// What its errors call an object.
    kind: &'a str,
    id: fn(&T) -> &String,
}

impl<T> List<'_, T> {
    /// One page: `limit` objects (10 where it is not given) after `starting_after`.
    fn page<'w>(
        &self,
        objects: impl Iterator<Item = &'w T>,
        query: &Query,
        body: impl Fn(&T) -> Value,
    ) -> Result<Value, Refusal>
    where
        T: 'w,
    {
        let limit = match query.get("limit").map(str::parse::<usize>) {
            None => 10,
            Some(Ok(limit @ 1..=100)) => limit,
            Some(_) => {
                let mut refused = refusal(StatusCode::BAD_REQUEST, "Invalid integer: limit");
                refused.error["code"] = json!("parameter_invalid_integer");
                refused.error["param"] = json!("limit");
                return Err(refused);
            }
        };
        let mut objects = objects.peekable();
        if let Some(after) = query.get("starting_after")
            && !objects.by_ref().any(|object| (self.id)(object) == after)
        {
            return Err(missing(StatusCode::BAD_REQUEST, self.kind, after, "starting_after"));
        }
        let data: Vec<Value> = objects.by_ref().take(limit).map(body).collect();
        Ok(json!({ "object": "list", "url": self.path, "has_more": objects.peek().is_some(), "data": data }))
    }
}

struct Query(Vec<(String, String)>);

impl Query {
    fn of(text: &str) -> Self {
        Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
