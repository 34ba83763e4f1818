//! The official schemas, each in its own dialect, and the one that an answer must fit.

mod openapi;
mod proxmox;
mod stripe;
mod unifi;

use std::path::Path;

use serde_json::Value;

/// All schemas of a folder.
pub(super) struct Official {
    proxmox: Value,
    npm: Value,
    unifi_integration: Value,
    unifi_legacy: Value,
    stripe: Value,
}

impl Official {
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let read = |name: &str| {
            let text = std::fs::read(folder.join(name)).map_err(|error| format!("{name}: {error}"))?;
            serde_json::from_slice(&text).map_err(|error| format!("{name}: not JSON: {error}"))
        };
        Ok(Self {
            proxmox: read("proxmox-ve/pve-api-9.1.reduced.json")?,
            npm: read("npm/npm-2.15.1.openapi.merged.json")?,
            unifi_integration: read("unifi/integration-openapi/10.5.66.json")?,
            unifi_legacy: read("unifi/legacy-fields.json")?,
            stripe: read("stripe/objects.fields.json")?,
        })
    }

    /// What is wrong with an answer; `None` where no official schema describes its endpoint.
    pub(super) fn check(&self, kind: &str, method: &str, path: &str, body: &[u8]) -> Option<Vec<String>> {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else {
            return Some(vec!["not JSON".to_owned()]);
        };
        match kind {
            "proxmox" => proxmox::check(&self.proxmox, method, path.strip_prefix("/api2/json")?, &answer),
            "npm" => openapi::check(&self.npm, method, path.strip_prefix("/api")?, &answer),
            "unifi" => match path.split_once("/integration") {
                Some((_, path)) => openapi::check(&self.unifi_integration, method, path, &answer),
                None => unifi::check(&self.unifi_legacy, path, &answer),
            },
            "stripe" => stripe::check(&self.stripe, &answer),
            _ => None,
        }
    }
}

/// What a JSON schema has against a value, each with its place.
fn validate(schema: &Value, answer: &Value) -> Vec<String> {
    match jsonschema::validator_for(schema) {
        Err(error) => vec![format!("the schema itself is not usable: {error}")],
        Ok(validator) => validator
            .iter_errors(answer)
            .map(|error| {
                let mut text = error.to_string();
                text.truncate(text.floor_char_boundary(200));
                format!("{}: {text}", error.instance_path())
            })
            .collect(),
    }
}
