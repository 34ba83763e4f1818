//! The keys of a `[[source]]` of kind `unifi`.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::connector::SecretAt;
use crate::http::Tls;
use crate::{Build, BuildError, written};

/// Its keys, besides those that every source has.
pub(super) const KEYS: &[&str] = &["url", "tls", "site", "api_key", "username", "password"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    url: String,
    #[serde(default)]
    tls: Tls,
    site: Option<String>,
    api_key: Option<SecretAt>,
    username: Option<String>,
    password: Option<SecretAt>,
}

/// What it is built from.
pub(super) struct Config {
    /// Where the console or the controller answers.
    pub(super) url: Url,
    /// How its certificate is verified.
    pub(super) tls: Tls,
    /// As in `/api/s/{site}/`.
    pub(super) site: String,
    /// By what it lets us in.
    pub(super) access: Access,
}

/// By what a controller lets us in.
pub(super) enum Access {
    /// `X-API-KEY`
    Key(SecretString),
    /// A session.
    Login {
        /// Of a local account.
        username: String,
        /// Its password.
        password: SecretString,
    },
}

impl Config {
    /// Reads them, and the secrets that they name.
    pub(super) fn read(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let table = std::mem::take(&mut build.table);
        let needs = "a source of kind unifi needs url, and api_key or username and password";
        let written: Written = written::source(table, needs)?;
        let url = Url::parse(&written.url)
            .map_err(|error| refused("url", &format!("url cannot be read ({error}): https://10.0.0.1")))?;
        let site = written.site.unwrap_or_else(|| "default".to_owned());
        if site.is_empty() || !site.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        {
            return Err(refused(
                "site",
                "site is the short name that stands in the controller's own addresses (`default`, `x7k2m9ab`): \
                 letters, digits, - and _",
            ));
        }
        let access = match (written.api_key, written.username, written.password) {
            (Some(key), None, None) => Access::Key(build.secrets.of("api_key", &key)?),
            (None, Some(username), Some(password)) => {
                Access::Login { username, password: build.secrets.of("password", &password)? }
            }
            (Some(_), ..) => {
                return Err(refused("api_key", "set either api_key, or username and password, not both"));
            }
            (None, Some(_), None) => return Err(refused("password", "username needs a password beside it")),
            (None, None, _) => {
                return Err(refused("api_key", "set api_key, or username and password of a local account"));
            }
        };
        Ok(Self { url, tls: written.tls, site, access })
    }
}

fn refused(key: &'static str, message: &str) -> BuildError {
    BuildError { key: Some(key.into()), message: message.to_owned() }
}
