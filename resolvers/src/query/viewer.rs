//! Who asks. Until authentication is built nobody has a name, and nobody is told that they hold a role.

use resolvers_macros::object;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewer;

/// What policy permits or forbids, and where.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    permission: String,
    place: String,
    forbidden: bool,
}

/// Who asks. This gateway does not ask for tokens yet, and listens on loopback only: everybody is `anonymous`.
#[object]
impl Viewer {
    fn subject(&self) -> &'static str {
        "anonymous"
    }

    fn name(&self) -> Option<&'static str> {
        None
    }

    fn roles(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn groups(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// A second factor is proven.
    fn mfa(&self) -> bool {
        false
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
