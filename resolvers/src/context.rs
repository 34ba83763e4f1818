//! What one request reads: one View and one moment, from its first field to its last.

use std::sync::Arc;

use schema::Timestamp;
use schema::drift::Tracked;
use schema::fact::MainList;
use schema::policy::{Permission, Place};
use schema::view::{GuestRef, OrganizationRef, PlaceRef, SourceRef, SubnetRef, View};

use crate::access::{Sight, Visible as _};
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
    sight: Arc<Sight>,
}

impl RequestContext {
    /// What one request reads, and for whom.
    pub fn new(view: Arc<View>, findings: Arc<[Tracked]>, now: Timestamp, access: Access) -> Self {
        let sight = Arc::new(Sight::of(&view));
        Self { view, findings, now, access, sight }
    }

    /// What was decided for this request already.
    pub(crate) fn sight(&self) -> &Sight {
        &self.sight
    }

    /// Whether the caller may do something at a numbered place.
    pub(crate) fn may(&self, what: Permission, at: PlaceRef) -> bool {
        self.access.is_unlimited() || self.sight.may(&self.access, &self.view, what, at)
    }

    /// Whether the caller may do something at a source's own place.
    pub(crate) fn may_at(&self, what: Permission, source: SourceRef) -> bool {
        self.access.is_unlimited() || self.may(what, self.sight.places().of_source(source))
    }

    /// Whether the caller may do something to a guest.
    pub(crate) fn may_on_guest(&self, what: Permission, guest: GuestRef) -> bool {
        if self.access.is_unlimited() {
            return true;
        }
        let view = &self.view;
        let at = self.sight.places().of_guest(view, guest);
        let owner = || view.owner_of(guest).map(|owner| view.organization(owner));
        self.sight.may_to_owned(&self.access, view, (what, at), owner)
    }

    /// Whether the caller may do something to an organization: at the place of a source that tells of it.
    pub(crate) fn may_on_organization(&self, what: Permission, organization: OrganizationRef) -> bool {
        let (access, view, places) = (&self.access, &self.view, self.sight.places());
        let mut sources = view.sources_of_organization(organization).into_iter();
        let owner = || Some(view.organization(organization));
        access.is_unlimited()
            || sources.any(|at| self.sight.may_to_owned(access, view, (what, places.of_source(at)), owner))
    }

    /// Whether the caller may do something to the rows of a subnet.
    pub(crate) fn may_at_subnet(&self, what: Permission, subnet: SubnetRef) -> bool {
        self.access.is_unlimited() || self.sight.may_at_subnet(&self.access, &self.view, what, subnet)
    }

    /// Whether the caller may do something at some place, or to something that an organization owns.
    pub fn may_somewhere(&self, what: Permission) -> bool {
        let (access, view) = (&self.access, &self.view);
        access.is_unlimited()
            || self.sight.may_somewhere(access, view, what)
            || (access.reads_owner(what)
                && (view.organizations().iter().any(|one| self.may_on_organization(what, one))
                    || view.guests().iter().any(|guest| self.may_on_guest(what, guest))))
    }

    /// The refusal of whoever may do something nowhere; a second factor that would open some place lifts it.
    pub(crate) fn forbidden_everywhere(&self, what: Permission) -> Refusal {
        let second_factor = self.proven(what).is_some_and(|proven| proven.may_somewhere(what));
        Refusal::Forbidden { permission: what, second_factor }
    }

    /// The same request with a second factor, where one could decide about a permission.
    pub(crate) fn proven(&self, what: Permission) -> Option<Self> {
        let access = self.access.proven(what)?;
        Some(Self::new(Arc::clone(&self.view), Arc::clone(&self.findings), self.now, access))
    }

    /// Whether the caller may read the metrics: they name every source and count its calls, so it takes what seeing each of
    /// them at its own place takes. A refusal is noted.
    pub fn may_read_metrics(&self) -> bool {
        let what = Permission::InventoryRead;
        let may = self.may_somewhere(what) && self.view.sources().all(|source| self.may_at(what, source));
        if !may {
            self.access.denials().note(what, "GET", "/metrics", &Place::default());
        }
        may
    }

    /// Whether the caller may do something at every place, so that no list leaves anything out.
    pub(crate) fn may_everywhere(&self, what: Permission) -> bool {
        self.access.is_unlimited() || self.sight.may_everywhere(&self.access, &self.view, what)
    }

    /// What a look-up in these lists is that found nothing: null, or a refusal where a source that could hold it has never
    /// answered for them, or is still reading what its guests bear where an address is looked for.
    pub(crate) fn nothing<T>(
        &self,
        lists: &[MainList],
        could_hold: impl Fn(&schema::SourceInfo) -> bool,
    ) -> Result<Option<T>, Refusal> {
        let silent: Vec<&str> = self
            .view
            .sources()
            .filter(|source| source.visible(self) && could_hold(&self.view.held(*source).info))
            .filter(|source| {
                let reads_on = lists == MainList::OF_ADDRESSES && self.view.is_reading_guests(*source);
                reads_on || !self.view.held(*source).has_answered_for(lists)
            })
            .map(|source| &*self.view.held(source).info.name)
            .collect();
        if silent.is_empty() { Ok(None) } else { Err(Refusal::SourceFailed { sources: silent.join(", ") }) }
    }
}
