//! The calls: the only file here that speaks with a controller.

use bytes::Bytes;
use http::{HeaderName, Method};
use schema::source::ProblemCode;
use serde::de::DeserializeOwned;

use super::answer::{self, Trouble};
use super::config::Access;
use super::login::Session;
use super::wire::{Each, Page};
use crate::http::{Call, CallError, Client, SecretBody};
use secrecy::ExposeSecret;

/// Records on one page of the Integration API; its own limit.
const PAGE: usize = 200;
/// Pages of one list: 200,000 records, which is no site.
const MOST_PAGES: u64 = 1000;

/// Which of the two there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Console {
    /// A console (Dream Machine, Cloud Key, UniFi OS Server), where the Network application is one of several.
    UnifiOs,
    /// The Network application by itself.
    Standalone,
}

impl Console {
    /// What stands before the paths of the Network application.
    fn application(self) -> &'static str {
        match self {
            Self::UnifiOs => "/proxy/network",
            Self::Standalone => "",
        }
    }

    fn login(self) -> &'static str {
        match self {
            Self::UnifiOs => "/api/auth/login",
            Self::Standalone => "/api/login",
        }
    }
}

/// How calls get in.
#[derive(Clone)]
pub(super) struct Way {
    /// What answers there.
    pub(super) console: Console,
    /// With a login: its session.
    pub(super) session: Option<Session>,
}

/// A controller.
pub(super) struct Api {
    /// Does the speaking.
    pub(super) client: Client,
    /// By what it lets us in.
    pub(super) access: Access,
    /// As in `/api/s/{site}/`.
    pub(super) site: String,
}

impl Api {
    /// Asks what answers there. Only a controller by itself has a `/status` that anyone may read; UniFi OS answers its
    /// page, a 401, or a redirect, each of which will do.
    pub(super) async fn console(&self) -> Result<Console, CallError> {
        match self.client.call(Call::get("/status")).await {
            Ok(answer) if answer.status.is_server_error() || answer.status.as_u16() == 429 => {
                answer.success().map(|_| Console::UnifiOs)
            }
            Ok(answer) if answer::is_standalone(&answer.body) => Ok(Console::Standalone),
            Ok(_) => Ok(Console::UnifiOs),
            Err(error) if error.code == ProblemCode::BadResponse => Ok(Console::UnifiOs),
            Err(error) => Err(error),
        }
    }

    /// Logs in. Sent once: each try counts.
    pub(super) async fn login(&self, console: Console) -> Result<Session, CallError> {
        let Access::Login { username, password } = &self.access else {
            return Err(CallError::new(ProblemCode::Internal, "there is no account to log in with"));
        };
        let body = serde_json::json!({ "username": username, "password": password.expose_secret() });
        let body = SecretBody(Bytes::from(body.to_string()));
        let mut call = Call::get(console.login());
        call.method = Method::POST;
        call.body = Some(("application/json", body));
        Session::read(self.client.call(call).await?)
    }

    /// A list of the site: `stat/device`.
    pub(super) async fn list<T: DeserializeOwned>(&self, way: &Way, path: &str) -> Result<Each<T>, Trouble> {
        self.legacy(way, &format!("s/{}/{path}", self.site)).await
    }

    /// A list below `/api/`.
    pub(super) async fn legacy<T: DeserializeOwned>(
        &self,
        way: &Way,
        path: &str,
    ) -> Result<Each<T>, Trouble> {
        let call = Call::get(format!("{}/api/{path}", way.console.application()));
        answer::list(self.client.call(self.sign(way, call)).await?)
    }

    /// A whole list of the Integration API, page by page.
    pub(super) async fn integration<T: DeserializeOwned>(
        &self,
        way: &Way,
        path: &str,
    ) -> Result<Each<T>, Trouble> {
        let mut whole = Each::default();
        let mut read: u64 = 0;
        for _ in 0..MOST_PAGES {
            let application = way.console.application();
            let call = Call::get(format!("{application}/integration/v1/{path}?offset={read}&limit={PAGE}"));
            let page: Page<T> = answer::page(self.client.call(self.sign(way, call)).await?)?;
            let count = page.data.good.len() + page.data.bad.len();
            whole.good.extend(page.data.good);
            whole.bad.extend(page.data.bad);
            read += count as u64;
            if read >= page.total_count {
                return Ok(whole);
            }
            if count == 0 || page.offset + count as u64 != read {
                break;
            }
        }
        let message = format!("the list {path} does not end where it says: {read} records were read");
        Err(Trouble::Call(CallError::new(ProblemCode::BadResponse, message)))
    }

    fn sign(&self, way: &Way, call: Call) -> Call {
        match (&self.access, &way.session) {
            (Access::Key(key), _) => call.header(HeaderName::from_static("x-api-key"), key.clone()),
            (Access::Login { .. }, Some(session)) => session.sign(call),
            (Access::Login { .. }, None) => call,
        }
    }
}
