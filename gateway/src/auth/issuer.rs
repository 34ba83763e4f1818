//! The issuer over HTTP: discovery, keys, its public page, introspection. Bounded answers, no redirects.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connectors::connector::Limits;
use connectors::http::{Answer, Call, CallError, Client, SecretBody, Tls};
use http::{Method, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::Keys;
use crate::config::is_protected;

/// One call; whoever sent the token waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);
/// An answer of an issuer is some kilobytes.
const MAX_ANSWER: usize = 1 << 20;

/// Why the issuer brought nothing that can be used: a sentence free of secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct IssuerError(String);

impl IssuerError {
    /// The issuer has answered, with keys of which none can sign.
    pub(super) fn no_keys() -> Self {
        Self("the issuer's key set holds no key that can sign: every token is refused".into())
    }
}

impl From<CallError> for IssuerError {
    fn from(error: CallError) -> Self {
        Self(error.message)
    }
}

/// The endpoints that discovery names.
#[derive(Clone, Debug, Deserialize)]
struct Discovery {
    issuer: String,
    #[serde(deserialize_with = "crate::config::url")]
    jwks_uri: Url,
    /// Parsed when it is needed, which may be never.
    introspection_endpoint: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    #[serde(rename = "tokens-not-before")]
    not_before: i64,
}

/// Asks one issuer.
pub(super) struct Issuer {
    name: String,
    jwks_url: Option<Url>,
    tls: Tls,
    client_id: String,
    secret: Option<SecretString>,
    clients: Mutex<BTreeMap<String, Arc<Client>>>,
    discovery: tokio::sync::Mutex<Option<Arc<Discovery>>>,
}

impl Issuer {
    pub(super) fn new(
        name: String,
        jwks_url: Option<Url>,
        tls: Tls,
        client_id: String,
        secret: Option<SecretString>,
    ) -> Self {
        Self {
            name,
            jwks_url,
            tls,
            client_id,
            secret,
            clients: Mutex::default(),
            discovery: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn has_secret(&self) -> bool {
        self.secret.is_some()
    }

    /// The keys of this moment.
    pub(super) async fn keys(&self) -> Result<Keys, IssuerError> {
        let url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => self.discovery().await?.jwks_uri.clone(),
        };
        let keys = async {
            let body = self.get(&url).await?;
            Keys::parse(&body).map_err(|error| IssuerError(error.to_string()))
        };
        let keys = keys.await;
        if self.jwks_url.is_none() {
            self.ask_where_again(&keys).await;
        }
        keys
    }

    /// The realm's not-before. An absent field is an error: it would read as "nothing was revoked".
    pub(super) async fn not_before(&self) -> Result<i64, IssuerError> {
        let url = self.name.parse::<Url>().map_err(|error| IssuerError(error.to_string()))?;
        let body = self.get(&url).await?;
        let page: Page = connectors::http::parse(&body)?;
        if page.not_before < 0 {
            return Err(IssuerError("tokens-not-before is negative".into()));
        }
        Ok(page.not_before)
    }

    /// What the issuer says of a token now: its claims, or `None` where it is not active.
    pub(super) async fn introspect(
        &self,
        token: &SecretString,
    ) -> Result<Option<Map<String, Value>>, IssuerError> {
        let secret =
            self.secret.as_ref().ok_or_else(|| IssuerError("no client_secret is configured".into()))?;
        let endpoint = self.discovery().await?.introspection_endpoint.clone();
        let endpoint = endpoint.and_then(|endpoint| endpoint.parse::<Url>().ok());
        let endpoint = endpoint.ok_or_else(|| IssuerError("the issuer offers no introspection".into()))?;
        self.check_url(&endpoint)?;
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        // RFC 6749, 2.3.1: both are form-encoded first.
        let both = format!("{}:{}", encode(&self.client_id), encode(secret.expose_secret()));
        let basic = SecretString::from(format!("Basic {}", STANDARD.encode(both)));
        let body = format!("token={}&token_type_hint=access_token", encode(token.expose_secret()));
        let call = Call {
            method: Method::POST,
            path: endpoint.path().to_owned(),
            headers: vec![(header::AUTHORIZATION, basic)],
            body: Some(("application/x-www-form-urlencoded", SecretBody(Bytes::from(body)))),
        };
        let answer = self.client(&endpoint)?.call(call).await.and_then(Answer::success);
        self.ask_where_again(&answer).await;
        let answer = answer?;
        let mut claims: Map<String, Value> = answer.json()?;
        match claims.remove("active") {
            Some(Value::Bool(true)) => Ok(Some(claims)),
            Some(Value::Bool(false)) => Ok(None),
            _ => {
                Err(IssuerError("the issuer's answer about a token does not say whether it is active".into()))
            }
        }
    }

    /// What discovery says, kept until something that it named did not answer.
    async fn discovery(&self) -> Result<Arc<Discovery>, IssuerError> {
        // Whoever comes while one asks waits for what it brings.
        let mut known = self.discovery.lock().await;
        if let Some(known) = &*known {
            return Ok(Arc::clone(known));
        }
        let url = format!("{}/.well-known/openid-configuration", self.name.trim_end_matches('/'));
        let url = url.parse::<Url>().map_err(|error| IssuerError(error.to_string()))?;
        let found: Discovery = connectors::http::parse(&self.get(&url).await?)?;
        if found.issuer != self.name {
            return Err(IssuerError(format!(
                "the address of auth.issuer answers as another issuer, {:?}: its tokens name that one",
                found.issuer.chars().take(200).collect::<String>()
            )));
        }
        self.check_url(&found.jwks_uri)?;
        let found = Arc::new(found);
        *known = Some(Arc::clone(&found));
        Ok(found)
    }

    /// An issuer that has moved its endpoints says so in its discovery only.
    async fn ask_where_again<T, E>(&self, outcome: &Result<T, E>) {
        if outcome.is_err() {
            *self.discovery.lock().await = None;
        }
    }

    /// What discovery says must be as well protected as the issuer's own address.
    fn check_url(&self, url: &Url) -> Result<(), IssuerError> {
        let plain = self.name.starts_with("http://");
        if is_protected(url) && (plain || url.scheme() == "https") {
            return Ok(());
        }
        Err(IssuerError("the issuer's discovery names an address that is not https://".into()))
    }

    async fn get(&self, url: &Url) -> Result<Bytes, IssuerError> {
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        Ok(self.client(url)?.call(Call::get(path)).await?.success()?.body)
    }

    /// The client of an address's server.
    fn client(&self, url: &Url) -> Result<Arc<Client>, IssuerError> {
        let origin = url.origin().ascii_serialization();
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&origin) {
            return Ok(Arc::clone(client));
        }
        let base = origin.parse::<Url>().map_err(|error| IssuerError(error.to_string()))?;
        let tls = if url.scheme() == "http" { Tls::System } else { self.tls.clone() };
        let limits = Limits { timeout: TIMEOUT, max_answer: MAX_ANSWER, ..Limits::default() };
        let client = Client::new(vec![base], &tls, limits).map_err(|error| IssuerError(error.message))?;
        let client = Arc::new(client);
        clients.insert(origin, Arc::clone(&client));
        Ok(client)
    }
}
