//! What was read so far: each list with the time of its reading, and what went wrong with it since.

use std::collections::BTreeMap;
use std::time::Duration;

use schema::fact::{MainList, Seen};
use schema::source::ProblemCode;
use schema::{Problem, Timestamp};

use super::map::Reading;
use super::wire::{self, Each};
use crate::http::CallError;

/// How often settings are read where nothing says that they changed.
pub(super) const SELDOM: Duration = Duration::from_mins(5);

/// One list.
#[derive(Debug)]
pub(super) struct List<T> {
    /// As it was last read.
    pub(super) reading: Option<Reading<T>>,
    /// Why the last attempt brought none.
    pub(super) problem: Option<CallError>,
    /// When that was.
    tried: Option<Timestamp>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { reading: None, problem: None, tried: None }
    }
}

impl<T> List<T> {
    /// Takes what an attempt brought. Where it failed, what was read before stays and is stale.
    pub(super) fn take(&mut self, heard: Result<Each<T>, CallError>, now: Timestamp) {
        self.tried = Some(now);
        match heard {
            Ok(list) => {
                self.reading = Some(Reading { list, seen: Seen { at: now, stale: false } });
                self.problem = None;
            }
            Err(error) => {
                if let Some(reading) = &mut self.reading {
                    reading.seen.stale = true;
                }
                self.problem = Some(error);
            }
        }
    }

    /// Whether the last attempt is long ago.
    fn is_due(&self, now: Timestamp) -> bool {
        self.tried.is_none_or(|at| now.since(at) >= SELDOM)
    }

    /// Why the last attempt did not bring all of it.
    fn lacks(&self) -> Option<CallError> {
        let bad = self.reading.as_ref().map_or(0, |reading| reading.list.bad.len());
        let unreadable = || {
            let message = format!("{bad} of them cannot be read");
            (bad > 0).then(|| CallError::new(ProblemCode::BadResponse, message))
        };
        self.problem.clone().or_else(unreadable)
    }

    fn problem(&self, subject: &str, now: Timestamp) -> Option<Problem> {
        self.problem.as_ref().map(|error| Problem {
            code: error.code,
            subject: subject.into(),
            message: error.message.as_str().into(),
            since: now,
        })
    }
}

/// Every list.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// `stat/device`
    pub(super) devices: List<wire::Device>,
    /// `stat/sta`
    pub(super) clients: List<wire::Client>,
    /// `rest/networkconf`
    pub(super) networks: List<wire::NetworkConf>,
    /// `rest/portconf`
    pub(super) profiles: List<wire::PortConf>,
    /// `rest/portforward`
    pub(super) forwards: List<wire::PortForward>,
    /// The Integration API's devices, where the legacy API is closed.
    pub(super) integration_devices: List<wire::IntegrationDevice>,
    /// The Integration API's clients, where the legacy API is closed.
    pub(super) integration_clients: List<wire::IntegrationClient>,
    /// Versions of the devices' settings when settings were last read.
    settings_of: BTreeMap<String, String>,
}

impl Kept {
    /// Whether settings (networks, port profiles, port forwards) are to be read: it is long ago, or a device says that
    /// its own have changed, as the gateway does with every port forward.
    pub(super) fn settings_are_due(&self, now: Timestamp) -> bool {
        self.networks.is_due(now)
            || self.profiles.is_due(now)
            || self.forwards.is_due(now)
            || self.settings_now() != self.settings_of
    }

    /// Remembers of which settings those that are being read are.
    pub(super) fn settings_are_read(&mut self) {
        self.settings_of = self.settings_now();
    }

    fn settings_now(&self) -> BTreeMap<String, String> {
        let devices = self.devices.reading.iter().flat_map(|reading| &reading.list.good);
        devices.filter_map(|device| Some((device.mac.clone(), device.cfgversion.clone()?))).collect()
    }

    /// Why lists could not be read in this round.
    pub(super) fn errors_of(&self, round: Timestamp) -> Vec<&CallError> {
        fn of<T>(list: &List<T>, round: Timestamp) -> Option<&CallError> {
            list.problem.as_ref().filter(|_| list.tried == Some(round))
        }
        [
            of(&self.devices, round),
            of(&self.clients, round),
            of(&self.networks, round),
            of(&self.profiles, round),
            of(&self.forwards, round),
            of(&self.integration_devices, round),
            of(&self.integration_clients, round),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The main lists that the last round did not bring in full, and why: of the Integration API, where that is all that is
    /// open.
    pub(super) fn unread(&self) -> impl Iterator<Item = (MainList, CallError)> {
        let (devices, clients) = if self.integration_devices.tried.is_some() {
            (self.integration_devices.lacks(), self.integration_clients.lacks())
        } else {
            (self.devices.lacks(), self.clients.lacks())
        };
        let unread = [(MainList::Devices, devices), (MainList::Clients, clients)];
        unread.into_iter().filter_map(|(list, why)| Some((list, why?)))
    }

    /// What is wrong with whole lists.
    pub(super) fn problems(&self, now: Timestamp) -> Vec<Problem> {
        [
            self.devices.problem("devices", now),
            self.clients.problem("clients", now),
            self.networks.problem("networks", now),
            self.profiles.problem("port profiles", now),
            self.forwards.problem("port forwards", now),
            self.integration_devices.problem("devices (Integration API)", now),
            self.integration_clients.problem("clients (Integration API)", now),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
