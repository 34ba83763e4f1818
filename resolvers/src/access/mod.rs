//! What the caller of one request may see and do.

mod denials;
mod guard;
mod sight;
#[cfg(test)]
mod tests;
mod visible;

use std::sync::Arc;

pub use denials::{Denials, Denied};
pub(crate) use guard::{Guarded, Seen, field, permission, see, whole};
use schema::policy::{Asking, Permission, Place, Policies, Principal};
pub(crate) use sight::Sight;
pub(crate) use visible::{Visible, leads_to_visible, sees, shows_its_end};

use crate::Refusal;
use crate::mutation::Act;

/// One caller's rights, as of when its request began. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Access {
    caller: Option<Arc<Asking>>,
    denials: Denials,
    act: Option<Arc<dyn Act>>,
}

impl Access {
    /// A caller's, by the policies of this moment.
    pub fn of(caller: Asking) -> Self {
        Self { caller: Some(Arc::new(caller)), denials: Denials::default(), act: None }
    }

    /// The program's own, which writes exports for whoever runs it; never a request's.
    pub fn unlimited() -> Self {
        Self { caller: None, denials: Denials::default(), act: None }
    }

    /// The same, with what is denied noted for somebody to hear of.
    #[must_use]
    pub fn noting(self, denials: Denials) -> Self {
        Self { denials, ..self }
    }

    /// Where each refusal for want of a permission is noted.
    pub fn denials(&self) -> &Denials {
        &self.denials
    }

    /// The same, with a way to change something.
    #[must_use]
    pub fn acting(self, act: Arc<dyn Act>) -> Self {
        Self { act: Some(act), ..self }
    }

    /// The way to change something, where there is one.
    pub(crate) fn act(&self) -> Option<&Arc<dyn Act>> {
        self.act.as_ref()
    }

    /// Who asks; nobody where the program does.
    pub fn principal(&self) -> Option<&Arc<Principal>> {
        self.caller.as_ref().map(|caller| caller.principal())
    }

    /// The policies that this request goes by.
    pub fn policies(&self) -> Option<&Policies> {
        self.caller.as_ref().map(|caller| caller.policies())
    }

    /// Nothing is kept from the caller: the program itself asks.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.caller.is_none()
    }

    /// Whether the policies permit something at a place, to what an organization owns.
    pub(crate) fn permits(&self, what: Permission, at: &Place, owner: Option<&str>) -> bool {
        self.caller.as_ref().is_none_or(|caller| caller.permits(what, at, owner))
    }

    /// Whether it matters to this permission who owns a thing, besides where it stands.
    pub(crate) fn reads_owner(&self, what: Permission) -> bool {
        self.caller.as_ref().is_some_and(|caller| caller.policies().depends_on(what).owner)
    }

    /// Whether a policy forbids something outright at a place: one that permits it elsewhere is no answer to that.
    pub(crate) fn forbids(&self, what: Permission, at: &Place, owner: Option<&str>) -> bool {
        self.caller.as_ref().is_some_and(|caller| caller.forbids(what, at, owner))
    }

    /// The same caller with a second factor, where one could decide about a permission.
    pub(crate) fn proven(&self, what: Permission) -> Option<Self> {
        let proven = self.caller.as_ref()?.proven(what)?;
        Some(Self { caller: Some(Arc::clone(proven)), denials: Denials::default(), act: None })
    }

    /// The refusal for want of a permission at a place, on what an organization owns.
    pub(crate) fn forbidden(&self, what: Permission, at: &Place, owner: Option<&str>) -> Refusal {
        let caller = self.caller.as_ref();
        let second_factor = caller.is_some_and(|caller| caller.lifted_by_second_factor(what, at, owner));
        Refusal::Forbidden { permission: what, second_factor }
    }
}
