//! A guest's details: when they are read again, and what is remembered of them. Pure; the calls are made in `collect`.
//!
//! Configuration and addresses seldom change and cost two calls a guest, so they are read when the list shows that
//! something happened, else every five minutes (docs/design.md, rule 7).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use schema::fact::{GuestFact, GuestStatus, NicFact, Reading};
use schema::source::ProblemCode;
use schema::{Mac, Timestamp};

use super::entries::GuestEntry;
use super::property::{self, GuestConfig};
use super::wire::Interface;
use crate::http::CallError;

/// Details are read again after this, at the latest.
const EVERY: Duration = Duration::from_mins(5);
/// What failed, and an agent that fell silent, are asked again after this.
const AGAIN: Duration = Duration::from_mins(1);
/// A guest that has just started has no address yet, and will have one soon.
const AGAIN_AFTER_BOOT: Duration = Duration::from_secs(30);
const JUST_BOOTED: f64 = 300.0;
/// An agent that is silent for longer has nothing to say any more.
pub(super) const SILENCE: Duration = Duration::from_mins(15);

/// What is remembered of a guest.
pub(super) struct GuestMemory {
    status: GuestStatus,
    node: Arc<str>,
    uptime: f64,
    due: Timestamp,
    read_before: bool,
    /// As last read.
    pub(super) config: Option<GuestConfig>,
    /// Why the last reading of the configuration brought none.
    pub(super) config_fault: Option<CallError>,
    /// The last addresses that the guest itself reported since it was started, and when.
    pub(super) reported: Option<(Timestamp, BTreeMap<Mac, Vec<IpAddr>>)>,
    /// How the last reading of them went.
    pub(super) outcome: Outcome,
    /// It ran when it was last read, and was not started again since, so that `NotAsked` is an answer: there is nobody to ask.
    asked: bool,
    /// What was last asserted of it.
    pub(super) fact: Option<GuestFact>,
}

/// How asking a guest for its own addresses went.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// It does not run, is paused, or has no agent: nobody asked.
    NotAsked,
    /// It answered.
    Answered,
    /// Its agent is enabled and does not answer.
    Silent,
    /// The token may not ask.
    Refused,
    /// The question failed.
    Failed(CallError),
}

/// What reading a guest's details brought.
pub(super) struct Details {
    pub(super) config: Result<GuestConfig, CallError>,
    pub(super) addresses: Addresses,
}

/// What asking a guest for its own addresses brought.
pub(super) enum Addresses {
    NotAsked,
    Answered(Vec<Interface>),
    Silent,
    Failed(CallError),
}

impl GuestMemory {
    /// A guest that is seen for the first time.
    pub(super) fn new(entry: &GuestEntry) -> Self {
        Self {
            status: entry.status,
            node: Arc::clone(&entry.node),
            uptime: entry.uptime(),
            due: Timestamp::default(),
            read_before: false,
            config: None,
            config_fault: None,
            reported: None,
            outcome: Outcome::NotAsked,
            asked: false,
            fact: None,
        }
    }

    /// Takes in what the list says now: a change makes the details due, another boot makes the addresses void.
    pub(super) fn note(&mut self, entry: &GuestEntry, now: Timestamp) {
        let uptime = entry.uptime();
        // The list of a silent node has no uptime at all; that is no boot.
        let went_back = uptime < self.uptime && entry.status != GuestStatus::Unknown;
        if entry.status != self.status || entry.node != self.node || went_back {
            self.due = now;
        }
        if went_back || is_down(entry.status) {
            self.reported = None;
            self.outcome = Outcome::NotAsked;
            self.asked = false;
        }
        self.status = entry.status;
        self.node = Arc::clone(&entry.node);
        if entry.status != GuestStatus::Unknown {
            self.uptime = uptime;
        }
    }

