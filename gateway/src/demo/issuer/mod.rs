//! An OpenID issuer for `demo` and for tests: keys made at the start and never written down, loopback only.
//!
//! It answers like Keycloak where the gateway asks: discovery, keys, the realm's public page, introspection. Its token
//! endpoint gives anybody on this machine a token for any role, which is why nothing but `demo` starts one.

mod key;
mod serve;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum_server::Handle;
use serde_json::{Map, Value, json};
use tokio::task::JoinHandle;

pub use key::IssuerKey;

use crate::clock::Clock;

/// The audience of its tokens, and the client whose roles count.
pub const AUDIENCE: &str = "fleetgraph";
/// The client that its tokens are made for.
pub const CLIENT: &str = "fleetgraph-demo";
/// The secret of [`AUDIENCE`] as a client, which asks about tokens.
pub const SECRET: &str = "demo-secret";
/// The realm of `demo`. Of this name on a loopback address `serve` takes no tokens: anybody there can make them.
const REALM: &str = "demo";
/// Seconds that its tokens live: a working day.
pub const LIFE: i64 = 12 * 60 * 60;

/// A running issuer. Ends when dropped.
pub struct Issuer {
    shared: Arc<Shared>,
    handle: Handle<SocketAddr>,
    task: JoinHandle<()>,
}

struct Shared {
    url: String,
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    /// The last one signs.
    keys: Vec<Arc<IssuerKey>>,
    /// Whether its key set shows them.
    shows_keys: bool,
    not_before: i64,
    made: u64,
    /// Claims that introspection answers instead of the token's own, by `sub`; `None`: not active.
    answers: std::collections::BTreeMap<String, Option<Value>>,
    introspections: u64,
    key_reads: u64,
}

/// Whether this is the name of the issuer that some `fleetgraph demo` runs.
pub fn is_demo(issuer: &str) -> bool {
    let at = issuer.parse::<url::Url>();
    at.is_ok_and(|url| {
        url.scheme() == "http"
            && crate::config::is_protected(&url)
            && url.path().trim_end_matches('/').strip_prefix("/realms/") == Some(REALM)
    })
}

/// Why there is no issuer.
#[derive(Debug, thiserror::Error)]
#[error("the demo's issuer cannot start: {0}")]
pub struct IssuerStartError(String);

impl Issuer {
    /// Starts one on a loopback address; port 0 for any that is free.
    pub fn start(listen: SocketAddr, clock: Clock) -> Result<Self, IssuerStartError> {
        Self::start_as(REALM, listen, clock)
    }

    /// The same under the name of another realm, for tests of what `serve` does with a real one.
    pub fn start_as(realm: &str, listen: SocketAddr, clock: Clock) -> Result<Self, IssuerStartError> {
        let failed = |error: &dyn std::fmt::Display| IssuerStartError(error.to_string());
        if !listen.ip().is_loopback() {
            return Err(failed(&"it gives tokens to whoever asks, so it listens on loopback only"));
        }
        let listener = TcpListener::bind(listen).map_err(|error| failed(&error))?;
        let address = listener.local_addr().map_err(|error| failed(&error))?;
        let key = IssuerKey::generate("demo-1").map_err(|error| failed(&error))?;
        let state = State {
            keys: vec![Arc::new(key)],
            shows_keys: true,
            not_before: 0,
            made: 0,
            answers: std::collections::BTreeMap::default(),
            introspections: 0,
            key_reads: 0,
        };
        let url = format!("http://{address}/realms/{realm}");
        let shared = Arc::new(Shared { url, clock, state: Mutex::new(state) });
        let router = serve::router(realm, Arc::clone(&shared));
        let handle = Handle::new();
        let serving = crate::http::serve(listener, router, handle.clone());
        let task = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the demo's issuer ended");
            }
        });
        tracing::warn!(
            issuer = shared.url,
            "an issuer for demonstrations is running: whoever is on this machine gets a token for any role from it"
        );
        Ok(Self { shared, handle, task })
    }

    /// Its name, `iss` of its tokens.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// A token for somebody with roles of the realm.
    pub fn token(&self, subject: &str, roles: &[&str], second_factor: bool) -> String {
        self.mint(&self.claims(subject, roles, second_factor))
    }

    /// The claims of such a token, in Keycloak's form, for a test to change.
    pub fn claims(&self, subject: &str, roles: &[&str], second_factor: bool) -> Value {
        self.shared.claims(subject, roles, second_factor)
    }

    /// Signs claims as an access token.
    pub fn mint(&self, claims: &Value) -> String {
        self.shared.mint("JWT", claims)
    }

    /// Signs claims under another header type: `logout+jwt`.
    pub fn mint_as(&self, typ: &str, claims: &Value) -> String {
        self.shared.mint(typ, claims)
    }

    /// The key that signs.
    pub fn key(&self) -> Arc<IssuerKey> {
        self.shared.key()
    }

    /// Makes a key that signs from now on; the older ones go, unless they are kept.
    pub fn rotate(&self, keep: bool) -> Result<(), IssuerStartError> {
        let mut state = self.shared.state();
        let name = format!("demo-{}-{}", state.keys.len() + 1, state.made);
        let key = IssuerKey::generate(&name).map_err(|error| IssuerStartError(error.to_string()))?;
        if !keep {
            state.keys.clear();
        }
        state.keys.push(Arc::new(key));
        Ok(())
    }

    /// Whether its key set shows its keys from now on, or none.
    pub fn show_keys(&self, shows: bool) {
        self.shared.state().shows_keys = shows;
    }

    /// Sets the realm's not-before, in seconds.
    pub fn set_not_before(&self, not_before: i64) {
        self.shared.state().not_before = not_before;
    }

    /// What introspection says of a subject's tokens from now on; `None`: that they are not active.
    pub fn answer(&self, subject: &str, claims: Option<Value>) {
        self.shared.state().answers.insert(subject.to_owned(), claims);
    }

    /// How often its keys were read.
    pub fn key_reads(&self) -> u64 {
        self.shared.state().key_reads
    }

    /// How often it was asked about a token.
    pub fn introspections(&self) -> u64 {
        self.shared.state().introspections
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        // Connections that are open would go on without it.
        self.handle.shutdown();
        self.task.abort();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[expect(clippy::expect_used, reason = "there is one from the start, and `rotate` puts another")]
    fn key(&self) -> Arc<IssuerKey> {
        Arc::clone(self.state().keys.last().expect("a key"))
    }

    fn claims(&self, subject: &str, roles: &[&str], second_factor: bool) -> Value {
        let now = (self.clock)().millis().div_euclid(1000);
        let made = {
            let mut state = self.state();
            state.made += 1;
            state.made
        };
        let (acr, amr) = if second_factor { ("2", json!(["pwd", "otp"])) } else { ("1", json!(["pwd"])) };
        json!({
            "iss": self.url, "aud": [AUDIENCE, "account"], "azp": CLIENT, "typ": "Bearer", "sub": subject,
            "iat": now, "exp": now + LIFE, "auth_time": now, "jti": format!("demo:{made}"), "sid": format!("demo-session-{made}"),
            "acr": acr, "amr": amr, "preferred_username": subject,
            "realm_access": { "roles": roles },
        })
    }

    fn mint(&self, typ: &str, claims: &Value) -> String {
        let key = self.key();
        let mut header = Map::new();
        header.insert("alg".into(), "ES256".into());
        header.insert("typ".into(), typ.into());
        header.insert("kid".into(), key.kid().into());
        key.sign(&Value::Object(header), claims)
    }
}
