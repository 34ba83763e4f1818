//! Who asks.

use resolvers_macros::object;
use schema::policy::Principal;

use crate::RequestContext;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewer<'v> {
    principal: Option<&'v Principal>,
}

impl<'v> Viewer<'v> {
    pub(crate) fn new(context: &'v RequestContext) -> Self {
        Self { principal: context.access.principal().map(|principal| &**principal) }
    }
}

/// What policy permits or forbids, and where.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    permission: String,
    place: String,
    forbidden: bool,
}

/// Who asks, as the token says.
#[object]
impl<'v> Viewer<'v> {
    /// The token's `sub`: who it is, for good.
    fn subject(&self) -> &'v str {
        self.principal.map_or("", |principal| &principal.subject)
    }

    fn name(&self) -> Option<&'v str> {
        self.principal?.name.as_deref()
    }

    /// Realm roles, roles of this gateway's client, and groups of one level.
    fn roles(&self) -> Vec<&'v str> {
        self.principal.into_iter().flat_map(|principal| &principal.roles).map(|role| &**role).collect()
    }

    /// Each with its full path.
    fn groups(&self) -> Vec<&'v str> {
        self.principal.into_iter().flat_map(|principal| &principal.groups).map(|group| &**group).collect()
    }

    /// A second factor is proven.
    fn mfa(&self) -> bool {
        self.principal.is_some_and(|principal| principal.mfa)
    }

    fn grants(&self) -> Vec<Grant> {
        Vec::new()
    }
}

/// What policy permits or forbids, and where.
#[object]
impl Grant {
    fn permission(&self) -> &str {
        &self.permission
    }

    /// cloud:environment:cluster:node, * for any.
    fn place(&self) -> &str {
        &self.place
    }

    fn forbidden(&self) -> bool {
        self.forbidden
    }
}
