//! What a client is told when it is refused: one code of the published list, and one sentence.

use async_graphql::{ErrorExtensionValues, Pos, ServerError};
use schema::policy::Permission;

/// The codes of `extensions.code` (docs/reference.md, HTTP).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the list and what each means stand in docs/reference.md, once")]
pub enum ErrorCode {
    BadUserInput,
    GraphqlValidationFailed,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    LimitExceeded,
    OperationNotAllowed,
    PersistedQueryNotFound,
    SlowConsumer,
    Timeout,
    SourceFailed,
    Internal,
}

impl ErrorCode {
    /// As clients read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::OperationNotAllowed => "OPERATION_NOT_ALLOWED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::SlowConsumer => "SLOW_CONSUMER",
            Self::Timeout => "TIMEOUT",
            Self::SourceFailed => "SOURCE_FAILED",
            Self::Internal => "INTERNAL",
        }
    }
}

/// Why a field, or a whole operation before it began, is not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// `first` is more than a page.
    #[error(
        "`{field}` asks for {first} at once and a page holds {limit}: ask for fewer{}",
        if *pages { ", and for the rest with `after`" } else { "" }
    )]
    PageTooLarge {
        /// Which field.
        field: String,
        /// What was asked for.
        first: u64,
        /// What is allowed.
        limit: u64,
        /// The field has pages.
        pages: bool,
    },
    /// `first` is below zero.
    #[error("`first` of `{field}` is negative: ask for none or more")]
    NegativePage {
        /// Which field.
        field: String,
    },
    /// A cursor that another list, or another order of this one, gave out.
    #[error(
        "the cursor in `after` belongs to another list or another order: take one from `pageInfo.endCursor` of this one"
    )]
    ForeignCursor,
    /// The operation costs more than is allowed.
    #[error(
        "this operation has a complexity of {cost} and the limit is {limit}: ask for fewer fields or smaller pages"
    )]
    TooComplex {
        /// What it costs.
        cost: u64,
        /// What is allowed.
        limit: u64,
    },
    /// A document that cannot be walked: a fragment that is not there, or one that contains itself.
    #[error("{0}")]
    Document(String),
    /// An argument that could not be read.
    #[error("{0}")]
    Argument(String),
    /// The caller lacks a permission.
    #[error("this takes `{permission}`, which you do not have here{}", if *second_factor { ": it would be yours with a second factor" } else { "" })]
    Forbidden {
        /// Which one.
        permission: schema::policy::Permission,
        /// A second factor would lift it.
        second_factor: bool,
    },
    /// A fault of ours, of which a client learns nothing.
    #[error(
        "something went wrong here that is not your fault: the gateway's log says more, by this answer's x-request-id"
    )]
    Internal,
    /// It concerns something that is hidden from who wants to change it.
    #[error("it concerns something that you may not see: whoever may see all of it can do this{}", if *second_factor { ", you too with a second factor" } else { "" })]
    Unseen {
        /// A second factor would show it.
        second_factor: bool,
    },
    /// The issuer could not confirm the caller before a change.
    #[error(
        "this takes the permission {permission}, and the issuer cannot be asked now whether your token is still good: \
         nothing is changed until it can"
    )]
    Unconfirmed {
        /// What it takes.
        permission: Permission,
    },
    /// The token is no longer good.
    #[error("a valid bearer token is required")]
    Unauthenticated,
    /// Nothing was found, and a source that could hold it has never answered, not for the list that could, or not for all of its guests.
    #[error(
        "not found, but that says little: {sources} did not tell all so far. `error` and `problems` of `sources` tell why"
    )]
    SourceFailed {
        /// Which sources, in words.
        sources: String,
    },
}

impl Refusal {
    /// What a client's program reads.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::PageTooLarge { .. } | Self::TooComplex { .. } => ErrorCode::LimitExceeded,
            Self::NegativePage { .. } | Self::ForeignCursor | Self::Argument(_) => ErrorCode::BadUserInput,
            Self::Document(_) => ErrorCode::GraphqlValidationFailed,
            Self::SourceFailed { .. } => ErrorCode::SourceFailed,
            Self::Forbidden { .. } | Self::Unseen { .. } | Self::Unconfirmed { .. } => ErrorCode::Forbidden,
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::Internal => ErrorCode::Internal,
        }
    }

    /// As async-graphql carries it.
    pub fn into_server_error(self, at: Option<Pos>) -> ServerError {
        let mut error = ServerError::new(self.to_string(), at);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code().as_str());
        error.extensions = Some(extensions);
        error
    }
}
