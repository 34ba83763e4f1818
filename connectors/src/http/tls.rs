//! How an upstream's certificate is verified: by the system's store, by a CA in a file, or by its own fingerprint.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, SignatureScheme};
use sha2::{Digest, Sha256};

use crate::BuildError;

/// How an upstream's certificate is verified; there is no switch that turns that off.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "Written")]
pub enum Tls {
    /// By the system's store.
    #[default]
    System,
    /// By the CAs in a PEM file.
    Ca(PathBuf),
    /// By the SHA-256 of the certificate itself, `AB:CD:...` (Proxmox shows it as its fingerprint). Several, separated by
    /// commas or blanks, where each address has a certificate of its own.
    Fingerprint(String),
}

/// `tls = { ... }`, with exactly one of its keys.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    ca: Option<PathBuf>,
    fingerprint: Option<String>,
}

impl TryFrom<Written> for Tls {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match (written.ca, written.fingerprint) {
            (Some(file), None) => Ok(Self::Ca(file)),
            (None, Some(text)) => Ok(Self::Fingerprint(text)),
            _ => Err("must name one of ca and fingerprint"),
        }
    }
}

impl Tls {
    /// The same, with a relative path of a file starting at the configuration's folder.
    #[must_use]
    pub fn within(self, folder: &Path) -> Self {
        match self {
            Self::Ca(file) => Self::Ca(folder.join(file)),
            other => other,
        }
    }

    /// Prepares a client; the system's store is reqwest's own default.
    pub(super) fn apply(
        &self,
        builder: reqwest::ClientBuilder,
    ) -> Result<reqwest::ClientBuilder, BuildError> {
        match self {
            Self::System => Ok(builder),
            Self::Ca(file) => {
                let at = file.display();
                let pem = std::fs::read(file)
                    .map_err(|error| refused(format!("the CA file {at} cannot be read: {error}")))?;
                let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                    .map_err(|_| refused(format!("{at} holds no certificates in PEM form")))?;
                if certificates.is_empty() {
                    return Err(refused(format!("{at} holds no certificate in PEM form")));
                }
                Ok(builder.tls_certs_only(certificates))
            }
            Self::Fingerprint(text) => {
                let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
                let pinned = Pinned {
                    fingerprints: fingerprints(text)?,
                    algorithms: provider.signature_verification_algorithms,
                };
                let config = client_config(provider, pinned)?;
                Ok(builder.tls_backend_preconfigured(config))
            }
        }
    }
}

fn client_config(provider: Arc<CryptoProvider>, pinned: Pinned) -> Result<ClientConfig, BuildError> {
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(format!("TLS cannot be set up: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pinned))
        .with_no_client_auth())
}

fn refused(message: String) -> BuildError {
    BuildError { key: Some("tls".into()), message }
}

/// The SHA-256 of a certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02X}", if position == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn fingerprints(text: &str) -> Result<Vec<Fingerprint>, BuildError> {
    let read = text
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(one_fingerprint)
        .collect::<Option<Vec<_>>>()
        .filter(|all| !all.is_empty());
    read.ok_or_else(|| {
        refused(
            "fingerprint is the SHA-256 of the certificate: 64 hex digits, as in AB:CD:... (a SHA-1 has 40 and is not \
             taken)"
                .to_owned(),
        )
    })
}

fn one_fingerprint(text: &str) -> Option<Fingerprint> {
    let digits: Vec<u32> =
        text.chars().filter(|sign| *sign != ':').map(|sign| sign.to_digit(16)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks(2)
        .filter_map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte << 4 | digit)).ok())
        .collect();
    if digits.len() == 64 { bytes.try_into().ok().map(Fingerprint) } else { None }
}

/// Trusts certificates by their fingerprint alone: neither name nor expiry nor issuer says more than that. That the
/// server holds the certificate's key is verified as ever.
#[derive(Debug)]
struct Pinned {
    fingerprints: Vec<Fingerprint>,
    algorithms: WebPkiSupportedAlgorithms,
}

/// The server showed another certificate than the configured one.
#[derive(Debug, thiserror::Error)]
#[error("the certificate's fingerprint is {presented}")]
pub(super) struct OtherCertificate {
    pub(super) presented: Fingerprint,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let presented = Fingerprint::of(end_entity);
        if self.fingerprints.contains(&presented) {
            return Ok(ServerCertVerified::assertion());
        }
        let error = OtherError(Arc::new(OtherCertificate { presented }));
        Err(rustls::Error::InvalidCertificate(CertificateError::Other(error)))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_in_the_forms_that_tools_print() {
        let colons = vec!["ab"; 32].join(":");
        let plain = "AB".repeat(32);
        for (text, count) in [
            (colons.clone(), Some(1)),
            (plain.clone(), Some(1)),
            (format!("{colons}, {plain}"), Some(2)),
            ("ab".repeat(20), None),
            (format!("{}zz", "ab".repeat(31)), None),
            (String::new(), None),
            ("\u{e4}b".repeat(32), None),
        ] {
            assert_eq!(fingerprints(&text).ok().map(|all| all.len()), count, "{text}");
        }
        assert_eq!(fingerprints(&plain).expect("good")[0].to_string(), colons.to_uppercase());
    }
}
