//! From the controller's words to facts: pure, over whole lists, because ports are explained by other records (an uplink
//! by the device below, a VLAN by its network, a client's table by the newest clock in it).

mod carry;
mod client;
mod device;
mod forward;
mod integration;
mod lag;
mod lldp;
mod network;
mod port;
mod vlan;

use std::net::IpAddr;

use schema::fact::Seen;
use schema::source::ProblemCode;
use schema::{Facts, Problem, SourceInfo, Timestamp, address};

use super::kept::Kept;
use super::wire::{self, Each};

/// One list as it was last read.
#[derive(Clone, Debug)]
pub(crate) struct Reading<T> {
    /// What was read.
    pub(crate) list: Each<T>,
    /// When, and whether a later attempt failed.
    pub(crate) seen: Seen,
}

/// What the lists say, and what in them could not be read; that keeps the facts that it had `before`, marked stale.
pub(crate) fn facts(kept: &Kept, before: &Facts, info: &SourceInfo, now: Timestamp) -> (Facts, Vec<Problem>) {
    let mut facts = Facts::default();
    let mut problems = Problems { now, list: Vec::new() };
    let vlans = vlan::Vlans::new(kept);
    if let Some(devices) = &kept.devices.reading {
        device::map(devices, &vlans, &mut facts, &mut problems);
    }
    if let Some(clients) = &kept.clients.reading {
        client::map(clients, &vlans, &mut facts, &mut problems);
    }
    if let Some(networks) = &kept.networks.reading {
        network::map(networks, info, &mut facts, &mut problems);
    }
    if let Some(profiles) = &kept.profiles.reading {
        problems.unread("port profile", &profiles.list);
    }
    if let Some(forwards) = &kept.forwards.reading {
        forward::map(forwards, &mut facts, &mut problems);
    }
    integration::map(kept, &mut facts, &mut problems);
    carry::over(kept, before, &mut facts);
    (facts, problems.list)
}

/// What could not be read, object by object.
struct Problems {
    now: Timestamp,
    list: Vec<Problem>,
}

impl Problems {
    /// Something about one object that could not be read.
    fn bad(&mut self, subject: String, message: String) {
        self.list.push(Problem {
            code: ProblemCode::BadResponse,
            subject: subject.into(),
            message: message.into(),
            since: self.now,
        });
    }

    /// Every element of a list that could not be read at all.
    fn unread<T>(&mut self, what: &str, list: &Each<T>) {
        for unread in &list.bad {
            self.bad(format!("{what} {}", unread.subject), unread.why.clone());
        }
    }

    /// An address as the controller writes it: nothing where it says that there is none.
    fn address(&mut self, subject: &str, text: Option<&str>) -> Option<IpAddr> {
        let text = text?;
        match text.parse::<IpAddr>() {
            Ok(ip) if ip.is_unspecified() => None,
            Ok(ip) => Some(address::canonical(ip)),
            Err(_) => {
                let written = wire::printable(text);
                self.bad(subject.to_owned(), format!("its address `{written}` is no IP address"));
                None
            }
        }
    }
}
