//! What an answer means: the list it holds, or why it holds none. Pure, so that recorded answers can be run through it.

use http::StatusCode;
use schema::source::ProblemCode;
use serde::de::DeserializeOwned;

use super::wire::{Each, Envelope, Page, Refusal, is_object, refusal};
use crate::http::{Answer, CallError, parse};

/// Objects of one answer; a site of 1,000 switches and 20,000 clients has a third of them.
const MOST_OBJECTS: usize = 500_000;

/// Why there is no list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No session, or an ended one; or a key that does not open this.
    Session,
    /// There is no such site.
    Site,
    /// Anything else.
    Call(CallError),
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

/// The records of a legacy answer.
pub(super) fn list<T: DeserializeOwned>(answer: Answer) -> Result<Each<T>, Trouble> {
    if let Some(no) = refusal(&answer.body) {
        return Err(trouble(no));
    }
    if answer.status == StatusCode::UNAUTHORIZED {
        return Err(Trouble::Session);
    }
    Ok(records(&answer.success()?.body)?)
}

/// A page of the Integration API.
pub(super) fn page<T: DeserializeOwned>(answer: Answer) -> Result<Page<T>, Trouble> {
    if answer.status == StatusCode::UNAUTHORIZED {
        return Err(Trouble::Session);
    }
    let answer = answer.success()?;
    within_bounds(&answer.body)?;
    let page: Page<T> = answer.json()?;
    if is_object(&answer.body) { Ok(page) } else { Err(no_object().into()) }
}

/// The records of a legacy body that does not say no.
pub(super) fn records<T: DeserializeOwned>(body: &[u8]) -> Result<Each<T>, CallError> {
    within_bounds(body)?;
    let envelope: Envelope<T> = parse(body)?;
    if !is_object(body) {
        return Err(no_object());
    }
    if envelope.meta.rc == "ok" {
        return Ok(envelope.data);
    }
    Err(CallError::new(ProblemCode::BadResponse, "the answer says neither ok nor why not"))
}

/// What is read takes more room than what is written: `{}` is two bytes, and a client a few hundred. So objects are
/// counted before they are read; those within texts are counted too, which are few.
fn within_bounds(body: &[u8]) -> Result<(), CallError> {
    let objects = body.split(|byte| *byte == b'{').skip(1).count();
    if objects <= MOST_OBJECTS {
        return Ok(());
    }
    let message = format!("the answer holds {objects} objects, more than {MOST_OBJECTS}");
    Err(CallError::new(ProblemCode::BadResponse, message))
}

fn no_object() -> CallError {
    CallError::new(ProblemCode::BadResponse, "the answer is a list, not the object that was expected")
}

/// Whether a body is what only a controller without UniFi OS answers at `/status`.
pub(super) fn is_standalone(body: &[u8]) -> bool {
    parse::<Envelope<serde::de::IgnoredAny>>(body).is_ok_and(|envelope| envelope.meta.rc == "ok")
}

fn trouble(no: Refusal) -> Trouble {
    let (code, message) = match no {
        Refusal::Session => return Trouble::Session,
        Refusal::Site => return Trouble::Site,
        Refusal::Permission => (
            ProblemCode::Forbidden,
            "this account may not read this: give it the right to view the network".to_owned(),
        ),
        Refusal::Credentials => (ProblemCode::Unauthorized, "the credentials were refused".to_owned()),
        Refusal::LoginLimit => {
            (ProblemCode::RateLimited, "the controller's limit of logins is reached".to_owned())
        }
        Refusal::SecondFactor => (
            ProblemCode::Unauthorized,
            "this account has a second factor: use a local-only account without one, or an API key"
                .to_owned(),
        ),
        Refusal::Other(code) => (ProblemCode::BadResponse, format!("the controller answers `{code}`")),
    };
    Trouble::Call(CallError::new(code, message))
}
