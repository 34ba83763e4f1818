//! One collection: what is asked, what is asked again after a new login, and what becomes of it.

use schema::source::ProblemCode;
use schema::{Facts, Problem, Snapshot, SourceInfo, Timestamp};

use super::answer::Trouble;
use super::api::{Api, Console, Way};
use super::config::Access;
use super::kept::{Kept, SELDOM};
use super::login::{Gate, Session};
use super::wire::{self, Each};
use crate::http::CallError;

/// What is remembered from one collection to the next.
#[derive(Default)]
pub(super) struct State {
    /// What answers there, once something good has come of believing so.
    console: Option<Console>,
    /// With a login: its session, for as long as it lasts.
    session: Option<Session>,
    /// Lets logins through.
    gate: Gate,
    /// With a key that does not open the legacy API: when that is tried again.
    closed_until: Option<Timestamp>,
    /// The controller asked not to be asked before.
    quiet_until: Option<Timestamp>,
    /// What was read.
    kept: Kept,
    /// What was made of it last.
    facts: Facts,
}

/// What one round of calls brought; `None` where nothing was asked.
#[derive(Default)]
struct Answers {
    devices: Option<Heard<wire::Device>>,
    clients: Option<Heard<wire::Client>>,
    networks: Option<Heard<wire::NetworkConf>>,
    profiles: Option<Heard<wire::PortConf>>,
    forwards: Option<Heard<wire::PortForward>>,
}

type Heard<T> = Result<Each<T>, Trouble>;

/// A list that can be asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Devices,
    Clients,
    Networks,
    Profiles,
    Forwards,
}

/// What changes all the time.
const OFTEN: &[Wanted] = &[Wanted::Devices, Wanted::Clients];
/// That, and the settings: as many calls as one source may have under way.
const ALL: &[Wanted] =
    &[Wanted::Devices, Wanted::Clients, Wanted::Networks, Wanted::Profiles, Wanted::Forwards];

/// Collects once.
pub(super) async fn collect(api: &Api, state: &mut State, info: &SourceInfo, now: Timestamp) -> Snapshot {
    if let Some(until) = state.quiet_until.filter(|until| now < *until) {
        let seconds = until.since(now).as_secs().max(1);
        let message = format!("the controller asked to slow down: it is asked again in {seconds} s");
        return failed(&CallError::new(ProblemCode::RateLimited, message), now);
    }
    let outcome = round(api, state, now).await;
    let errors = state.kept.errors_of(now).into_iter().chain(outcome.as_ref().err());
    state.quiet_until = errors
        .filter(|error| error.code == ProblemCode::RateLimited)
        .filter_map(|error| Some(now.plus(error.retry_after?)))
        .max();
    if let Err(error) = outcome {
        return failed(&error, now);
    }
    let kept = &state.kept;
    let (facts, mut problems) = super::map::facts(kept, &state.facts, info, now);
    problems.extend(kept.problems(now));
    let mut snapshot = Snapshot { collected_at: now, problems, ..Snapshot::default() };
    for (list, error) in kept.unread() {
        snapshot.not_read(list, error.code, &error.message, error.code == ProblemCode::Forbidden);
    }
    state.facts = facts.clone();
    Snapshot { facts, ..snapshot }
}

fn failed(error: &CallError, now: Timestamp) -> Snapshot {
    let failure = Problem {
        code: error.code,
        subject: "the controller".into(),
        message: error.message.as_str().into(),
        since: now,
    };
    Snapshot { collected_at: now, failure: Some(failure), ..Snapshot::default() }
}

/// Asks for what is due and keeps it; an error where neither devices nor clients could be read.
async fn round(api: &Api, state: &mut State, now: Timestamp) -> Result<(), CallError> {
    let mut way = way(api, state, now).await?;
    if state.closed_until.is_some_and(|until| now < until) {
        return integration(api, state, &way, now).await;
    }
    let wanted = if state.kept.settings_are_due(now) { ALL } else { OFTEN };
    let mut answers = ask(api, &way, wanted).await;
    let expired = answers.expired();
    if !expired.is_empty() && matches!(api.access, Access::Login { .. }) {
        state.session = None;
        way.session = Some(login(api, state, way.console, now).await?);
        answers.merge(ask(api, &way, &expired).await);
    }
    if let (Some(Err(Trouble::Site)), _) | (_, Some(Err(Trouble::Site))) =
        (&answers.devices, &answers.clients)
    {
        return Err(no_such_site(api, &way).await);
    }
    if answers.is_closed() && matches!(api.access, Access::Key(_)) && state.kept.devices.reading.is_none() {
        integration(api, state, &way, now).await?;
        state.closed_until = Some(now.plus(SELDOM));
        return Ok(());
    }
    keep(state, way.console, answers, &api.access, now)
}

