//! A real Keycloak: one server for all tests of a process, realms of ours in it, and what people, programs and
//! administrators do there.
//!
//! A realm is made from `tests/suite/keycloak/realm.json`. What every test may read stands in one that nobody changes; a
//! test that turns keys, sessions or people has a realm of its own, so that tests run side by side.

mod admin;
mod browser;
mod server;
mod tokens;
mod totp;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) use admin::PASSWORD;
pub(crate) use browser::{Browser, Login};
pub(crate) use tokens::{Tokens, claims};

use super::http::Client;

/// Where clients are sent back to. Nobody listens there: a test reads the code out of the redirection.
pub(crate) const CALLBACK: &str = "http://127.0.0.1:1/callback";

/// Realms that are there from the beginning, since making one takes seconds.
const READY: [&str; 9] = ["fleet", "own-1", "own-2", "own-3", "own-4", "own-5", "own-6", "own-7", "own-8"];

/// The realm as checked in, under a name.
fn realm_file(name: &str) -> String {
    include_str!("../../keycloak/realm.json").replace("REALM", name)
}

/// One realm.
#[derive(Clone, Debug)]
pub(crate) struct Realm {
    address: SocketAddr,
    name: &'static str,
    client: Client,
}

impl Realm {
    /// The one that every test may use and none may change.
    pub(crate) async fn shared() -> Self {
        Self::named(server::address().await, READY[0])
    }

    /// One that no other test sees.
    pub(crate) async fn own() -> Self {
        static TAKEN: AtomicUsize = AtomicUsize::new(1);
        let taken = TAKEN.fetch_add(1, Ordering::Relaxed);
        let name = READY.get(taken).unwrap_or_else(|| panic!("one more realm is needed: add it to READY"));
        Self::named(server::address().await, name)
    }

    /// One that somebody makes on the same server under a name of their own, and the address of the server.
    pub(crate) async fn made_by_hand(name: &'static str) -> (Self, String) {
        let address = server::address().await;
        (Self::named(address, name), format!("http://{address}"))
    }

    fn named(address: SocketAddr, name: &'static str) -> Self {
        Self { address, name, client: Client::new(address) }
    }

    /// What its tokens name as `iss`.
    pub(crate) fn issuer(&self) -> String {
        format!("http://{}/realms/{}", self.address, self.name)
    }

    /// The path of one of its OpenID Connect endpoints.
    fn endpoint(&self, name: &str) -> String {
        format!("/realms/{}/protocol/openid-connect/{name}", self.name)
    }
}

/// Pairs as a form or a query string carries them.
fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
