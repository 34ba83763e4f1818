//! Expected refusals: what a caller who is permitted can do something about.

use resolvers_macros::object;

use crate::enums::enumeration;

enumeration! {
    /// Why a mutation did nothing. What is not permitted at all is an error, FORBIDDEN, and none of these.
    UserErrorCode {
        /// The input is wrong, whatever the state of things.
        Invalid,
        /// There is no such object, or the caller may not see it.
        NotFound,
        /// Something else stands there.
        Conflict,
        /// It has changed since it was read.
        StaleVersion,
        /// Right in itself, but not in this state.
        NotAllowedNow,
        LimitExceeded,
        /// What it takes does not answer: ask again later.
        Unavailable,
    }
}

/// One expected refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UserError {
    code: UserErrorCode,
    message: String,
    path: Option<&'static [&'static str]>,
}

impl UserError {
    /// A refusal for the sake of an input's field, or of none.
    pub(super) fn new(
        code: UserErrorCode,
        path: Option<&'static [&'static str]>,
        message: impl Into<String>,
    ) -> Self {
        Self { code, message: message.into(), path }
    }

    pub(super) fn invalid(path: &'static [&'static str], message: impl Into<String>) -> Self {
        Self::new(UserErrorCode::Invalid, Some(path), message)
    }

    pub(super) fn not_found(path: &'static [&'static str]) -> Self {
        Self::new(UserErrorCode::NotFound, Some(path), "there is nothing of this id that you may see")
    }

    /// As the audit log has it.
    pub(super) fn words(&self) -> String {
        self.message.clone()
    }
}

/// An expected refusal: the mutation did nothing.
#[object]
impl UserError {
    fn code(&self) -> UserErrorCode {
        self.code
    }

    fn message(&self) -> &str {
        &self.message
    }

    /// The field of the input that it is about.
    fn path(&self) -> Option<Vec<&'static str>> {
        self.path.map(<[_]>::to_vec)
    }
}
