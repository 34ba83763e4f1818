//! What a failed query means for people, in the words that every source's problems are told in.

use std::fmt;

use schema::source::ProblemCode;

/// A code and a sentence, free of secrets and of statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What kind of failure.
    pub code: ProblemCode,
    /// What is wrong and what to do.
    pub message: String,
}

impl Trouble {
    fn new(code: ProblemCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The server did not answer in time.
    pub fn timeout() -> Self {
        Self::new(ProblemCode::Timeout, "the database did not answer in time: check the host and the network")
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What an error of the driver means. PostgreSQL's own message is repeated only where it names what is missing.
pub fn trouble_of(error: &sqlx::Error) -> Trouble {
    use ProblemCode as Code;
    match error {
        sqlx::Error::Io(source) => Trouble::new(
            Code::Unreachable,
            format!("no connection ({source}): start the database, or check host and port"),
        ),
        sqlx::Error::PoolTimedOut => Trouble::new(
            Code::Unreachable,
            "the database gave no connection in time: start it, or check its limits",
        ),
        sqlx::Error::PoolClosed => Trouble::new(Code::Unreachable, "the gateway is shutting down"),
        sqlx::Error::Tls(source) => {
            Trouble::new(Code::Tls, format!("TLS failed ({source}): check sslmode and sslrootcert"))
        }
        sqlx::Error::Database(source) => {
            of_state(source.code().as_deref().unwrap_or_default(), source.message())
        }
        sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::TypeNotFound { .. }
        | sqlx::Error::RowNotFound => Trouble::new(
            Code::BadResponse,
            format!("the tables are not those that this program knows: {error}"),
        ),
        // The driver takes the end of the connection for an answer of zero. What stands before a database that is away (a
        // balancer) closes so.
        sqlx::Error::Protocol(said) if said.contains("from SSLRequest: 0x00") => Trouble::new(
            Code::Unreachable,
            "the connection to the database was closed at once: start it, or check what stands before it",
        ),
        sqlx::Error::Protocol(_) => Trouble::new(
            Code::BadResponse,
            "what answers does not speak PostgreSQL's protocol: check the port",
        ),
        _ => Trouble::new(Code::Internal, format!("the database driver failed: {error}")),
    }
}

/// By SQLSTATE (PostgreSQL's documentation, appendix A).
fn of_state(state: &str, message: &str) -> Trouble {
    use ProblemCode as Code;
    let (code, advice) = match (state.get(..2).unwrap_or_default(), state) {
        ("28", _) => (Code::Unauthorized, "check user and password"),
        (_, "42501") => (Code::Forbidden, "grant the user the right"),
        (_, "3D000" | "42P01" | "42703" | "3F000") => {
            (Code::NotFound, "check the database's name and that it holds the gateway's tables")
        }
        (_, "57014" | "55P03") => (Code::Timeout, "something holds it up: look at pg_stat_activity"),
        (_, "53100") => (Code::Unreachable, "the database's disk is full: free some space"),
        (_, "53300") => (Code::Unreachable, "raise max_connections or close other sessions"),
        ("08" | "53" | "57", _) => (Code::Unreachable, "see the database's log"),
        ("25", "25006") => (Code::Forbidden, "the database is read-only: name the primary"),
        _ => (Code::BadResponse, "see the database's log"),
    };
    // The server's own words: bounded, and of one line.
    let message: String = message.chars().filter(|letter| !letter.is_control()).take(200).collect();
    Trouble::new(code, format!("{message}: {advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_code() {
        for (state, expected) in [
            ("28P01", ProblemCode::Unauthorized),
            ("28000", ProblemCode::Unauthorized),
            ("42501", ProblemCode::Forbidden),
            ("42P01", ProblemCode::NotFound),
            ("3D000", ProblemCode::NotFound),
            ("57014", ProblemCode::Timeout),
            ("57P03", ProblemCode::Unreachable),
            ("57P01", ProblemCode::Unreachable),
            ("53100", ProblemCode::Unreachable),
            ("53300", ProblemCode::Unreachable),
            ("08006", ProblemCode::Unreachable),
            ("25006", ProblemCode::Forbidden),
            ("22P02", ProblemCode::BadResponse),
            ("", ProblemCode::BadResponse),
        ] {
            assert_eq!(of_state(state, "so it is").code, expected, "{state}");
        }
        assert_eq!(of_state("53100", "a\nb").message, "ab: the database's disk is full: free some space");
    }
}