    /// Whether its details are to be read in this round.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        now >= self.due
    }

    /// Whether what it bears could be read: its configuration and, where it runs and some interface has no address by any
    /// rule, what it reports itself; its last word counts for as long as it is asserted. A silent agent is an answer: there is
    /// nothing to be read.
    pub(super) fn reading(&self, nics: &[NicFact], now: Timestamp) -> Reading {
        let told =
            self.asked && matches!(self.outcome, Outcome::NotAsked | Outcome::Answered | Outcome::Silent);
        let has_all = || nics.iter().all(|nic| !nic.claims.is_empty());
        let knows = told || has_all() || self.reported_within_silence(now).is_some();
        let may_run = matches!(self.status, GuestStatus::Running | GuestStatus::Unknown);
        if self.config.is_some() && (knows || !may_run) {
            return Reading::Done;
        }
        // Nobody asks a guest of which Proxmox does not know whether it runs.
        let in_vain = self.config.is_some() && self.status == GuestStatus::Unknown;
        let refused = matches!(self.outcome, Outcome::Refused | Outcome::Failed(_));
        if in_vain || refused || self.config_fault.is_some() { Reading::Failed } else { Reading::NotYet }
    }

    /// The order in which details are read: first of those that were not tried since the guest was listed or started, then of
    /// those that wait longest.
    pub(super) fn turn(&self) -> (bool, Timestamp) {
        let unread = self.config.is_none() || (self.status == GuestStatus::Running && !self.asked);
        (!unread || self.config_fault.is_some(), self.due)
    }

    /// Takes in a reading of its details.
    pub(super) fn absorb(&mut self, vmid: u32, reading: Details, now: Timestamp) {
        let failed = reading.config.is_err();
        match reading.config {
            Ok(config) => {
                self.config = Some(config);
                self.config_fault = None;
            }
            Err(error) => self.config_fault = Some(error),
        }
        // Without the configuration nobody was asked for addresses either: what is known of them stays as it is.
        if !failed {
            self.asked = self.status == GuestStatus::Running;
            self.outcome = match reading.addresses {
                Addresses::NotAsked => Outcome::NotAsked,
                Addresses::Answered(interfaces) => {
                    self.reported = Some((now, property::addresses_by_mac(&interfaces)));
                    Outcome::Answered
                }
                Addresses::Silent => Outcome::Silent,
                Addresses::Failed(error) if error.code == ProblemCode::Forbidden => Outcome::Refused,
                Addresses::Failed(error) => Outcome::Failed(error),
            };
        }
        self.due = now.plus(self.pause(vmid, now));
        self.read_before = true;
    }

    /// How long its details are left alone from now on.
    fn pause(&self, vmid: u32, now: Timestamp) -> Duration {
        let forbidden = self.config_fault.as_ref().is_some_and(|fault| fault.code == ProblemCode::Forbidden);
        if self.config_fault.is_some() && !forbidden {
            return AGAIN;
        }
        let lacks_addresses = match &self.outcome {
            Outcome::NotAsked | Outcome::Refused => false,
            Outcome::Failed(_) => return AGAIN,
            Outcome::Silent => {
                // A backup freezes an agent for minutes, not for hours.
                if self.reported_within_silence(now).is_some() {
                    return AGAIN;
                }
                true
            }
            Outcome::Answered => {
                self.reported.as_ref().is_none_or(|(_, by_mac)| by_mac.values().all(Vec::is_empty))
            }
        };
        if lacks_addresses && self.uptime < JUST_BOOTED {
            return AGAIN_AFTER_BOOT;
        }
        if self.read_before { EVERY } else { EVERY.mul_f64(spread(vmid)) }
    }

    /// The last reported addresses, while an agent's silence does not yet mean anything.
    pub(super) fn reported_within_silence(&self, now: Timestamp) -> Option<&BTreeMap<Mac, Vec<IpAddr>>> {
        self.reported.as_ref().filter(|(at, _)| now.since(*at) <= SILENCE).map(|(_, by_mac)| by_mac)
    }
}

/// It does not run, and what it knew of its addresses ended with that.
pub(super) fn is_down(status: GuestStatus) -> bool {
    matches!(status, GuestStatus::Stopped | GuestStatus::Suspended)
}

/// From a fifth to all of the first pause, by VMID: guests that were read in one burst are not read in one burst again.
fn spread(vmid: u32) -> f64 {
    // Knuth's multiplicative hash; its upper bits are the well mixed ones.
    let mixed = vmid.wrapping_mul(2_654_435_761) >> 16;
    0.2 + 0.8 * f64::from(mixed) / f64::from(u16::MAX)
}
