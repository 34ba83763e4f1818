//! Who asks, as policies see them.

use std::collections::BTreeSet;
use std::sync::Arc;

/// A person or a service account, as a verified token describes them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal {
    /// `sub`: who it is, for good.
    pub subject: Arc<str>,
    /// `preferred_username` or `name`, for people to read; decides nothing.
    pub name: Option<Arc<str>>,
    /// Realm roles, roles of our client, and groups of one level.
    pub roles: BTreeSet<Arc<str>>,
    /// Groups, each with its full path: `/fleet/night shift`.
    pub groups: BTreeSet<Arc<str>>,
    /// A second factor is proven.
    pub mfa: bool,
    /// The organization that the principal belongs to, where its token says so.
    pub organization: Option<Arc<str>>,
}

impl Principal {
    /// Somebody with these roles and nothing else.
    pub fn with_roles<'r>(subject: &str, roles: impl IntoIterator<Item = &'r str>, mfa: bool) -> Self {
        Self {
            subject: subject.into(),
            name: None,
            roles: roles.into_iter().map(Into::into).collect(),
            groups: BTreeSet::new(),
            mfa,
            organization: None,
        }
    }
}
