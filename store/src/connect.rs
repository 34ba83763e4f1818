//! How to reach a server: from a URL, of which nothing secret is ever shown, or over the private cluster's socket.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use crate::cluster::OWNER;

/// A URL that names no server; says nothing of what stands in it, which may be a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Of another scheme, or no URL.
    #[error("not a PostgreSQL URL: write postgres://user:password@host:port/name")]
    NotPostgres,
    /// A parameter that the driver would pass over in silence.
    #[error("the parameter {0:?} is not known: known are {known}", known = PARAMETERS.join(", "))]
    Parameter(String),
    /// A value that cannot be read.
    #[error("a part of it cannot be read: check the port, sslmode and that %XX escapes are UTF-8")]
    Value,
}

/// What may stand behind the question mark.
const PARAMETERS: &[&str] = &[
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// Longest name of a parameter that an error repeats: beyond it is no slip of the pen.
const LONGEST_NAME: usize = 40;

/// Reads `postgres://user:password@host:port/name?sslmode=...`.
pub(crate) fn from_url(url: &SecretString) -> Result<PgConnectOptions, UrlError> {
    let url = url.expose_secret();
    let parsed = Url::parse(url).map_err(|_| UrlError::NotPostgres)?;
    if !matches!(parsed.scheme(), "postgres" | "postgresql") {
        return Err(UrlError::NotPostgres);
    }
    for (name, _) in parsed.query_pairs() {
        if !PARAMETERS.contains(&&*name) {
            return Err(UrlError::Parameter(name.chars().take(LONGEST_NAME).collect()));
        }
    }
    PgConnectOptions::from_str(url).map(ours).map_err(|_| UrlError::Value)
}

/// The private cluster: its socket's folder lets nobody in but us.
pub(crate) fn to_socket(folder: &Path) -> PgConnectOptions {
    ours(
        PgConnectOptions::new_without_pgpass()
            .socket(folder)
            .port(5432)
            .username(OWNER)
            .database("fleetgraph")
            .ssl_mode(PgSslMode::Disable),
    )
}

/// Host, port and name, for error messages.
pub(crate) fn place(options: &PgConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => options.get_host().to_owned(),
    };
    format!("{} at {host}:{}", options.get_database().unwrap_or("(no name)"), options.get_port())
}

fn ours(options: PgConnectOptions) -> PgConnectOptions {
    options
        .application_name("fleetgraph")
        .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &Result<&str, UrlError>) {
        let read = from_url(&SecretString::from(url)).map(|options| place(&options));
        assert_eq!(read.as_deref(), expected.as_ref().copied(), "{url}");
        if let Err(error) = read {
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn urls_are_read_and_nothing_secret_is_shown() {
        check("postgres://u:s3cret@db.example.org:6000/fleet", &Ok("fleet at db.example.org:6000"));
        check("postgresql://u@db.example.org/fleet?sslmode=verify-full", &Ok("fleet at db.example.org:5432"));
        check("postgres://u@%2Frun%2Fpostgresql/fleet", &Ok("fleet at /run/postgresql:5432"));
        check("mysql://u:s3cret@db/fleet", &Err(UrlError::NotPostgres));
        check("host=db password=s3cret", &Err(UrlError::NotPostgres));
        check("", &Err(UrlError::NotPostgres));
        check("postgres://u:s3cret@db/fleet?sslmode=s3cret", &Err(UrlError::Value));
        check("postgres://u:s3cret@db:66000/fleet", &Err(UrlError::NotPostgres));
        check("postgres://u@db/fleet?pasword=s3cret", &Err(UrlError::Parameter("pasword".into())));
    }
}
