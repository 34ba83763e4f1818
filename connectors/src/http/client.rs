//! The client of one upstream: its addresses, its limits, and one call read from start to end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use reqwest::redirect::Policy;
use schema::source::ProblemCode;
use secrecy::ExposeSecret;
use url::Url;

use super::connections::OF_ONE_SOURCE;
use super::{Answer, Call, CallError, Connections, Tls, fault};
use crate::{BuildError, Limits};

/// A connection that takes longer than this will not come; the rest of the call's time is for the answer.
const CONNECT: Duration = Duration::from_secs(3);
/// Longer than an interval of ten seconds, so that a connection outlives the wait between two collections.
const IDLE: Duration = Duration::from_secs(25);
/// Of a reason phrase, this much is kept.
const LONGEST_REASON: usize = 200;

/// A client of one upstream, which may have several addresses (`url`, `fallback_urls`).
pub struct Client {
    addresses: Vec<Url>,
    /// The address that answered last: calls begin there, so that a dead first address costs its time-out once.
    preferred: AtomicUsize,
    limits: Limits,
    http: reqwest::Client,
}

impl Client {
    /// A client of these addresses, tried in order for calls that may be repeated.
    pub fn new(addresses: Vec<Url>, tls: &Tls, limits: Limits) -> Result<Self, BuildError> {
        if addresses.is_empty() {
            return Err(refused("url", "url is missing: where does the upstream answer?"));
        }
        for (position, address) in addresses.iter().enumerate() {
            check_address(if position == 0 { "url" } else { "fallback_urls" }, address, tls)?;
        }
        let builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            .user_agent(concat!("fleetgraph/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT.min(limits.timeout))
            .pool_max_idle_per_host(OF_ONE_SOURCE)
            .pool_idle_timeout(IDLE);
        // Reading the system's store takes tens of milliseconds, which plain HTTP has no use for.
        let plain = addresses.iter().all(|address| address.scheme() == "http");
        let builder = if plain { builder.tls_certs_only([]) } else { tls.apply(builder)? };
        let http = builder.build().map_err(|error| BuildError {
            key: Some("tls".into()),
            message: format!("no HTTP client can be built: {error}"),
        })?;
        Ok(Self { addresses, preferred: AtomicUsize::new(0), limits, http })
    }

    /// Makes a call and reads its answer whole, whatever its status; a redirect is an error. GET goes to the next address
    /// where one does not answer or says that it cannot reach what was asked for (502 to 504, 595 to 599: another node may);
    /// anything else is sent once. Each address has the call's time limit to itself.
    pub async fn call(&self, call: Call) -> Result<Answer, CallError> {
        let first = self.preferred.load(Ordering::Relaxed);
        let tries = if call.method == Method::GET { self.addresses.len() } else { 1 };
        let mut outcome = None;
        for offset in 0..tries {
            let position = (first + offset) % self.addresses.len();
            let result = self.call_at(&self.addresses[position], &call).await;
            if !is_worth_another_address(&result) {
                self.preferred.store(position, Ordering::Relaxed);
                return result;
            }
            // What the first address said is what people know it by; but an answer of any kind says more than none.
            let settled = match &outcome {
                None => false,
                Some(Ok(_)) => true,
                Some(Err(_)) => result.is_err(),
            };
            if !settled {
                outcome = Some(result);
            }
        }
        outcome.unwrap_or_else(|| Err(CallError::new(ProblemCode::Internal, "there is no address to call")))
    }

    /// This source's share of the connections, which also counts its calls.
    pub fn connections(&self) -> &Connections {
        &self.limits.connections
    }

    async fn call_at(&self, address: &Url, call: &Call) -> Result<Answer, CallError> {
        let _permit = self.limits.connections.enter().await;
        match tokio::time::timeout(self.limits.timeout, self.exchange(address, call)).await {
            Ok(result) => result,
            Err(_) => Err(fault::timed_out(address, "did not finish its answer in time")),
        }
    }

    async fn exchange(&self, address: &Url, call: &Call) -> Result<Answer, CallError> {
        let base = address.as_str().trim_end_matches('/');
        let mut request = self.http.request(call.method.clone(), format!("{base}{}", call.path));
        for (name, value) in &call.headers {
            let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| {
                CallError::new(
                    ProblemCode::Internal,
                    format!("the header {name} cannot be sent: bad characters"),
                )
            })?;
            value.set_sensitive(true);
            request = request.header(name.clone(), value);
        }
        if let Some((content_type, body)) = &call.body {
            request = request.header(CONTENT_TYPE, *content_type).body(body.0.clone());
        }
        let mut response = request.send().await.map_err(|error| fault::of_transport(&error, address))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(fault::of_redirect(response.url(), response.headers()));
        }
        let reason = reason(&response, call);
        let headers = std::mem::take(response.headers_mut());
        if matches!(status.as_u16(), 429 | 503)
            && let Some(wait) = fault::retry_after(&headers)
        {
            self.limits.connections.note_wait(wait);
        }
        let body = self.body(&mut response, address).await?;
        Ok(Answer { status, reason, headers, body })
    }

