//! What one caller sees of one View: each permission decided once a place, and remembered for the request.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use schema::policy::{Permission, Place};
use schema::view::{CertificateRef, PlaceRef, Places, SourceRef, SubnetRef, View};

use super::Access;

const UNDECIDED: u8 = 0;
const ALLOWED: u8 = 1;
const DENIED: u8 = 2;

/// The decisions of one request. What stands at an unnumbered place (a row of the address plan) is kept by the place.
#[derive(Debug)]
pub(crate) struct Sight {
    places: Places,
    decided: [OnceLock<Box<[AtomicU8]>>; Permission::ALL.len()],
    everywhere: [OnceLock<bool>; Permission::ALL.len()],
    elsewhere: Mutex<BTreeMap<(Permission, Place), bool>>,
    /// Certificates of hosts through which the caller sees a path: found once, where the first one is asked for.
    pub(super) certificates: OnceLock<BTreeSet<CertificateRef>>,
    /// Sources of which the caller may see something.
    pub(super) sources: OnceLock<BTreeSet<SourceRef>>,
}

impl Sight {
    pub(crate) fn of(view: &View) -> Self {
        Self {
            places: Places::of(view),
            decided: std::array::from_fn(|_| OnceLock::new()),
            everywhere: std::array::from_fn(|_| OnceLock::new()),
            elsewhere: Mutex::default(),
            certificates: OnceLock::new(),
            sources: OnceLock::new(),
        }
    }

    pub(crate) fn places(&self) -> &Places {
        &self.places
    }

    /// At a numbered place.
    pub(crate) fn may(&self, access: &Access, view: &View, what: Permission, at: PlaceRef) -> bool {
        let table = self.decided[what.index()]
            .get_or_init(|| (0..self.places.len()).map(|_| AtomicU8::new(UNDECIDED)).collect());
        let decided = &table[at.index()];
        match decided.load(Ordering::Relaxed) {
            UNDECIDED => {
                let allowed = access.permits(what, &self.places.place(view, at), None);
                decided.store(if allowed { ALLOWED } else { DENIED }, Ordering::Relaxed);
                allowed
            }
            known => known == ALLOWED,
        }
    }

    /// At a numbered place, to what an organization owns, where that matters.
    pub(crate) fn may_to_owned<'o>(
        &self,
        access: &Access,
        view: &View,
        (what, at): (Permission, PlaceRef),
        owner: impl FnOnce() -> Option<&'o str>,
    ) -> bool {
        if access.reads_owner(what) {
            access.permits(what, &self.places.place(view, at), owner())
        } else {
            self.may(access, view, what, at)
        }
    }

    /// At a row of the address plan: its subnet's environment.
    pub(crate) fn may_at_subnet(
        &self,
        access: &Access,
        view: &View,
        what: Permission,
        at: SubnetRef,
    ) -> bool {
        if view.subnet(at).environment.is_none() {
            return self.may(access, view, what, self.places.of_source(at.source()));
        }
        let place = self.places.place_of_subnet(view, at);
        let mut elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(allowed) = elsewhere.get(&(what, place.clone())) {
            return *allowed;
        }
        let allowed = access.permits(what, &place, None);
        elsewhere.insert((what, place), allowed);
        allowed
    }

    /// At some place of the fleet, or at none in particular.
    pub(crate) fn may_somewhere(&self, access: &Access, view: &View, what: Permission) -> bool {
        access.permits(what, &Place::default(), None)
            || self.places.iter().any(|at| self.may(access, view, what, at))
            || view.subnets().iter().any(|subnet| self.may_at_subnet(access, view, what, subnet))
    }

    /// At every place of the fleet, so that nothing needs to be left out of a list.
    pub(crate) fn may_everywhere(&self, access: &Access, view: &View, what: Permission) -> bool {
        *self.everywhere[what.index()].get_or_init(|| {
            !access.reads_owner(what)
                && self.places.iter().all(|at| self.may(access, view, what, at))
                && view.subnets().iter().all(|subnet| self.may_at_subnet(access, view, what, subnet))
        })
    }
}
