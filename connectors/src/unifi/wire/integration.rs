//! The official Integration API (`integration/v1`), as far as it stands in for the legacy one.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::lenient::{Each, present, text, texts};

/// One page of a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<T: DeserializeOwned> {
    /// How many records stand before this page.
    pub(crate) offset: u64,
    /// How many records there are in all.
    pub(crate) total_count: u64,
    /// The records of this page.
    #[serde(deserialize_with = "present")]
    pub(crate) data: Each<T>,
}

/// A site.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IntegrationSite {
    /// A UUID.
    pub(crate) id: String,
    /// What the legacy API calls it; what the configuration names.
    pub(crate) internal_reference: String,
    /// As people call it.
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
}

/// A device.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IntegrationDevice {
    /// Its identity.
    pub(crate) mac_address: String,
    /// Its own address.
    #[serde(default, deserialize_with = "text")]
    pub(crate) ip_address: Option<String>,
    /// As people call it.
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    /// `USW Pro 24 PoE`
    #[serde(default, deserialize_with = "text")]
    pub(crate) model: Option<String>,
    /// ONLINE, OFFLINE, UPDATING, ...
    #[serde(default, deserialize_with = "text")]
    pub(crate) state: Option<String>,
    /// switching, accessPoint, gateway.
    #[serde(default, deserialize_with = "texts")]
    pub(crate) features: Vec<String>,
}

/// A client.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IntegrationClient {
    /// WIRED, WIRELESS, VPN, TELEPORT.
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub(crate) kind: Option<String>,
    /// As people call it.
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    /// What it has now.
    #[serde(default, deserialize_with = "text")]
    pub(crate) ip_address: Option<String>,
    /// Its identity; one that comes by VPN has none.
    #[serde(default, deserialize_with = "text")]
    pub(crate) mac_address: Option<String>,
}