    /// Reads the body as it comes and stops where it gets too large, whatever the upstream announced.
    async fn body(&self, response: &mut reqwest::Response, address: &Url) -> Result<Bytes, CallError> {
        let most = self.limits.max_answer;
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).is_ok_and(|length| length <= most) {
            let mut body = BytesMut::new();
            while let Some(chunk) =
                response.chunk().await.map_err(|error| fault::of_transport(&error, address))?
            {
                if body.len() + chunk.len() > most {
                    return Err(fault::too_large(address, most));
                }
                body.extend_from_slice(&chunk);
            }
            return Ok(body.freeze());
        }
        Err(fault::too_large(address, most))
    }
}

/// Whether another address may do better: no answer, or the word that what was asked for is out of reach.
fn is_worth_another_address(result: &Result<Answer, CallError>) -> bool {
    match result {
        Ok(answer) => matches!(answer.status.as_u16(), 502..=504 | 595..=599),
        Err(error) => matches!(error.code, ProblemCode::Unreachable | ProblemCode::Timeout),
    }
}

fn check_address(key: &'static str, address: &Url, tls: &Tls) -> Result<(), BuildError> {
    let at = fault::host(address);
    if !matches!(address.scheme(), "http" | "https") || address.host_str().is_none() {
        return Err(refused(key, "an address begins with http:// or https:// and names a host"));
    }
    if !address.username().is_empty() || address.password().is_some() {
        return Err(refused(key, &format!("the address of {at} must hold no user name and no password")));
    }
    if address.query().is_some() || address.fragment().is_some() {
        return Err(refused(key, &format!("the address of {at} must end before any ? or #")));
    }
    if address.scheme() == "http" && *tls != Tls::System {
        return Err(refused(
            "tls",
            &format!(
                "{at} is configured with http://, where tls means nothing: write https://, or leave tls out"
            ),
        ));
    }
    Ok(())
}

fn refused(key: &'static str, message: &str) -> BuildError {
    BuildError { key: Some(key.into()), message: message.to_owned() }
}

/// The reason phrase, unless it is no plain line or repeats a secret of the call.
fn reason(response: &reqwest::Response, call: &Call) -> Option<String> {
    let phrase = response.extensions().get::<hyper::ext::ReasonPhrase>()?;
    let text = std::str::from_utf8(phrase.as_bytes()).ok()?.trim();
    let echoes = call.headers.iter().any(|(_, value)| {
        let value = value.expose_secret();
        let secret = value.rsplit(['=', ' ']).next().unwrap_or(value);
        !secret.is_empty() && text.contains(secret)
    });
    if text.is_empty() || echoes || text.chars().any(char::is_control) {
        return None;
    }
    Some(text.chars().take(LONGEST_REASON).collect())
}
