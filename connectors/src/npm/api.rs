//! Talking to Nginx Proxy Manager: one session, used until it nears its end and renewed once where it is refused.
//!
//! A session that is not good is answered in many ways: 400 "Token has expired", 401, 403 "Permission Denied", 404 as if
//! the path were not there, 500 "Internal Error". Some of them also mean a missing right. So each collection begins by
//! asking whose session it is, which every account may: what is refused there is the session, what is refused after it
//! is a right.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use http::{HeaderName, Method, StatusCode};
use schema::Timestamp;
use schema::source::ProblemCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use tokio::sync::Mutex;

use super::config::Config;
use super::map::moment;
use super::wire::{Account, Login, Refusal};
use crate::http::{Answer, Call, CallError, Client, SecretBody};
use crate::{BuildError, Limits};

/// How long before its end a session is renewed: longer than a collection may take, so that none ends within one.
const EARLY: Duration = Duration::from_mins(5);

/// Where a login is sent, and where a session is renewed.
pub(super) const TOKENS: &str = "/api/tokens";

/// Whose session this is, with its rights.
pub(super) const ACCOUNT: &str = "/api/users/me";

/// One proxy.
pub(super) struct Api {
    client: Client,
    identity: String,
    secret: SecretString,
    session: Mutex<Option<Session>>,
}

/// What a login brought.
#[derive(Clone)]
struct Session {
    /// NPM's token, or NPMplus' cookies.
    header: (HeaderName, SecretString),
    /// By the proxy's clock; where it did not say, the session is used until it is refused.
    expires: Option<Timestamp>,
    /// Counts logins, so that of several calls refused at once only the first logs in again.
    number: u64,
    plus: bool,
}

impl Api {
    pub(super) fn new(config: Config, limits: Limits) -> Result<Self, BuildError> {
        let client = Client::new(vec![config.url], &config.tls, limits)?;
        Ok(Self { client, identity: config.identity, secret: config.secret, session: Mutex::new(None) })
    }

    /// Whose session it is, and so that it is good: a session that ended is renewed here.
    pub(super) async fn account(&self, now: Timestamp) -> Result<Account, CallError> {
        let path = format!("{ACCOUNT}?expand=permissions");
        let (session, fresh) = self.session(now).await?;
        let mut answer = self.get(&path, &session).await?;
        if !fresh && session_refused(answer.status) {
            let session = self.log_in_again(session.number).await?;
            answer = self.get(&path, &session).await?;
        }
        if matches!(answer.status.as_u16(), 400 | 401 | 404) {
            return Err(unauthorized(format!(
                "the proxy took the password and then refused the session (HTTP {} at {ACCOUNT}): see whether the \
                 account is disabled, and whether `url` is the proxy's own admin address",
                answer.status.as_u16()
            )));
        }
        answer.success()?.json()
    }

    /// One list, each object as it came. To be asked after [`Api::account`]: what is refused here is a right.
    pub(super) async fn list(&self, path: &str, now: Timestamp) -> Result<Vec<Box<RawValue>>, CallError> {
        let held = self.session.lock().await.clone();
        let session = match held {
            Some(session) => session,
            None => self.session(now).await?.0,
        };
        let mut answer = self.get(path, &session).await?;
        if answer.status == StatusCode::UNAUTHORIZED || has_expired(&answer) {
            let session = self.log_in_again(session.number).await?;
            answer = self.get(path, &session).await?;
        }
        if matches!(answer.status.as_u16(), 403 | 404) {
            let status = answer.status.as_u16();
            let message =
                format!("the account may not read it, or this version does not know it (HTTP {status})");
            return Err(CallError::new(ProblemCode::Forbidden, message));
        }
        answer.success()?.json()
    }

    /// Whether it is NPMplus, which names some things its own way.
    pub(super) async fn is_plus(&self) -> bool {
        self.session.lock().await.as_ref().is_some_and(|session| session.plus)
    }