/// Keeps what came.
fn keep(
    state: &mut State,
    console: Console,
    answers: Answers,
    access: &Access,
    now: Timestamp,
) -> Result<(), CallError> {
    let kept = &mut state.kept;
    let settings = answers.networks.is_some();
    take(&mut kept.devices, answers.devices, access, now);
    take(&mut kept.clients, answers.clients, access, now);
    take(&mut kept.networks, answers.networks, access, now);
    take(&mut kept.profiles, answers.profiles, access, now);
    take(&mut kept.forwards, answers.forwards, access, now);
    if let (Some(devices), Some(_)) = (&kept.devices.problem, &kept.clients.problem) {
        // Perhaps something else stands there now; the next round looks.
        state.console = None;
        return Err(devices.clone());
    }
    state.console = Some(console);
    state.closed_until = None;
    kept.integration_devices = super::kept::List::default();
    kept.integration_clients = super::kept::List::default();
    if settings {
        kept.settings_are_read();
    }
    Ok(())
}

fn take<T>(list: &mut super::kept::List<T>, heard: Option<Heard<T>>, access: &Access, now: Timestamp) {
    if let Some(heard) = heard {
        list.take(heard.map_err(|trouble| explain(trouble, access)), now);
    }
}

/// What answers there, and a session where one is needed.
async fn way(api: &Api, state: &mut State, now: Timestamp) -> Result<Way, CallError> {
    let console = match state.console {
        Some(console) => console,
        None => api.console().await?,
    };
    let session = match (&api.access, &state.session) {
        (Access::Key(_), _) => None,
        (Access::Login { .. }, Some(session)) => Some(session.clone()),
        (Access::Login { .. }, None) => Some(login(api, state, console, now).await?),
    };
    Ok(Way { console, session })
}

async fn login(api: &Api, state: &mut State, console: Console, now: Timestamp) -> Result<Session, CallError> {
    state.gate.enter(now)?;
    match api.login(console).await {
        Ok(session) => {
            state.session = Some(session.clone());
            Ok(session)
        }
        Err(error) => {
            state.gate.close(now, &error);
            Err(error)
        }
    }
}

async fn ask(api: &Api, way: &Way, wanted: &[Wanted]) -> Answers {
    async fn one<T: serde::de::DeserializeOwned>(
        api: &Api,
        way: &Way,
        wanted: bool,
        path: &str,
    ) -> Option<Heard<T>> {
        if wanted { Some(api.list(way, path).await) } else { None }
    }
    let (devices, clients, networks, profiles, forwards) = tokio::join!(
        one(api, way, wanted.contains(&Wanted::Devices), "stat/device"),
        one(api, way, wanted.contains(&Wanted::Clients), "stat/sta"),
        one(api, way, wanted.contains(&Wanted::Networks), "rest/networkconf"),
        one(api, way, wanted.contains(&Wanted::Profiles), "rest/portconf"),
        one(api, way, wanted.contains(&Wanted::Forwards), "rest/portforward"),
    );
    Answers { devices, clients, networks, profiles, forwards }
}

