//! The keys of an `npm` source, besides those that every source has.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::connector::SecretAt;
use crate::http::Tls;
use crate::{Build, BuildError, written};

/// What `[[source]]` says of a proxy. `addresses`, which is a key of this kind too, is read by the gateway into
/// [`schema::SourceInfo::addresses`] and does not arrive here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    url: String,
    identity: String,
    secret: SecretAt,
    #[serde(default)]
    tls: Tls,
}

/// The same, checked.
pub(super) struct Config {
    pub(super) url: Url,
    pub(super) tls: Tls,
    pub(super) identity: String,
    pub(super) secret: SecretString,
}

/// The keys, for the configuration's own list of what is known.
pub(super) const KEYS: &[&str] = &["url", "tls", "identity", "secret", "addresses"];

impl Config {
    pub(super) fn read(build: Build<'_>) -> Result<Self, BuildError> {
        let written: Written =
            written::source(build.table, "a source of kind npm needs url, identity and secret")?;
        let url = Url::parse(&written.url).map_err(|error| BuildError {
            key: Some("url".into()),
            message: format!("`url` is no address ({error}); write it like http://10.0.0.20:81"),
        })?;
        if written.identity.trim().is_empty() {
            let message =
                "`identity` is empty; it is the e-mail address of an account of the proxy".to_owned();
            return Err(BuildError { key: Some("identity".into()), message });
        }
        Ok(Self {
            url,
            tls: written.tls.within(build.folder),
            identity: written.identity.trim().to_owned(),
            secret: build.secrets.of("secret", &written.secret)?,
        })
    }
}