    /// The session at hand, renewed where its end is near; and whether it was made just now by a login.
    async fn session(&self, now: Timestamp) -> Result<(Session, bool), CallError> {
        let mut held = self.session.lock().await;
        let number = match &*held {
            Some(session) if session.expires.is_none_or(|end| end > now.plus(EARLY)) => {
                return Ok((session.clone(), false));
            }
            Some(session) => {
                let answer = self.get(TOKENS, session).await?;
                if answer.status == StatusCode::OK
                    && let Ok(renewed) = session_of(&answer, session.number)
                {
                    *held = Some(renewed.clone());
                    return Ok((renewed, false));
                }
                session.number + 1
            }
            None => 0,
        };
        let session = self.log_in(number).await?;
        *held = Some(session.clone());
        Ok((session, true))
    }

    /// A new session in place of the one with this number, unless another call has made one already.
    async fn log_in_again(&self, refused: u64) -> Result<Session, CallError> {
        let mut held = self.session.lock().await;
        if let Some(session) = &*held
            && session.number != refused
        {
            return Ok(session.clone());
        }
        *held = None;
        let session = self.log_in(refused + 1).await?;
        *held = Some(session.clone());
        Ok(session)
    }

    async fn log_in(&self, number: u64) -> Result<Session, CallError> {
        // NPMplus refuses a body with any other key.
        let body = serde_json::json!({ "identity": self.identity, "secret": self.secret.expose_secret() });
        let call = Call {
            method: Method::POST,
            path: TOKENS.to_owned(),
            headers: Vec::new(),
            body: Some(("application/json", SecretBody(Bytes::from(body.to_string())))),
        };
        let answer = self.client.call(call).await?;
        match answer.status.as_u16() {
            400 | 401 => Err(unauthorized(format!(
                "the proxy refused the login of {} (HTTP {}): check `identity` and `secret`, and log in there \
                     once by hand",
                self.identity,
                answer.status.as_u16()
            ))),
            404 | 405 => {
                let message = format!(
                    "nothing at this address takes a login (HTTP {} at {TOKENS}): `url` must be the admin address of \
                     Nginx Proxy Manager, usually port 81",
                    answer.status.as_u16()
                );
                Err(CallError::new(ProblemCode::NotFound, message))
            }
            _ => session_of(&answer.success()?, number),
        }
    }

    async fn get(&self, path: &str, session: &Session) -> Result<Answer, CallError> {
        let (name, value) = session.header.clone();
        let call = Call::get(path).header(name, value);
        self.client.call(call).await
    }
}

/// Reads the answer to a login or a renewal.
fn session_of(answer: &Answer, number: u64) -> Result<Session, CallError> {
    let login: Login = answer.json()?;
    if login.requires_2fa {
        return Err(unauthorized(
            "the account asks for a second factor, which a program does not have: give fleetgraph an account of its \
             own without one, with rights to view only"
                .to_owned(),
        ));
    }
    let (header, plus) = match login.token.filter(|token| !token.is_empty()) {
        Some(token) => ((AUTHORIZATION, SecretString::from(format!("Bearer {token}"))), false),
        None => {
            if let Some(cookies) = cookies(answer) {
                ((COOKIE, cookies), true)
            } else {
                let message = "the answer to the login holds neither a token nor a cookie".to_owned();
                return Err(CallError::new(ProblemCode::BadResponse, message));
            }
        }
    };
    Ok(Session { header, expires: login.expires.as_deref().and_then(moment), number, plus })
}

/// The cookies of an answer as they are to be sent back, without their attributes; at most eight.
fn cookies(answer: &Answer) -> Option<SecretString> {
    let pairs: Vec<&str> = answer
        .headers
        .get_all(SET_COOKIE)
        .iter()
        .take(8)
        .filter_map(|value| value.to_str().ok())
        .filter_map(|value| value.split(';').next())
        .map(str::trim)
        .filter(|pair| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty()))
        .collect();
    if pairs.is_empty() { None } else { Some(SecretString::from(pairs.join("; "))) }
}

/// At [`ACCOUNT`], which everyone may read, each of these speaks of the session.
fn session_refused(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 401 | 403 | 404 | 500)
}

/// Elsewhere only this does.
fn has_expired(answer: &Answer) -> bool {
    answer.status == StatusCode::BAD_REQUEST
        && answer.json::<Refusal>().is_ok_and(|refusal| refusal.error.message.contains("expired"))
}

fn unauthorized(message: String) -> CallError {
    CallError::new(ProblemCode::Unauthorized, message)
}
