//! `drift.json`: where what was written down and what is differ.

use resolvers::RequestContext;
use schema::Held;
use schema::drift::{DriftKind, Finding, Severity, find};
use serde_json::{Value, json};

/// The document's lists, each of one kind of finding.
const LISTS: &[(&str, DriftKind)] = &[
    ("duplicate_ips", DriftKind::DuplicateGuestIp),
    ("guest_ips_not_in_ip_addresses_conf", DriftKind::GuestIpNotDeclared),
    ("ip_addresses_conf_ips_not_on_guests", DriftKind::DeclaredIpNotOnGuest),
    ("vmid_ip_mismatch", DriftKind::VmidIpMismatch),
    ("guests_only_declared", DriftKind::GuestOnlyDeclared),
    ("guests_only_live", DriftKind::GuestOnlyLive),
    ("hostname_upstream_mismatch", DriftKind::HostnameUpstreamMismatch),
];

/// The document, and how many addresses two running guests hold without leave.
pub(super) fn document(context: &RequestContext) -> (Value, usize) {
    let findings = find(&context.view, context.now).findings;
    let sources: Vec<_> = context.view.sources().map(|source| context.view.held(source)).collect();
    let unreachable = !sources.is_empty() && sources.iter().all(|held| held.failure.is_some());
    let mut document = json!({
        "collected_at": resolvers::date_time(context.now).to_string(),
        "error": if unreachable { json!("seed_unreachable") } else { Value::Null },
        "sources": sources
            .iter()
            .map(|held| {
                json!({
                    "name": &*held.info.name,
                    "collected_at": held.collected_at().map(|at| resolvers::date_time(at).to_string()),
                    "error": error(held),
                })
            })
            .collect::<Vec<_>>(),
    });
    for (name, kind) in LISTS {
        document[*name] = of_kind(&findings, *kind).map(row).collect();
    }
    (document, of_kind(&findings, DriftKind::DuplicateGuestIp).count())
}

/// Why a source did not answer, or which of its main lists it did not read and why. What else is wrong with it is in
/// `live_inventory.json`.
fn error(held: &Held) -> Option<String> {
    match (&held.failure, &held.snapshot) {
        (Some(failure), _) => Some(failure.message.to_string()),
        (None, Some(snapshot)) => snapshot.unread_words(),
        (None, None) => None,
    }
}

fn of_kind(findings: &[Finding], kind: DriftKind) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(move |finding| finding.key.kind == kind)
}

fn row(finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Info => "INFO",
        Severity::Warning => "WARNING",
        Severity::Error => "ERROR",
    };
    json!({
        "subject": &*finding.key.subject,
        "severity": severity,
        "declared": finding.declared.as_deref(),
        "observed": finding.observed.as_deref(),
        "message": &*finding.message,
        "sources": finding.sources.iter().map(|source| &**source).collect::<Vec<_>>(),
    })
}
