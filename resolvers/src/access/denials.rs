//! What a request was denied: each permission and field once, told when the request is over.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use schema::policy::{Permission, Place};

/// Of one request. Cheap to clone; every clone notes into the same list.
#[derive(Clone, Debug, Default)]
pub struct Denials(Arc<Noted>);

/// One thing that was denied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denied {
    /// What it takes.
    pub permission: Permission,
    /// The type that the field is of.
    pub on: &'static str,
    /// The field.
    pub field: &'static str,
    /// Where it was denied first.
    pub place: Place,
}

type Tell = Box<dyn FnOnce(Vec<Denied>) + Send>;

#[derive(Default)]
struct Noted {
    /// No longer than there are guarded fields in the schema.
    denied: Mutex<BTreeMap<(&'static str, &'static str, Permission), Place>>,
    /// In a lock only so that it can be shared between threads.
    tell: Mutex<Option<Tell>>,
}

impl Denials {
    /// `tell` hears of what was denied once the last clone is gone: the request is over then, however it ended. It is
    /// not called where nothing was denied, and it must not block.
    pub fn telling(tell: impl FnOnce(Vec<Denied>) + Send + 'static) -> Self {
        Self(Arc::new(Noted { denied: Mutex::default(), tell: Mutex::new(Some(Box::new(tell))) }))
    }

    /// Notes that a field was denied at a place; the first place stands.
    pub fn note(&self, permission: Permission, on: &'static str, field: &'static str, place: &Place) {
        let mut denied = self.0.denied.lock().unwrap_or_else(PoisonError::into_inner);
        denied.entry((on, field, permission)).or_insert_with(|| place.clone());
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        let denied = self.denied.get_mut().unwrap_or_else(PoisonError::into_inner);
        let tell = self.tell.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let (false, Some(tell)) = (denied.is_empty(), tell.take()) {
            let each = std::mem::take(denied).into_iter();
            tell(
                each.map(|((on, field, permission), place)| Denied { permission, on, field, place })
                    .collect(),
            );
        }
    }
}

impl fmt::Debug for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Noted").field("denied", &self.denied).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(note: impl FnOnce(&Denials)) -> Vec<Vec<Denied>> {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heard);
        let denials = Denials::telling(move |denied| log.lock().expect("one thread").push(denied));
        let clone = denials.clone();
        note(&denials);
        drop(denials);
        assert_eq!(*heard.lock().expect("one thread"), Vec::<Vec<Denied>>::new(), "the request is not over");
        drop(clone);
        heard.lock().expect("one thread").clone()
    }

    #[test]
    fn each_permission_and_field_is_told_once_when_the_request_is_over() {
        let lab = Place { environment: Some("lab".into()), ..Place::default() };
        let heard = told(|denials| {
            for _ in 0..1000 {
                denials.note(Permission::BillingRead, "Organization", "invoices", &lab);
                denials.note(Permission::BillingRead, "Organization", "invoices", &Place::default());
                denials.note(Permission::OrganizationRead, "Query", "organizations", &Place::default());
            }
        });
        let invoices =
            Denied { permission: Permission::BillingRead, on: "Organization", field: "invoices", place: lab };
        let organizations = Denied {
            permission: Permission::OrganizationRead,
            on: "Query",
            field: "organizations",
            place: Place::default(),
        };
        assert_eq!(heard, [vec![invoices, organizations]]);
    }

    #[test]
    fn a_request_that_was_denied_nothing_tells_nothing() {
        assert_eq!(told(|_| {}), Vec::<Vec<Denied>>::new());
    }
}
