//! Who asks: what a bearer token proves, and for how long.

mod caller;

use std::sync::Arc;

use async_trait::async_trait;
pub use caller::{Caller, Unauthenticated, Unconfirmed};
use schema::policy::Principal;

/// Whoever can tell who asks. One is made at start and shared by every way in.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// Who a bearer token speaks for; `None` where the request bore none.
    async fn caller(&self, token: Option<&str>) -> Result<Arc<Caller>, Unauthenticated>;

    /// Returns once the caller's token is no good any more: expired, revoked, or its key gone.
    async fn ended(&self, caller: &Caller);

    /// The caller as the issuer knows it at this moment, asked before something is changed.
    async fn confirm(&self, caller: &Caller) -> Result<Arc<Principal>, Unconfirmed>;
}

/// Takes everybody for an administrator: for as long as no issuer is configured, on loopback only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anyone;

#[async_trait]
impl Authenticate for Anyone {
    async fn caller(&self, _: Option<&str>) -> Result<Arc<Caller>, Unauthenticated> {
        let principal = Principal::with_roles("anonymous", ["sankofa-it-admin"], true);
        Ok(Arc::new(Caller { principal: Arc::new(principal), token: None, expires: None }))
    }

    async fn ended(&self, _: &Caller) {
        std::future::pending::<()>().await;
    }

    async fn confirm(&self, caller: &Caller) -> Result<Arc<Principal>, Unconfirmed> {
        Ok(Arc::clone(&caller.principal))
    }
}
