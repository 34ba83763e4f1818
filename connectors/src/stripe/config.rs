//! The keys of a `stripe` source, besides those that every source has.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::connector::SecretAt;
use crate::http::Tls;
use crate::{Build, BuildError, written};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    url: Option<String>,
    secret: SecretAt,
    #[serde(default)]
    tls: Tls,
}

/// What `[[source]]` says of an account, checked.
pub(super) struct Config {
    pub(super) url: Url,
    pub(super) tls: Tls,
    /// A secret or restricted key.
    pub(super) secret: SecretString,
}

/// The keys, for the configuration's own list of what is known.
pub(super) const KEYS: &[&str] = &["url", "tls", "secret"];

impl Config {
    pub(super) fn read(build: Build<'_>) -> Result<Self, BuildError> {
        let written: Written = written::source(build.table, "a source of kind stripe needs secret")?;
        let url = written.url.as_deref().unwrap_or("https://api.stripe.com");
        let url = Url::parse(url).map_err(|error| BuildError {
            key: Some("url".into()),
            message: format!("`url` is no address ({error}); write https://api.stripe.com, or leave it out"),
        })?;
        let secret = build.secrets.of("secret", &written.secret)?;
        if secret.expose_secret().starts_with("pk_") {
            let message = "`secret` is a publishable key, which can read nothing; make a restricted key (rk_...) with \
                           rights to read";
            return Err(BuildError { key: Some("secret".into()), message: message.to_owned() });
        }
        Ok(Self { url, tls: written.tls.within(build.folder), secret })
    }
}
