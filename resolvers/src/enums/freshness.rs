//! How good a source is, and what is wrong with it.

use super::enumeration;

enumeration! {
    /// How good a source is: the first that holds.
    SourceState = "schema::SourceState" {
        /// The last collection answered; single objects may be stale.
        Current,
        /// The data are older than three intervals.
        Stale,
        /// The last attempt failed as a whole.
        Failed,
        /// No attempt has ended yet.
        Pending,
    }
}

enumeration! {
    /// The kinds of trouble with a source or with one of its objects.
    SourceErrorCode = "schema::source::ProblemCode" {
        Unreachable,
        Timeout,
        Tls,
        Unauthorized,
        Forbidden,
        NotFound,
        RateLimited,
        BadResponse,
        Partial,
        Internal,
    }
}
