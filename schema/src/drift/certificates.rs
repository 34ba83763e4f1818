//! Certificates in use that have ended or soon will.

use std::time::Duration;

use super::find::{Findings, Report};
use super::{DriftKind, Severity};
use crate::Timestamp;
use crate::view::View;

/// Let's Encrypt's are renewed 30 days before their end; one with less than this was not.
const SOON: Duration = Duration::from_hours(21 * 24);

pub(super) fn find(view: &View, now: Timestamp, found: &mut Findings<'_>) {
    let mut used: Vec<_> = view
        .proxy_hosts()
        .iter()
        .filter(|host| view.proxy_host(*host).enabled)
        .filter_map(|host| view.certificate_of_proxy_host(host))
        .collect();
    used.sort_unstable();
    used.dedup();
    for certificate in used {
        let fact = view.certificate(certificate);
        let Some(end) = fact.expires_on.filter(|end| *end <= now.plus(SOON)) else { continue };
        let source = &view.held(certificate.source()).info.name;
        let day = end.to_chrono().format("%Y-%m-%d").to_string();
        let ended = end <= now;
        found.report(Report {
            kind: DriftKind::CertificateExpiring,
            severity: if ended { Severity::Error } else { Severity::Warning },
            subject: format!("{source}/{} ({})", fact.reference, fact.nice_name),
            about: Some(certificate.into()),
            names: Vec::new(),
            declared: None,
            message: format!(
                "the certificate {} of {source} is in use and {} on {day}",
                fact.nice_name,
                if ended { "ended" } else { "ends" }
            ),
            observed: Some(day),
            sources: vec![certificate.source()],
        });
    }
}
