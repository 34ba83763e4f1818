//! `[auth]`: whose tokens are taken, and what they must prove (docs/reference.md, Permissions).

use std::path::PathBuf;
use std::time::Duration;

use connectors::connector::SecretAt;
use connectors::written::fitting;
use serde::Deserialize;
use url::Url;

use super::ConfigError;
use super::document::{Document, Step};
use super::sections::duration;

/// `[auth]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// `issuer`: the OpenID issuer, exactly as its tokens name it.
    pub issuer: String,
    /// `audience`: a token must be for one of these.
    pub audience: Vec<String>,
    /// `client_id`: whose roles in `resource_access` count.
    pub client_id: String,
    /// `client_secret`: with it, whatever changes something is checked with the issuer first.
    pub client_secret: Option<SecretAt>,
    /// `clients`: `azp` must be one of these; left out: any client of the realm.
    pub clients: Option<Vec<String>>,
    /// `logout_audience`: front clients whose back-channel logout is accepted; left out: `clients`.
    pub logout_audience: Option<Vec<String>>,
    /// `mfa`: what proves a second factor; left out: nothing does.
    #[serde(default)]
    pub mfa: Mfa,
    /// `jwks_url`: where the issuer's keys are; left out: where its discovery says.
    #[serde(default, deserialize_with = "some_url")]
    pub jwks_url: Option<Url>,
    /// `ca`: a PEM file of the CAs that the issuer's certificate is verified by; left out: the system's.
    pub ca: Option<PathBuf>,
    /// `clock_skew`: how far the issuer's clock may be from ours.
    #[serde(default = "default_skew", deserialize_with = "duration")]
    pub clock_skew: Duration,
    /// `max_token_life`: a token that was issued for longer is refused.
    #[serde(default = "default_life", deserialize_with = "duration")]
    pub max_token_life: Duration,
    /// `policy_dir`: policies besides those that come with the program.
    pub policy_dir: Option<PathBuf>,
}

/// `auth.mfa`: each one given must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mfa {
    /// `acr`: exactly one of these.
    pub acr: Vec<String>,
    /// `amr`: holds one of these.
    pub amr: Vec<String>,
    /// `max_age`: since the person last proved who they are.
    #[serde(deserialize_with = "some_duration")]
    pub max_age: Option<Duration>,
}

impl Auth {
    /// The clients whose logout tokens are accepted.
    pub fn logout_audience(&self) -> &[String] {
        self.logout_audience.as_deref().or(self.clients.as_deref()).unwrap_or_default()
    }
}

fn default_skew() -> Duration {
    Duration::from_secs(5)
}

fn default_life() -> Duration {
    Duration::from_hours(1)
}

fn some_duration<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration(deserializer).map(Some)
}

fn some_url<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let expected = "an address, as in \"https://sso.example.org/keys\"";
    fitting(deserializer, expected, |value| value.as_str()?.parse().ok()).map(Some)
}

/// An address.
pub(crate) fn url<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(|_| serde::de::Error::custom("not an address"))
}

/// What the form of the keys does not say.
pub(super) fn check(document: &Document<'_>, auth: &Auth) -> Result<(), ConfigError> {
    let refuse = |key: &'static str, message: String, help: &str| {
        Err(document.error(&[Step::Key("auth"), Step::Key(key)], message, Some(help.to_owned())))
    };
    for (key, url) in [("issuer", auth.issuer.parse::<Url>().ok()), ("jwks_url", auth.jwks_url.clone())] {
        match url {
            None if key == "jwks_url" => {}
            Some(url) if is_protected(&url) && url.query().is_none() && url.fragment().is_none() => {}
            _ => {
                return refuse(
                    key,
                    format!("`{key}` must be an https:// address without ? and #"),
                    "http:// is taken of a loopback address only: whoever can change the keys on their way can make tokens",
                );
            }
        }
    }
    let lists = [
        ("audience", Some(&auth.audience)),
        ("clients", auth.clients.as_ref()),
        ("logout_audience", auth.logout_audience.as_ref()),
    ];
    for (key, list) in lists {
        if list.is_some_and(|list| list.is_empty() || list.iter().any(String::is_empty)) {
            return refuse(
                key,
                format!("`{key}` names nobody"),
                "write the client ids, or leave an optional key out",
            );
        }
    }
    if auth.client_id.is_empty() {
        return refuse("client_id", "`client_id` is empty".into(), "write the gateway's own client id");
    }
    if auth.clock_skew > Duration::from_mins(1) {
        return refuse(
            "clock_skew",
            "`clock_skew` is more than a minute: tokens would be good for that long after their end".into(),
            "keep the clocks right (NTP), and the skew at seconds",
        );
    }
    Ok(())
}

/// Whether nobody between here and there can change what is read: TLS, or this machine.
pub(crate) fn is_protected(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.username().is_empty()
        && url.password().is_none()
        && url.host().is_some()
        && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback))
}
