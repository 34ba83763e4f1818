//! Stripe as far as it is read: lists with their pages, keys by Bearer or Basic, its errors and its headers.

mod bodies;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{CUSTOMERS, INVOICES, PRODUCTS, SUBSCRIPTION_ITEMS, SUBSCRIPTIONS, api};
use crate::world::{Ask, Sample, Simulator, Upstream, World};

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
        return page(path, bodies::lines(world, invoice), &query, "line item");
    }
    // Newest first, as the real lists are.
    match path {
        CUSTOMERS => {
            let objects = billing.customers.iter().rev().map(|customer| bodies::customer(world, customer));
            page(path, objects.collect(), &query, "customer")
        }
        SUBSCRIPTIONS => {
            let objects = billing.subscriptions.iter().rev().map(bodies::subscription);
            let wanted = |object: &Value| match query.get("status") {
                Some("all") => true,
                Some(status) => object["status"] == status,
                None => object["status"] != "canceled",
            };
            page(path, objects.filter(wanted).collect(), &query, "subscription")
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
            page(path, bodies::items(subscription), &query, "subscription item")
        }
        PRODUCTS => page(
            path,
            billing.products.iter().rev().map(|product| bodies::product(world, product)).collect(),
            &query,
            "product",
        ),
        INVOICES => {
            let objects = billing.invoices.iter().rev().map(|invoice| bodies::invoice(world, invoice));
            page(path, objects.collect(), &query, "invoice")
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

/// One page: `limit` objects (10 where it is not given) after `starting_after`.
fn page(url: &str, objects: Vec<Value>, query: &Query, kind: &str) -> Result<Value, Refusal> {
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
    let start = match query.get("starting_after") {
        None => 0,
        Some(id) => match objects.iter().position(|object| object["id"] == id) {
            Some(position) => position + 1,
            None => return Err(missing(StatusCode::BAD_REQUEST, kind, id, "starting_after")),
        },
    };
    let has_more = objects.len() > start + limit;
    let data: Vec<Value> = objects.into_iter().skip(start).take(limit).collect();
    Ok(json!({ "object": "list", "url": url, "has_more": has_more, "data": data }))
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
