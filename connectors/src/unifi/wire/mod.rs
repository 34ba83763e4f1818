//! The controller's own words: what its answers are made of, and nothing that they do not tell us.
//!
//! Records carry keys and hashes of keys (`x_authkey`, `x_ssh_hostkey`, ...); only what is named here is ever read.

mod client;
mod device;
mod envelope;
mod integration;
mod lenient;
mod settings;

pub(crate) use client::Client;
pub(crate) use device::{Device, Port, PortVlans, Uplink};
pub(crate) use envelope::{Envelope, Refusal, is_object, refusal};
pub(crate) use integration::{IntegrationClient, IntegrationDevice, IntegrationSite, Page};
pub(crate) use lenient::{Each, Unread, printable};
pub(crate) use settings::{NetworkConf, PortConf, PortForward, Site};
