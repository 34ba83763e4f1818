//! Tokens of the configured issuer: the one [`Authenticate`] of `serve` and `demo`.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use connectors::http::Tls;
use lru::LruCache;
use schema::Timestamp;
use schema::policy::Principal;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest, Sha256};
use store::Database;
use tokio::task::JoinHandle;

use super::confirm::Confirmations;
use super::issuer::Issuer;
use super::keyring::Keyring;
use super::revocations::Revocations;
use super::verified::roles_and_groups;
use super::verify::kid_of;
use super::{
    Authenticate, Caller, IssuerError, Refused, Rules, Unauthenticated, Unconfirmed, Verified, verify,
    verify_logout,
};
use crate::clock::Clock;
use crate::config::Auth;

/// Verified tokens that are remembered; who comes back after being forgotten is verified again.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// What one reading of the issuer at the start is waited for.
const AT_START: Duration = Duration::from_secs(5);

/// A logout waits so long for the database.
const KEPT_WITHIN: Duration = Duration::from_secs(1);

/// Verifies tokens of one issuer, and hears when they end.
pub struct Tokens {
    rules: Arc<Rules>,
    keyring: Arc<Keyring>,
    revocations: Arc<Revocations>,
    confirmations: Option<Confirmations>,
    verified: Mutex<LruCache<[u8; 32], Arc<Verified>>>,
    clock: Clock,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// How the issuer stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IssuerStanding {
    /// Its keys could not be read since.
    pub keys: Option<Timestamp>,
    /// Its not-before could not be read since.
    pub not_before: Option<Timestamp>,
}

impl Tokens {
    /// Prepares to verify; asks nobody yet. `secret` is that of `client_secret`.
    pub fn new(auth: &Auth, secret: Option<SecretString>, database: Option<Database>, clock: Clock) -> Self {
        let tls = auth.ca.clone().map_or(Tls::System, Tls::Ca);
        let issuer =
            Issuer::new(auth.issuer.clone(), auth.jwks_url.clone(), tls, auth.client_id.clone(), secret);
        let issuer = Arc::new(issuer);
        let kept = auth.max_token_life + auth.clock_skew * 2;
        let revocations =
            Revocations::new(Arc::clone(&issuer), auth.issuer.clone(), kept, database, Arc::clone(&clock));
        Self {
            rules: Arc::new(Rules::from(auth)),
            keyring: Arc::new(Keyring::new(Arc::clone(&issuer), Arc::clone(&clock))),
            revocations: Arc::new(revocations),
            confirmations: issuer.has_secret().then(|| Confirmations::new(issuer)),
            verified: Mutex::new(LruCache::new(REMEMBERED)),
            clock,
            tasks: Mutex::default(),
        }
    }

    /// Takes over the revocations that are kept, reads the issuer once, and follows both from then on. An issuer that does
    /// not answer delays the start by some seconds and is no reason not to start.
    pub async fn start(&self) -> Result<(), store::revocations::Failed> {
        self.revocations.load().await?;
        let reading = async {
            let (keys, ()) = tokio::join!(self.keyring.read(), self.revocations.read_not_before());
            if let Err(error) = keys {
                tracing::warn!(%error, "the issuer's keys cannot be read: until they can, every token is refused");
            }
        };
        let _ = tokio::time::timeout(AT_START, reading).await;
        let tasks = [
            tokio::spawn(Arc::clone(&self.keyring).run()),
            tokio::spawn(Arc::clone(&self.revocations).follow_issuer()),
            tokio::spawn(Arc::clone(&self.revocations).follow_database()),
        ];
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).extend(tasks);
        Ok(())
    }

    /// Follows nobody any more: the database is about to close.
    pub fn stop(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.iter().for_each(JoinHandle::abort);
    }

    /// Since when the issuer does not answer.
    pub fn standing(&self) -> IssuerStanding {
        IssuerStanding {
            keys: self.keyring.standing().failing_since(),
            not_before: self.revocations.standing().failing_since(),
        }
    }

    /// Tries everything once that this needs of the issuer: what each brought, in words.
    pub async fn try_issuer(&self) -> Vec<(&'static str, Result<String, IssuerError>)> {
        let mut tried = Vec::new();
        let keys = self.revocations.issuer().keys().await;
        let keys = keys.and_then(|keys| if keys.is_empty() { Err(IssuerError::no_keys()) } else { Ok(keys) });
        tried.push(("keys", keys.map(|keys| format!("{} that sign", keys.len()))));
        let not_before = self.revocations.issuer().not_before().await;
        tried.push((
            "tokens-not-before",
            not_before.map(|at| if at == 0 { "none".into() } else { at.to_string() }),
        ));
        if self.confirmations.is_some() {
            // Nobody's token: what counts is that the issuer takes our own credentials.
            let answer = self.revocations.issuer().introspect(&SecretString::from("none")).await;
            tried.push(("introspection", answer.map(|_| "ok".to_owned())));
        }
        tried
    }

    async fn verified(&self, token: &str) -> Result<Arc<Verified>, Refused> {
        let now = (self.clock)();
        let hash: [u8; 32] = Sha256::digest(token).into();
        let remembered = {
            let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
            verified.get(&hash).cloned()
        };
        let verified = if let Some(verified) = remembered {
            verified
        } else {
            let kid = kid_of(token).ok_or(Refused::Malformed("no kid"))?;
            let keys = self.keyring.keys_for(&kid).await;
            let verified = Arc::new(verify(token, &keys, &self.rules, now)?);
            let mut remembered = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
            remembered.put(hash, Arc::clone(&verified));
            verified
        };
        self.still_good(&verified, now)?;
        Ok(verified)
    }

    /// What ends a token that was good.
    fn still_good(&self, verified: &Verified, now: Timestamp) -> Result<(), Refused> {
        if verified.expires <= now {
            return Err(Refused::Time("exp"));
        }
        if !self.key_is_there(verified) {
            return Err(Refused::UnknownKey);
        }
        if self.revocations.covers(verified) {
            return Err(Refused::Revoked);
        }
        Ok(())
    }

    /// The key that signed it is still the issuer's.
    fn key_is_there(&self, verified: &Verified) -> bool {
        self.keyring.keys().get(&verified.kid).is_some_and(|key| key.identity == verified.key)
    }
}

