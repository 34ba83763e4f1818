//! A self-signed certificate, as Proxmox and UniFi have by default, and the fingerprint to pin.

use std::fmt::Write as _;
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest as _, Sha256};

use super::SimulateError;

/// A certificate for loopback and its fingerprint.
pub(super) struct SelfSigned {
    pub(super) config: RustlsConfig,
    /// SHA-256 of the certificate, `AB:CD:...`.
    pub(super) fingerprint: String,
}

impl SelfSigned {
    pub(super) fn generate() -> Result<Self, SimulateError> {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).map_err(SimulateError::Certificate)?;
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let mut fingerprint = String::with_capacity(95);
        for byte in Sha256::digest(&certificate) {
            let separator = if fingerprint.is_empty() { "" } else { ":" };
            // Writing to a String cannot fail.
            let _ = write!(fingerprint, "{separator}{byte:02X}");
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(SimulateError::Tls)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .map_err(SimulateError::Tls)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: RustlsConfig::from_config(Arc::new(config)), fingerprint })
    }
}
