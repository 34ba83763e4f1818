//! Nginx Proxy Manager's own words, and NPMplus'. Fields that nobody needs are not named here, and of a certificate its
//! `meta` never is: it carries the private key of an uploaded certificate.

use serde::Deserialize;

/// The answer to a login or to the renewal of a session. Holds a session's key, so it is shown by no `Debug`.
#[derive(Deserialize)]
pub(super) struct Login {
    /// Absent with NPMplus, whose session is a cookie.
    pub(super) token: Option<String>,
    pub(super) expires: Option<String>,
    /// NPM 2.14 and later; the others are NPMplus' spellings.
    #[serde(default, alias = "requiresTotp", alias = "requires_totp")]
    pub(super) requires_2fa: bool,
}

/// Every refusal: `{"error":{"code":400,"message":"Token has expired"}}`. Of `message_i18n`, which is a string or an
/// object, nothing is needed.
#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) error: RefusalError,
}

#[derive(Deserialize)]
pub(super) struct RefusalError {
    #[serde(default)]
    pub(super) message: String,
}

/// Whose session this is: `/api/users/me`.
#[derive(Debug, Deserialize)]
pub(super) struct Account {
    #[serde(default)]
    pub(super) roles: Vec<String>,
    pub(super) permissions: Option<Permissions>,
}

/// `hidden`, `view` or `manage`, list by list.
#[derive(Debug, Deserialize)]
pub(super) struct Permissions {
    /// `all`, or `user` for what the account itself has made.
    pub(super) visibility: Option<String>,
    pub(super) proxy_hosts: Option<String>,
    pub(super) redirection_hosts: Option<String>,
    pub(super) dead_hosts: Option<String>,
    pub(super) streams: Option<String>,
    pub(super) access_lists: Option<String>,
    pub(super) certificates: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ProxyHost {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) domain_names: Vec<String>,
    /// http, https; NPMplus also grpc, grpcs, `path` (it serves files itself) and `empty`.
    pub(super) forward_scheme: Option<String>,
    pub(super) forward_host: Option<String>,
    #[serde(default)]
    pub(super) forward_port: Loose,
    #[serde(default)]
    pub(super) ssl_forced: Loose,
    #[serde(default)]
    pub(super) certificate_id: Loose,
    #[serde(default)]
    pub(super) enabled: Loose,
    /// `null` as often as `[]`.
    pub(super) locations: Option<Vec<Location>>,
    /// When expanded; `null` for a public host.
    pub(super) access_list: Option<AccessList>,
    /// NPMplus, when expanded: several.
    pub(super) access_lists: Option<Vec<AccessList>>,
    /// When expanded.
    pub(super) certificate: Option<Certificate>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Location {
    pub(super) path: Option<String>,
    /// NPMplus: nginx' own sign before the path (`= `, `~ `, `^~ `, ...).
    #[serde(rename = "location_type")]
    pub(super) sign: Option<String>,
    pub(super) forward_scheme: Option<String>,
    pub(super) forward_host: Option<String>,
    #[serde(default)]
    pub(super) forward_port: Loose,
    #[serde(default)]
    pub(super) npmplus_enabled: Loose,
}

#[derive(Debug, Deserialize)]
pub(super) struct AccessList {
    pub(super) name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RedirectionHost {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) domain_names: Vec<String>,
    /// A name, with a port or a path behind it or a variable of nginx in it where people wrote one.
    pub(super) forward_domain_name: Option<String>,
    #[serde(default)]
    pub(super) ssl_forced: Loose,
    #[serde(default)]
    pub(super) certificate_id: Loose,
    #[serde(default)]
    pub(super) enabled: Loose,
}

#[derive(Debug, Deserialize)]
pub(super) struct DeadHost {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) domain_names: Vec<String>,
    #[serde(default)]
    pub(super) ssl_forced: Loose,
    #[serde(default)]
    pub(super) certificate_id: Loose,
    #[serde(default)]
    pub(super) enabled: Loose,
}

#[derive(Debug, Deserialize)]
pub(super) struct Stream {
    pub(super) id: u64,
    /// NPMplus sends ports as strings and knows ranges: `8000-8010`.
    #[serde(default)]
    pub(super) incoming_port: Loose,
    pub(super) forwarding_host: Option<String>,
    #[serde(default)]
    pub(super) forwarding_port: Loose,
    #[serde(default)]
    pub(super) tcp_forwarding: Loose,
    #[serde(default)]
    pub(super) udp_forwarding: Loose,
    #[serde(default)]
    pub(super) certificate_id: Loose,
    #[serde(default)]
    pub(super) enabled: Loose,
}

/// A certificate without its `meta`, on purpose and for ever.
#[derive(Debug, Deserialize)]
pub(super) struct Certificate {
    pub(super) id: u64,
    pub(super) nice_name: Option<String>,
    /// letsencrypt, other; NPMplus also mtls.
    pub(super) provider: Option<String>,
    #[serde(default)]
    pub(super) domain_names: Vec<String>,
    pub(super) expires_on: Option<String>,
}

/// A flag or a number as the versions have sent it: NPM before 2.12 says 0 and 1 for false and true, some builds send
/// numbers as strings, and what was not set is `null` or left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Loose {
    Flag(bool),
    Number(i64),
    Text(String),
    #[default]
    Nothing,
}

impl Loose {
    /// As a flag; `None` where nothing is said, or nothing of that kind.
    pub(super) fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Number(number) => Some(*number != 0),
            Self::Text(text) => match text.as_str() {
                "1" | "true" => Some(true),
                "0" | "false" => Some(false),
                _ => None,
            },
            Self::Nothing => None,
        }
    }

    /// As an id, of which 0 means none; so does `new`, which is only ever written.
    pub(super) fn id(&self) -> Option<u64> {
        let id = match self {
            Self::Number(number) => u64::try_from(*number).ok(),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Flag(_) | Self::Nothing => None,
        };
        id.filter(|id| *id != 0)
    }
}
