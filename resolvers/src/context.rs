//! What one request reads: one View and one moment, from its first field to its last.

use std::sync::Arc;

use schema::Timestamp;
use schema::drift::Tracked;
use schema::view::View;

use crate::{Access, Refusal};

/// Put into each request's data by whoever serves it. An answer is consistent because all of it is read from here.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The joined view, as of when the request began.
    pub view: Arc<View>,
    /// What drift remembers, in the order of the findings' keys.
    pub findings: Arc<[Tracked]>,
    /// The request's own time: what turns by time alone turns between requests, not within one.
    pub now: Timestamp,
    /// What the caller may see and do.
    pub access: Access,
}

impl RequestContext {
    /// What a look-up is that found nothing: null, or a refusal where a source that could hold it never answered.
    pub(crate) fn nothing<T>(
        &self,
        could_hold: impl Fn(&schema::SourceInfo) -> bool,
    ) -> Result<Option<T>, Refusal> {
        let silent: Vec<&str> = self
            .view
            .sources()
            .map(|source| self.view.held(source))
            .filter(|held| held.snapshot.is_none() && could_hold(&held.info))
            .map(|held| &*held.info.name)
            .collect();
        if silent.is_empty() { Ok(None) } else { Err(Refusal::SourceFailed { sources: silent.join(", ") }) }
    }
}
