//! Why a token is refused: for our own log and metrics, never for whoever sent it.

/// The first thing that is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is none.
    #[error("no token")]
    Missing,
    /// More than 16 KB.
    #[error("too long")]
    TooLong,
    /// Not three parts of strict base64url that hold JSON objects without duplicate names.
    #[error("not a token: {0}")]
    Malformed(&'static str),
    /// What the header asks for is not done here.
    #[error("header: {0}")]
    Header(&'static str),
    /// No key of the issuer has this `kid`.
    #[error("unknown key")]
    UnknownKey,
    /// Signed by something else.
    #[error("bad signature")]
    Signature,
    /// A claim is missing, of another type, or says something else.
    #[error("claim {0}")]
    Claim(&'static str),
    /// Its time is over, or has not come.
    #[error("not now: {0}")]
    Time(&'static str),
    /// Its session was ended.
    #[error("revoked")]
    Revoked,
}
