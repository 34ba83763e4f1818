//! What went wrong with a call, as a code and a sentence that says what to do. Nothing secret gets in here: no header, no
//! body, no query; of an address only host and port.

use std::error::Error;
use std::io;
use std::time::Duration;

use chrono::DateTime;
use http::header::{DATE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use rustls::CertificateError;
use schema::source::ProblemCode;
use url::Url;

use super::CallError;
use super::tls::OtherCertificate;

/// Longer waits are cut: an upstream does not switch a source off.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// What a status other than 2xx means.
pub(super) fn of_status(status: StatusCode, headers: &HeaderMap) -> CallError {
    let number = status.as_u16();
    let (code, sentence) = match number {
        401 => (
            ProblemCode::Unauthorized,
            "the credentials were refused: check that they are right, complete and not expired".to_owned(),
        ),
        403 => (
            ProblemCode::Forbidden,
            "the credentials are good but may not read this: give them the right to".to_owned(),
        ),
        404 => (
            ProblemCode::NotFound,
            "this path is not there: check url, and the upstream's version".to_owned(),
        ),
        408 => (ProblemCode::Timeout, "the upstream says that the call took too long".to_owned()),
        429 => (ProblemCode::RateLimited, "the upstream asks to slow down".to_owned()),
        502..=504 => {
            (ProblemCode::Unreachable, "what stands in front of the upstream cannot reach it".to_owned())
        }
        595..=599 => {
            (ProblemCode::Unreachable, "the upstream cannot reach the node that was asked for".to_owned())
        }
        500..=594 => (ProblemCode::BadResponse, "the upstream failed: its own log says why".to_owned()),
        _ => (ProblemCode::BadResponse, "the upstream refuses the question".to_owned()),
    };
    CallError { code, message: format!("{sentence} (HTTP {number})"), retry_after: retry_after(headers) }
}

/// A redirect leads who knows where, with our credentials: it is refused, and the sentence says where it led.
pub(super) fn of_redirect(asked: &Url, headers: &HeaderMap) -> CallError {
    let target =
        headers.get(LOCATION).and_then(|value| value.to_str().ok()).and_then(|text| asked.join(text).ok());
    let whither = target.map_or_else(
        || "somewhere unreadable".to_owned(),
        |target| format!("{}://{}", target.scheme(), host(&target)),
    );
    CallError::new(
        ProblemCode::BadResponse,
        format!(
            "{} redirects to {whither}, which is not followed: set url to where the upstream itself answers",
            host(asked)
        ),
    )
}

/// Nothing that could be called an answer came.
pub(super) fn of_transport(error: &reqwest::Error, asked: &Url) -> CallError {
    let host = host(asked);
    let causes = causes(error);
    if let Some(tls) = causes.iter().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return CallError::new(ProblemCode::Tls, of_tls(tls, &host));
    }
    let kind = causes.iter().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    if error.is_timeout() || kind == Some(io::ErrorKind::TimedOut) {
        return timed_out(asked, "did not answer in time");
    }
    if causes.iter().any(|cause| cause.to_string().starts_with("dns error")) {
        return CallError::new(
            ProblemCode::Unreachable,
            format!("the name in {host} cannot be resolved: check url and the resolver"),
        );
    }
    let sentence = match kind {
        Some(io::ErrorKind::ConnectionRefused) => {
            "refuses the connection: is it running, and is the port right?"
        }
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            "cannot be reached from here: check the network between"
        }
        _ if error.is_connect() => "cannot be connected to",
        _ if error.is_body() || error.is_decode() => "cut the connection in the middle of its answer",
        _ => "cut the connection, or does not speak HTTP",
    };
    CallError::new(ProblemCode::Unreachable, format!("{host} {sentence}"))
}

/// The call's time was up.
pub(super) fn timed_out(asked: &Url, what: &str) -> CallError {
    CallError::new(
        ProblemCode::Timeout,
        format!("{} {what}: is it overloaded, or `timeout` too short?", host(asked)),
    )
}

/// The answer is larger than the source may cost.
pub(super) fn too_large(asked: &Url, most: usize) -> CallError {
    CallError::new(
        ProblemCode::BadResponse,
        format!("the answer of {} is larger than max_answer ({most} bytes)", host(asked)),
    )
}

/// How long the upstream asks us to wait: seconds, or a date, which is read against the answer's own `Date` so that no
/// clock is needed.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let wanted = text(RETRY_AFTER)?;
    let wait = if let Ok(seconds) = wanted.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let until = DateTime::parse_from_rfc2822(wanted).ok()?;
        let sent = DateTime::parse_from_rfc2822(text(DATE)?).ok()?;
        (until - sent).to_std().unwrap_or_default()
    };
    Some(wait.min(LONGEST_WAIT))
}

/// Host and port, which are all of an address that is ever shown.
pub(super) fn host(address: &Url) -> String {
    let host = address.host_str().unwrap_or("?");
    address.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn of_tls(error: &rustls::Error, host: &str) -> String {
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return match error {
            rustls::Error::InvalidMessage(_) => {
                format!("{host} does not speak TLS: should url begin with http://?")
            }
            _ => format!("TLS with {host} failed: {error}"),
        };
    };
    if let CertificateError::Other(other) = certificate
        && let Some(found) = other.0.downcast_ref::<OtherCertificate>()
    {
        return format!(
            "the certificate of {host} is not the configured one: its fingerprint is {}. If that is its new \
             certificate, set tls.fingerprint to it; if not, somebody stands between",
            found.presented
        );
    }
    match certificate {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
            "the certificate of {host} is signed by nobody we trust: set tls = {{ fingerprint = \"...\" }} or \
             {{ ca = \"FILE\" }}"
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of {host} has expired: renew it there")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!(
                "the certificate of {host} does not name it: use a name that it bears, or tls.fingerprint"
            )
        }
        other => format!("the certificate of {host} is not good: {other}"),
    }
}

/// Every error in the chain, with those that `io::Error` wraps without calling them its source.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut found = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        found.push(cause);
        next = match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_against_the_answers_own() {
        let at = "Sat, 21 Nov 2026 06:00:00 GMT";
        for (wanted, date, seconds) in [
            ("7", None, Some(7)),
            (" 7 ", None, Some(7)),
            ("0", None, Some(0)),
            ("99999999", None, Some(3600)),
            ("Sat, 21 Nov 2026 06:01:30 GMT", Some(at), Some(90)),
            ("Sat, 21 Nov 2026 05:00:00 GMT", Some(at), Some(0)),
            ("Sat, 21 Nov 2026 06:01:30 GMT", None, None),
            ("soon", Some(at), None),
            ("-1", Some(at), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(wanted));
            if let Some(date) = date {
                headers.insert(DATE, HeaderValue::from_static(date));
            }
            assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs), "{wanted}");
        }
    }
}
