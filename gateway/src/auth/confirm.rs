//! Asking the issuer about a token before something is changed: answers kept for five seconds, one question at a time.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;
use secrecy::SecretString;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::Unconfirmed;
use super::issuer::Issuer;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(5);
/// Answers that are kept.
const MOST: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

type Answer = Result<Option<Arc<Map<String, Value>>>, Unconfirmed>;
type Slot = Arc<tokio::sync::Mutex<Option<(Instant, Answer)>>>;

pub(super) struct Confirmations {
    issuer: Arc<Issuer>,
    slots: Mutex<LruCache<[u8; 32], Slot>>,
}

impl Confirmations {
    pub(super) fn new(issuer: Arc<Issuer>) -> Self {
        Self { issuer, slots: Mutex::new(LruCache::new(MOST)) }
    }

    /// What the issuer says of a token; `hash` is the token's.
    pub(super) async fn ask(&self, hash: [u8; 32], token: &SecretString) -> Answer {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.get_or_insert(hash, Slot::default))
        };
        let mut kept = slot.lock().await;
        if let Some((at, answer)) = &*kept
            && at.elapsed() < KEPT
        {
            return answer.clone();
        }
        let answer = match self.issuer.introspect(token).await {
            Ok(claims) => Ok(claims.map(Arc::new)),
            Err(error) => {
                tracing::warn!(%error, "the issuer could not be asked about a token; nothing is changed");
                Err(Unconfirmed::Unreachable)
            }
        };
        *kept = Some((Instant::now(), answer.clone()));
        answer
    }
}