#[async_trait]
impl Authenticate for Tokens {
    async fn caller(&self, token: Option<&str>) -> Result<Arc<Caller>, Unauthenticated> {
        let refused = match token {
            None => Refused::Missing,
            Some(token) => match self.verified(token).await {
                Ok(verified) => {
                    return Ok(Arc::new(Caller {
                        principal: Arc::new(verified.principal(&self.rules, (self.clock)())),
                        token: Some(SecretString::from(token)),
                        expires: Some(verified.expires),
                        verified: Some(verified),
                    }));
                }
                Err(refused) => refused,
            },
        };
        tracing::debug!(reason = %refused, "a token was refused");
        metrics::counter!("fleetgraph_tokens_refused_total").increment(1);
        Err(Unauthenticated)
    }

    fn now(&self, caller: &Caller) -> Result<Arc<Principal>, Unauthenticated> {
        let Some(verified) = caller.verified.as_deref() else { return Ok(Arc::clone(&caller.principal)) };
        let now = (self.clock)();
        self.still_good(verified, now).map_err(|_| Unauthenticated)?;
        Ok(Arc::new(verified.principal(&self.rules, now)))
    }

    async fn ended(&self, caller: &Caller) {
        let Some(verified) = caller.verified.as_deref() else { return };
        let (mut revoked, mut keys) = (self.revocations.watch(), self.keyring.watch());
        loop {
            revoked.mark_unchanged();
            keys.mark_unchanged();
            let now = (self.clock)();
            if self.still_good(verified, now).is_err() {
                return;
            }
            let left = verified.expires.since(now);
            tokio::select! {
                () = tokio::time::sleep(left.max(Duration::from_millis(10))) => {}
                changed = revoked.changed() => if changed.is_err() { return },
                changed = keys.changed() => if changed.is_err() { return },
            }
        }
    }

    async fn confirm(&self, caller: &Caller) -> Result<Arc<Principal>, Unconfirmed> {
        let inactive = |Unauthenticated| Unconfirmed::Inactive;
        let (Some(confirmations), Some(token), Some(verified)) =
            (&self.confirmations, &caller.token, &caller.verified)
        else {
            return self.now(caller).map_err(inactive);
        };
        let hash = Sha256::digest(token.expose_secret()).into();
        let claims = confirmations.ask(hash, token).await?.ok_or(Unconfirmed::Inactive)?;
        let subject = claims.get("sub").and_then(serde_json::Value::as_str);
        if subject != Some(&*verified.subject) {
            return Err(Unconfirmed::Inactive);
        }
        // It may have ended while the issuer was asked.
        let mut principal = Principal::clone(&*self.now(caller).map_err(inactive)?);
        // An answer of another form than Keycloak's shows no role.
        let (roles, groups) = roles_and_groups(&claims, &self.rules.client_id).unwrap_or_default();
        principal.roles.retain(|role| roles.contains(role));
        principal.groups.retain(|group| groups.contains(group));
        Ok(Arc::new(principal))
    }

    async fn logout(&self, token: &str) -> Result<(), Refused> {
        let kid = kid_of(token).ok_or(Refused::Malformed("no kid"))?;
        let keys = self.keyring.keys_for(&kid).await;
        let ended = verify_logout(token, &keys, &self.rules, (self.clock)())?;
        let revocations = Arc::clone(&self.revocations);
        revocations.note(ended.clone());
        // In this process it has ended by now, and what is kept survives it. The issuer holds the person's logout until it
        // is answered, so a database that is slow or down is waited for no longer; it is tried again behind.
        let keeping = tokio::spawn(async move { revocations.keep(ended).await });
        let _ = tokio::time::timeout(KEPT_WITHIN, keeping).await;
        Ok(())
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        self.stop();
    }
}
