//! What the caller of one request may see and do.

mod denials;

use std::sync::Arc;

pub use denials::{Denials, Denied};
use schema::policy::{Policies, Principal};

/// One caller's rights, as of when its request began. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Access {
    caller: Option<Arc<Caller>>,
    denials: Denials,
}

#[derive(Debug)]
struct Caller {
    principal: Arc<Principal>,
    policies: Arc<Policies>,
}

impl Access {
    /// A caller's, by the policies of this moment.
    pub fn of(principal: Arc<Principal>, policies: Arc<Policies>) -> Self {
        Self { caller: Some(Arc::new(Caller { principal, policies })), denials: Denials::default() }
    }

    /// The program's own, which writes exports for whoever runs it; never a request's.
    pub fn unlimited() -> Self {
        Self { caller: None, denials: Denials::default() }
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

    /// Who asks; nobody where the program does.
    pub fn principal(&self) -> Option<&Arc<Principal>> {
        self.caller.as_ref().map(|caller| &caller.principal)
    }

    /// The policies that this request goes by.
    pub fn policies(&self) -> Option<&Arc<Policies>> {
        self.caller.as_ref().map(|caller| &caller.policies)
    }
}
