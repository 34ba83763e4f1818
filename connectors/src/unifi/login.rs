//! Sessions: what a login brings, and how often one may be tried.

use std::collections::VecDeque;
use std::time::Duration;

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, StatusCode};
use schema::Timestamp;
use schema::source::ProblemCode;
use secrecy::SecretString;

use super::wire::{Refusal, refusal};
use crate::http::{Answer, Call, CallError};

/// Controllers take some five logins a minute; the rest is left to people.
const LOGINS: usize = 3;
/// In this time.
const SPAN: Duration = Duration::from_mins(1);
/// How long to wait after the controller said that its limit is reached, where it does not say how long.
const WAIT: Duration = Duration::from_mins(2);

/// What a login brought. Shown by no `Debug`.
#[derive(Clone)]
pub(super) struct Session {
    cookies: SecretString,
    csrf: Option<SecretString>,
}

impl Session {
    /// A call in this session. The CSRF token is asked for where something changes; it does no harm on a GET.
    pub(super) fn sign(&self, call: Call) -> Call {
        let call = call.header(http::header::COOKIE, self.cookies.clone());
        match &self.csrf {
            Some(token) => call.header(HeaderName::from_static("x-csrf-token"), token.clone()),
            None => call,
        }
    }

    /// Reads the answer to a login: of UniFi OS (cookie `TOKEN`) as of a controller of its own (`unifises`, `csrf_token`).
    pub(super) fn read(answer: Answer) -> Result<Self, CallError> {
        let no = refusal(&answer.body);
        if answer.status.as_u16() == 499 || no == Some(Refusal::SecondFactor) {
            return Err(CallError::new(
                ProblemCode::Unauthorized,
                "this account has a second factor, which no program can give: use a local-only account without \
                 one, or an API key",
            ));
        }
        if answer.status == StatusCode::TOO_MANY_REQUESTS || no == Some(Refusal::LoginLimit) {
            let retry_after = answer.success().err().and_then(|error| error.retry_after).unwrap_or(WAIT);
            return Err(CallError {
                code: ProblemCode::RateLimited,
                message: format!(
                    "the controller's limit of logins is reached: none is tried for {} s",
                    retry_after.as_secs()
                ),
                retry_after: Some(retry_after),
            });
        }
        let refused = matches!(answer.status.as_u16(), 400 | 401 | 403);
        if refused || matches!(no, Some(Refusal::Credentials | Refusal::Session | Refusal::Permission)) {
            let status = answer.status.as_u16();
            return Err(CallError::new(
                ProblemCode::Unauthorized,
                format!(
                    "username or password was refused (HTTP {status}): check both, and that the account is a local \
                     one (older UniFi OS says the same after too many logins)"
                ),
            ));
        }
        if let Some(Refusal::Other(code)) = no {
            return Err(CallError::new(ProblemCode::BadResponse, format!("the login was answered `{code}`")));
        }
        let answer = answer.success()?;
        // A page instead of JSON is told as such; who the user is, is of no interest.
        let _: serde::de::IgnoredAny = answer.json()?;
        Self::of(&answer.headers).ok_or_else(|| {
            CallError::new(ProblemCode::BadResponse, "the login was answered without a session's cookie")
        })
    }

    fn of(headers: &HeaderMap) -> Option<Self> {
        let pairs: Vec<(&str, &str)> = headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next()?.trim().split_once('='))
            .filter(|(name, value)| !name.is_empty() && !value.is_empty())
            .collect();
        if pairs.is_empty() {
            return None;
        }
        let token = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let csrf = token("x-updated-csrf-token")
            .or_else(|| token("x-csrf-token"))
            .or_else(|| pairs.iter().find(|(name, _)| *name == "csrf_token").map(|(_, value)| *value));
        let cookies = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        Some(Self { cookies: cookies.join("; ").into(), csrf: csrf.map(SecretString::from) })
    }
}

/// Lets through as many logins as a controller bears.
#[derive(Debug, Default)]
pub(super) struct Gate {
    tried: VecDeque<Timestamp>,
    closed_until: Option<Timestamp>,
}

impl Gate {
    /// Counts a login that is about to be tried, or says why none may be.
    pub(super) fn enter(&mut self, now: Timestamp) -> Result<(), CallError> {
        self.tried.retain(|at| now.since(*at) < SPAN);
        let full = (self.tried.len() >= LOGINS).then(|| self.tried.front().map(|at| at.plus(SPAN))).flatten();
        let closed = self.closed_until.filter(|until| *until > now).max(full);
        if let Some(until) = closed {
            let wait = until.since(now);
            return Err(CallError {
                code: ProblemCode::RateLimited,
                message: format!(
                    "the controller takes few logins a minute: the next one is tried in {} s",
                    wait.as_secs().max(1)
                ),
                retry_after: Some(wait),
            });
        }
        self.tried.push_back(now);
        Ok(())
    }

    /// Remembers that the controller itself asked us to wait.
    pub(super) fn close(&mut self, now: Timestamp, error: &CallError) {
        if error.code == ProblemCode::RateLimited {
            self.closed_until = Some(now.plus(error.retry_after.unwrap_or(WAIT)));
        }
    }
}
