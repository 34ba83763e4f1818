//! `POST /auth/backchannel-logout`: the issuer says that a session has ended (OpenID Connect Back-Channel Logout 1.0).

use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};

use super::answer::{self, Media};
use super::error::Code;
use super::front::{Front, address};

/// A form with one token of 16 KB, form-encoded.
const MOST_BYTES: usize = 20 * 1024;
/// Its body must have come by then.
const READ_WITHIN: Duration = Duration::from_secs(5);

/// Answers at once: the issuer holds the person's logout until it is answered, and never tries again.
pub(super) async fn logout(State(front): State<Front>, request: Request) -> Response {
    let from = address(request.extensions());
    let taken = match tokio::time::timeout(READ_WITHIN, token(request)).await {
        Ok(Some(token)) => front.auth.logout(&token).await.map_err(|reason| reason.to_string()),
        Ok(None) => Err("not a form with one logout_token".to_owned()),
        Err(_) => Err("the body did not come in time".to_owned()),
    };
    match taken {
        Ok(()) => Response::new(axum::body::Body::empty()),
        // A good one is never refused for what others at its address did; and whoever sends bad ones fills no log.
        Err(reason) if let Err(too_much) = front.rates.refused(from) => {
            tracing::debug!(reason, "a logout token was refused");
            answer::too_much(Media::Json, &too_much)
        }
        Err(reason) => {
            tracing::warn!(reason, "a logout token was refused");
            answer::refused_json(StatusCode::BAD_REQUEST, Code::BadUserInput, "The logout token was refused")
        }
    }
}

/// The one `logout_token` of a form.
async fn token(request: Request) -> Option<String> {
    if request.uri().query().is_some() || !is_form(request.headers()) {
        return None;
    }
    let body = Limited::new(request.into_body(), MOST_BYTES).collect().await.ok()?.to_bytes();
    let mut tokens = url::form_urlencoded::parse(&body).filter(|(name, _)| name == "logout_token");
    let token = tokens.next()?.1.into_owned();
    tokens.next().is_none().then_some(token)
}

fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(one), None) = (types.next(), types.next()) else { return false };
    let essence = one.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
