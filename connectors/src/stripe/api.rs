//! Talking to Stripe: GET only, a pinned version, every list page by page to its end.

use std::collections::BTreeSet;

use http::HeaderName;
use http::header::AUTHORIZATION;
use schema::source::ProblemCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;

use super::config::Config;
use super::wire::{Identified, Page};
use crate::http::{Call, CallError, Client, parse};
use crate::{BuildError, Limits};

/// The version whose shapes `wire` reads; an account's own default would change them under us.
pub(super) const VERSION: &str = "2026-10-28.endive";

/// The header that names it.
pub(super) const VERSION_HEADER: HeaderName = HeaderName::from_static("stripe-version");

/// Stripe's own bound on a page.
const PAGE: usize = 100;

/// A list longer than 100,000 objects is not read to its end within a collection's time anyway.
const MOST_PAGES: usize = 1000;

/// One account.
pub(super) struct Api {
    client: Client,
    authorization: SecretString,
}

/// A list as far as it could be read.
pub(super) struct Listed {
    pub(super) objects: Vec<Box<RawValue>>,
    /// Why it ends before its end.
    pub(super) error: Option<CallError>,
}

impl Api {
    pub(super) fn new(config: &Config, limits: Limits) -> Result<Self, BuildError> {
        let authorization = SecretString::from(format!("Bearer {}", config.secret.expose_secret()));
        Ok(Self { client: Client::new(vec![config.url.clone()], &config.tls, limits)?, authorization })
    }

    /// Everything below `path`; `filter` is more of the query, ending in `&` where there is any. What a restricted key
    /// lacks is called `right`.
    pub(super) async fn list(&self, path: &str, filter: &str, right: &str) -> Listed {
        self.rest(path, filter, right, Page { data: Vec::new(), has_more: true }).await
    }

    /// The list within an object, of which the first page came with it.
    pub(super) async fn within(
        &self,
        id: &str,
        path: &str,
        filter: &str,
        right: &str,
        first: Page,
    ) -> Listed {
        if first.has_more && !is_id(id) {
            let error =
                bad("it goes on, and its id is none of Stripe's, so that the rest cannot be asked for");
            return Listed { objects: first.data, error: Some(error) };
        }
        self.rest(path, filter, right, first).await
    }

    async fn rest(&self, path: &str, filter: &str, right: &str, first: Page) -> Listed {
        let mut listed = Listed { objects: first.data, error: None };
        let mut more = first.has_more;
        let mut cursors = BTreeSet::new();
        while more {
            match self.page(path, filter, right, listed.objects.last().map(AsRef::as_ref), &mut cursors).await
            {
                Ok(page) => {
                    more = page.has_more;
                    listed.objects.extend(page.data);
                }
                Err(error) => {
                    listed.error = Some(error);
                    return listed;
                }
            }
        }
        listed
    }

    async fn page(
        &self,
        path: &str,
        filter: &str,
        right: &str,
        last: Option<&RawValue>,
        cursors: &mut BTreeSet<String>,
    ) -> Result<Page, CallError> {
        let cursor = last.map(cursor).transpose()?.unwrap_or_default();
        if cursors.len() == MOST_PAGES {
            return Err(bad(&format!("the list goes on after {MOST_PAGES} pages and was left there")));
        }
        // A list that says there is more must lead on; one that leads back would be read for ever.
        if !cursors.insert(cursor.clone()) {
            return Err(bad("the list says that it goes on and comes back to where it was"));
        }
        let after = if cursor.is_empty() { cursor } else { format!("&starting_after={cursor}") };
        let call = Call::get(format!("{path}?{filter}limit={PAGE}{after}"))
            .header(AUTHORIZATION, self.authorization.clone())
            .header(VERSION_HEADER, SecretString::from(VERSION));
        let answer = self.client.call(call).await?;
        match answer.status.as_u16() {
            401 => {
                return Err(CallError::new(
                    ProblemCode::Unauthorized,
                    "Stripe refused the key: check that `secret` holds a key that was not rolled or revoked (HTTP 401)",
                ));
            }
            403 => {
                return Err(CallError::new(
                    ProblemCode::Forbidden,
                    format!(
                        "the key may not read this: give the restricted key \"{right}: Read\" (HTTP 403)"
                    ),
                ));
            }
            _ => {}
        }
        answer.success()?.json()
    }
}

/// The id of a page's last object, as it may stand in a query.
fn cursor(last: &RawValue) -> Result<String, CallError> {
    let Identified { id } = parse(last.get().as_bytes())?;
    if is_id(&id) {
        Ok(id)
    } else {
        Err(bad("the list goes on after an object whose id is none of Stripe's"))
    }
}

/// Whether this may be an id of Stripe's, and so may stand in a path or a query as it is.
fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 255
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn bad(message: &str) -> CallError {
    CallError::new(ProblemCode::BadResponse, message)
}
