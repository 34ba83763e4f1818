//! The keys of a `proxmox` source, besides those that every source has.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::connector::SecretAt;
use crate::http::Tls;
use crate::{Build, BuildError, written};

/// The keys, for the configuration's own list of what is known.
pub(super) const KEYS: &[&str] = &["url", "fallback_urls", "token", "tls"];

/// What `[[source]]` says of a cluster.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    url: String,
    #[serde(default)]
    fallback_urls: Vec<String>,
    token: SecretAt,
    #[serde(default)]
    tls: Tls,
}

/// The same, checked.
pub(super) struct Config {
    /// Its nodes' addresses, the preferred one first.
    pub(super) addresses: Vec<Url>,
    pub(super) tls: Tls,
    /// The whole value of the Authorization header.
    pub(super) authorization: SecretString,
}

impl Config {
    pub(super) fn read(build: &Build<'_>) -> Result<Self, BuildError> {
        let written: Written =
            written::source(build.table.clone(), "a source of kind proxmox needs url and token")?;
        let mut addresses = vec![address("url", &written.url)?];
        for fallback in &written.fallback_urls {
            addresses.push(address("fallback_urls", fallback)?);
        }
        Ok(Self {
            addresses,
            tls: written.tls.within(build.folder),
            authorization: authorization(&build.secrets.of("token", &written.token)?)?,
        })
    }
}

fn address(key: &'static str, text: &str) -> Result<Url, BuildError> {
    Url::parse(text).map_err(|error| BuildError {
        key: Some(key.into()),
        message: format!("`{key}` is no address ({error}); write it like https://10.0.0.11:8006"),
    })
}

/// Checks the token's form, which is easily mistaken, before Proxmox answers no more than 401 to it.
fn authorization(token: &SecretString) -> Result<SecretString, BuildError> {
    let text = token.expose_secret().trim();
    let text = text.strip_prefix("PVEAPIToken=").unwrap_or(text);
    match fault(text) {
        None => Ok(SecretString::from(format!("PVEAPIToken={text}"))),
        Some(what) => Err(BuildError {
            key: Some("token".into()),
            message: format!("the token {what}; Proxmox VE's form is user@realm!name=secret"),
        }),
    }
}

/// What is wrong with a token, in words that quote none of it.
fn fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("is empty");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some("holds blanks, line breaks or other characters that no token has");
    }
    let Some((id, secret)) = text.split_once('=') else {
        let backup = text.split_once('!').is_some_and(|(_, rest)| rest.contains(':'));
        return Some(if backup {
            "has a colon before its secret, as Proxmox Backup Server's has"
        } else {
            "has no = before its secret"
        });
    };
    let Some((user, name)) = id.split_once('!') else {
        return Some("has no ! before its name: is it a user's password?");
    };
    if name.contains('!') {
        return Some("has more than one !");
    }
    if !user.split_once('@').is_some_and(|(user, realm)| !user.is_empty() && !realm.is_empty()) {
        return Some("names no user@realm before its !");
    }
    if name.is_empty() || secret.is_empty() {
        return Some("lacks its name or its secret");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_token() {
        let secret = "1c8cf1e2-6a1c-4a4e-8f7e-4a5f0e6d1b11";
        for (token, expected) in [
            (format!("reader@pve!view={secret}"), None),
            (format!(" PVEAPIToken=reader@pve!view={secret}\n"), None),
            (format!("reader@pve!a!b={secret}"), Some("has more than one !")),
            (
                format!("reader@pbs!view:{secret}"),
                Some("has a colon before its secret, as Proxmox Backup Server's has"),
            ),
            (
                format!("reader@pve!view {secret}"),
                Some("holds blanks, line breaks or other characters that no token has"),
            ),
            (format!("reader!view={secret}"), Some("names no user@realm before its !")),
            ("reader@pve=hunter2".to_owned(), Some("has no ! before its name: is it a user's password?")),
            ("reader@pve!view=".to_owned(), Some("lacks its name or its secret")),
            ("reader@pve!view".to_owned(), Some("has no = before its secret")),
            (String::new(), Some("is empty")),
        ] {
            let read = authorization(&SecretString::from(token.clone()));
            match (read, expected) {
                (Ok(header), None) => {
                    assert_eq!(header.expose_secret(), format!("PVEAPIToken=reader@pve!view={secret}"));
                }
                (Err(error), Some(what)) => {
                    assert_eq!(
                        error.message,
                        format!("the token {what}; Proxmox VE's form is user@realm!name=secret")
                    );
                    assert_eq!(error.key.as_deref(), Some("token"));
                }
                (read, _) => panic!("{token}: {:?}", read.map(|_| "taken")),
            }
        }
    }
}
