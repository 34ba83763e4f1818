//! Who asks: what a bearer token proves, and for how long.

mod caller;
mod confirm;
#[cfg(test)]
mod discovered;
#[cfg(any(test, feature = "testing"))]
pub mod forged;
mod issuer;
mod keyring;
mod keys;
mod logout;
mod refused;
mod revocations;
mod revoked;
mod rules;
mod standing;
mod strict;
mod tokens;
mod verified;
mod verify;

use std::sync::Arc;

use async_trait::async_trait;
pub use caller::{Caller, Unauthenticated, Unconfirmed};
pub use issuer::IssuerError;
pub use keys::{Key, Keys, NoKeys};
pub use logout::{Ended, verify_logout};
pub use refused::Refused;
pub use revoked::Revoked;
pub use rules::Rules;
use schema::policy::Principal;
pub use tokens::{IssuerStanding, Tokens};
pub use verified::Verified;
pub use verify::verify;

/// Whoever can tell who asks. One is made at start and shared by every way in.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// Who a bearer token speaks for, as of now; `None` where the request bore none.
    async fn caller(&self, token: Option<&str>) -> Result<Arc<Caller>, Unauthenticated>;

    /// A caller as of this moment, asked wherever something begins on a token that was verified earlier: a second factor wears
    /// off, and a token that is no good any more speaks for nobody.
    fn now(&self, caller: &Caller) -> Result<Arc<Principal>, Unauthenticated>;

    /// Returns once the caller's token is no good any more: expired, revoked, or its key gone.
    async fn ended(&self, caller: &Caller);

    /// The caller as the issuer knows it at this moment, asked before something is changed.
    async fn confirm(&self, caller: &Caller) -> Result<Arc<Principal>, Unconfirmed>;

    /// Takes the issuer's word that a session was ended. Whoever has no issuer takes nobody's.
    async fn logout(&self, _token: &str) -> Result<(), Refused> {
        Err(Refused::UnknownKey)
    }
}

#[cfg(test)]
mod tests;