/// Which devices and clients there are, by the Integration API: all that a key shows where the legacy API is closed to it.
async fn integration(api: &Api, state: &mut State, way: &Way, now: Timestamp) -> Result<(), CallError> {
    let sites: Each<wire::IntegrationSite> =
        api.integration(way, "sites").await.map_err(|trouble| explain(trouble, &api.access))?;
    let Some(site) = sites.good.iter().find(|site| site.internal_reference == api.site) else {
        return Err(unknown_site(
            &api.site,
            sites.good.iter().map(|site| (site.internal_reference.as_str(), site.name.as_deref())),
        ));
    };
    let (devices_path, clients_path) =
        (format!("sites/{}/devices", site.id), format!("sites/{}/clients", site.id));
    let (devices, clients) =
        tokio::join!(api.integration(way, &devices_path), api.integration(way, &clients_path));
    let kept = &mut state.kept;
    take(&mut kept.integration_devices, Some(devices), &api.access, now);
    take(&mut kept.integration_clients, Some(clients), &api.access, now);
    if let (Some(devices), Some(_)) = (&kept.integration_devices.problem, &kept.integration_clients.problem) {
        return Err(devices.clone());
    }
    let closed = "this API key opens only the Integration API, which tells neither ports nor LLDP, port forwards, \
                  networks or where a client hangs: use username and password of a local account";
    kept.forwards.take(Err(CallError::new(ProblemCode::Forbidden, closed)), now);
    state.console = Some(way.console);
    Ok(())
}

async fn no_such_site(api: &Api, way: &Way) -> CallError {
    let sites: Heard<wire::Site> = api.legacy(way, "self/sites").await;
    let sites = sites.unwrap_or_default().good;
    unknown_site(&api.site, sites.iter().map(|site| (site.name.as_str(), site.desc.as_deref())))
}

fn unknown_site<'a>(wanted: &str, sites: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> CallError {
    let named = |(name, title): (&str, Option<&str>)| match title {
        Some(title) => format!("{} ({})", wire::printable(name), wire::printable(title)),
        None => wire::printable(name),
    };
    let there: Vec<String> = sites.take(20).map(named).collect();
    let there = if there.is_empty() { "none that may be seen".to_owned() } else { there.join(", ") };
    CallError::new(
        ProblemCode::NotFound,
        format!("there is no site `{wanted}`, or it may not be seen; set site to one of: {there}"),
    )
}

fn explain(trouble: Trouble, access: &Access) -> CallError {
    match (trouble, access) {
        (Trouble::Call(error), _) => error,
        (Trouble::Site, _) => CallError::new(ProblemCode::NotFound, "there is no such site"),
        (Trouble::Session, Access::Key(_)) => CallError::new(
            ProblemCode::Unauthorized,
            "the API key was refused: check that it is complete, of this controller, and not revoked",
        ),
        (Trouble::Session, Access::Login { .. }) => CallError::new(
            ProblemCode::Unauthorized,
            "the controller refuses the session that it has just opened: may this account use UniFi Network?",
        ),
    }
}

impl Answers {
    /// What was answered that there is no session.
    fn expired(&self) -> Vec<Wanted> {
        fn is<T>(heard: Option<&Heard<T>>) -> bool {
            matches!(heard, Some(Err(Trouble::Session)))
        }
        [
            (is(self.devices.as_ref()), Wanted::Devices),
            (is(self.clients.as_ref()), Wanted::Clients),
            (is(self.networks.as_ref()), Wanted::Networks),
            (is(self.profiles.as_ref()), Wanted::Profiles),
            (is(self.forwards.as_ref()), Wanted::Forwards),
        ]
        .into_iter()
        .filter_map(|(is, list)| is.then_some(list))
        .collect()
    }

    /// Whether neither main list may be read: the API itself is closed to us, or is not there.
    fn is_closed(&self) -> bool {
        fn is<T>(heard: Option<&Heard<T>>) -> bool {
            match heard {
                Some(Err(Trouble::Session)) => true,
                Some(Err(Trouble::Call(error))) => {
                    matches!(
                        error.code,
                        ProblemCode::Unauthorized | ProblemCode::Forbidden | ProblemCode::NotFound
                    )
                }
                _ => false,
            }
        }
        is(self.devices.as_ref()) && is(self.clients.as_ref())
    }

    /// Puts later answers in the place of earlier ones.
    fn merge(&mut self, later: Self) {
        self.devices = later.devices.or(self.devices.take());
        self.clients = later.clients.or(self.clients.take());
        self.networks = later.networks.or(self.networks.take());
        self.profiles = later.profiles.or(self.profiles.take());
        self.forwards = later.forwards.or(self.forwards.take());
    }
}
