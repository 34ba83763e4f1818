//! The guard of fields that take a permission of their own, and the proof that an object may be seen.

use schema::policy::{Permission, Place};

use super::visible::Visible;
use crate::{Refusal, RequestContext};

/// Proof that whoever made an object asked whether the caller may see it; only this module makes one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen(());

/// Proof for an object that the caller may see; `None`: it is not there for them.
pub(crate) fn see(context: &RequestContext, at: impl Visible) -> Option<Seen> {
    at.visible(context).then_some(Seen(()))
}

/// Proof for the whole that a visible part belongs to (a guest's cluster, a port's switch): its own scalars show, its
/// links and lists are guarded as everywhere.
pub(crate) fn whole() -> Seen {
    Seen(())
}

/// An object with fields that take a permission of their own.
pub(crate) trait Guarded {
    /// The request in which it is read.
    fn context(&self) -> &RequestContext;

    /// Whether the caller holds a permission on it.
    fn permits(&self, what: Permission) -> bool;

    /// Where it stands, for the audit log.
    fn stands_at(&self) -> Place;

    /// The organization that it belongs to, where it does to one.
    fn owned_by(&self) -> Option<&str> {
        None
    }

    /// The refusal of whoever does not hold a permission on it.
    fn forbidden(&self, what: Permission) -> Refusal {
        self.context().access.forbidden(what, &self.stands_at(), self.owned_by())
    }
}

/// Asks for a field's own permission; a refusal is noted, and says whether a second factor would lift it.
pub(crate) fn field(
    object: &impl Guarded,
    what: Permission,
    on: &'static str,
    field: &'static str,
) -> Result<(), Refusal> {
    if object.permits(what) {
        return Ok(());
    }
    object.context().access.denials().note(what, on, field, &object.stands_at());
    Err(object.forbidden(what))
}

/// The permission of that name; a name that is none does not compile.
#[expect(clippy::panic, reason = "it is evaluated when the program is compiled, and ends that")]
pub(crate) const fn permission(name: &str) -> Permission {
    let mut index = 0;
    while index < Permission::ALL.len() {
        if same(Permission::ALL[index].name().as_bytes(), name.as_bytes()) {
            return Permission::ALL[index];
        }
        index += 1;
    }
    panic!("no permission has this name")
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}
