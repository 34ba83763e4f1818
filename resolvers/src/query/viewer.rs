//! Who asks, and what policy gives them.

use resolvers_macros::object;
use schema::policy::{self, Principal};

use crate::{Access, RequestContext};

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewer<'v> {
    access: &'v Access,
    principal: Option<&'v Principal>,
}

impl<'v> Viewer<'v> {
    pub(crate) fn new(context: &'v RequestContext) -> Self {
        let access = &context.access;
        Self { access, principal: access.principal().map(|principal| &**principal) }
    }
}

/// What policy permits or forbids, and where.
#[derive(Clone, Debug)]
pub(crate) struct Grant(policy::Grant);

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

    /// What policy permits the caller or forbids, as far as it can be said of places.
    fn grants(&self) -> Vec<Grant> {
        let (Some(policies), Some(principal)) = (self.access.policies(), self.principal) else {
            return Vec::new();
        };
        policies.grants(principal).into_iter().map(Grant).collect()
    }
}

/// What policy permits or forbids, and where.
#[object]
impl Grant {
    fn permission(&self) -> &'static str {
        self.0.permission.name()
    }

    /// cloud:environment:cluster:node, * for any; and @group where only what the sources of that group gave.
    fn place(&self) -> String {
        self.0.place.to_string()
    }

    fn forbidden(&self) -> bool {
        self.0.forbidden
    }
}
