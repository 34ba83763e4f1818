//! From the answers of one collection to a snapshot: what could be read, what could not, and what the account may not
//! see. Does no I/O.

use std::collections::BTreeSet;

use schema::fact::{CertificateFact, MainList, ProxyHostFact, ProxyKind};
use schema::source::ProblemCode;
use schema::{Problem, Snapshot, Timestamp};
use serde::de::DeserializeOwned;

use super::Objects;
use super::map::{Map, reference};
use super::wire::{
    Account, Certificate, DeadHost, Login, Permissions, ProxyHost, RedirectionHost, Refusal, Stream,
};
use crate::http::{CallError, parse};
use crate::objects::{Gap, Memory, Unread, each};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    ProxyHosts,
    RedirectionHosts,
    DeadHosts,
    Streams,
    Certificates,
}

impl List {
    pub(super) const ALL: [Self; 5] =
        [Self::ProxyHosts, Self::RedirectionHosts, Self::DeadHosts, Self::Streams, Self::Certificates];

    /// Where it is read.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::ProxyHosts => "/api/nginx/proxy-hosts",
            Self::RedirectionHosts => "/api/nginx/redirection-hosts",
            Self::DeadHosts => "/api/nginx/dead-hosts",
            Self::Streams => "/api/nginx/streams",
            Self::Certificates => "/api/nginx/certificates",
        }
    }

    /// As NPM's own pages call it.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ProxyHosts => ("proxy hosts", "proxy host"),
            Self::RedirectionHosts => ("redirection hosts", "redirection host"),
            Self::DeadHosts => ("404 hosts", "404 host"),
            Self::Streams => ("streams", "stream"),
            Self::Certificates => ("certificates", "certificate"),
        }
    }

    /// The main list that it is.
    fn main(self) -> Option<MainList> {
        match self {
            Self::ProxyHosts => Some(MainList::ProxyHosts),
            Self::RedirectionHosts => Some(MainList::RedirectionHosts),
            Self::DeadHosts => Some(MainList::DeadHosts),
            Self::Streams => Some(MainList::Streams),
            Self::Certificates => None,
        }
    }

    fn kind(self) -> Option<ProxyKind> {
        match self {
            Self::ProxyHosts => Some(ProxyKind::Proxy),
            Self::RedirectionHosts => Some(ProxyKind::Redirection),
            Self::DeadHosts => Some(ProxyKind::Dead),
            Self::Streams => Some(ProxyKind::Stream),
            Self::Certificates => None,
        }
    }

    fn permission(self, permissions: &Permissions) -> Option<&str> {
        match self {
            Self::ProxyHosts => permissions.proxy_hosts.as_deref(),
            Self::RedirectionHosts => permissions.redirection_hosts.as_deref(),
            Self::DeadHosts => permissions.dead_hosts.as_deref(),
            Self::Streams => permissions.streams.as_deref(),
            Self::Certificates => permissions.certificates.as_deref(),
        }
    }
}

/// What the account may see, by the proxy's own word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rights {
    hidden: Vec<List>,
    access_lists_hidden: bool,
    only_its_own: bool,
}

impl Rights {
    /// An administrator sees everything, whatever the permissions beside that say.
    pub(super) fn of(account: &Account) -> Self {
        let admin = account.roles.iter().any(|role| role == "admin");
        match &account.permissions {
            Some(permissions) if !admin => Self {
                hidden: List::ALL
                    .into_iter()
                    .filter(|list| list.permission(permissions) == Some("hidden"))
                    .collect(),
                access_lists_hidden: permissions.access_lists.as_deref() == Some("hidden"),
                only_its_own: permissions.visibility.as_deref() == Some("user"),
            },
            _ => Self { hidden: Vec::new(), access_lists_hidden: false, only_its_own: false },
        }
    }

    /// What an account could change, in words.
    pub(super) fn to_change(account: &Account) -> Vec<String> {
        if account.roles.iter().any(|role| role == "admin") {
            return vec!["everything, as an administrator".to_owned()];
        }
        let Some(permissions) = &account.permissions else { return Vec::new() };
        let lists = [
            ("proxy hosts", &permissions.proxy_hosts),
            ("redirection hosts", &permissions.redirection_hosts),
            ("404 hosts", &permissions.dead_hosts),
            ("streams", &permissions.streams),
            ("access lists", &permissions.access_lists),
            ("certificates", &permissions.certificates),
        ];
        let managed = lists.into_iter().filter(|(_, may)| may.as_deref() == Some("manage"));
        managed.map(|(list, _)| list.to_owned()).collect()
    }

    pub(super) fn may_see(&self, list: List) -> bool {
        !self.hidden.contains(&list)
    }

    /// Their names, which the proxy would show to anyone beside a host: what is hidden is not asked for.
    pub(super) fn may_see_access_lists(&self) -> bool {
        !self.access_lists_hidden
    }
}

/// How asking for one list went.
pub(super) enum Reading {
    Objects(Objects),
    /// Not asked for: the account may not see it.
    Hidden,
    Failed(CallError),
}

/// How asking for all of them went.
pub(super) struct Readings {
    pub(super) proxy_hosts: Reading,
    pub(super) redirection_hosts: Reading,
    pub(super) dead_hosts: Reading,
    pub(super) streams: Reading,
    pub(super) certificates: Reading,
    /// Why the proxy hosts came without the names of their access lists.
    pub(super) without_access_lists: Option<CallError>,
}

impl Readings {
    fn of(&self, list: List) -> &Reading {
        match list {
            List::ProxyHosts => &self.proxy_hosts,
            List::RedirectionHosts => &self.redirection_hosts,
            List::DeadHosts => &self.dead_hosts,
            List::Streams => &self.streams,
            List::Certificates => &self.certificates,
        }
    }

    /// The first error, where nothing at all was read.
    fn failure(&self) -> Option<&CallError> {
        let mut first = None;
        for list in List::ALL {
            match self.of(list) {
                Reading::Objects(_) => return None,
                Reading::Failed(error) => first = first.or(Some(error)),
                Reading::Hidden => {}
            }
        }
        first
    }
}

/// Each list as it was last known.
#[derive(Default)]
pub(super) struct Memories {
    proxy_hosts: Memory<ProxyHostFact>,
    redirection_hosts: Memory<ProxyHostFact>,
    dead_hosts: Memory<ProxyHostFact>,
    streams: Memory<ProxyHostFact>,
    certificates: Memory<CertificateFact>,
}

/// A collection of which nothing came.
pub(super) fn failed(now: Timestamp, error: &CallError) -> Snapshot {
    let problem = Problem {
        code: error.code,
        subject: "the proxy".into(),
        message: error.message.as_str().into(),
        since: now,
    };
    Snapshot { collected_at: now, failure: Some(problem), ..Snapshot::default() }
}

/// A refusal that may be about `expand` rather than about the list.
pub(super) fn may_be_the_expansion(error: &CallError) -> bool {
    matches!(error.code, ProblemCode::Forbidden | ProblemCode::NotFound | ProblemCode::BadResponse)
}

/// Puts the answers together. Where every list failed, so did the collection.
pub(super) fn assemble(now: Timestamp, rights: &Rights, readings: &Readings, memory: &Memories) -> Snapshot {
    if let Some(error) = readings.failure() {
        return failed(now, error);
    }
    if rights.hidden.len() == List::ALL.len() {
        let message =
            "the account may see none of the proxy's lists: give it the permission to view them".to_owned();
        return failed(now, &CallError::new(ProblemCode::Forbidden, message));
    }
    let mut collected = Collected { now, map: Map::new(now), snapshot: Snapshot::default() };
    collected.snapshot.collected_at = now;
    let hosts = [
        (List::ProxyHosts, &memory.proxy_hosts),
        (List::RedirectionHosts, &memory.redirection_hosts),
        (List::DeadHosts, &memory.dead_hosts),
        (List::Streams, &memory.streams),
    ];
    for (list, memory) in hosts {
        let (mut facts, gap) = match list {
            List::RedirectionHosts => {
                collected.read::<RedirectionHost, _>(list, readings.of(list), super::map::Map::redirection)
            }
            List::DeadHosts => {
                collected.read::<DeadHost, _>(list, readings.of(list), super::map::Map::dead_host)
            }
            List::Streams => collected.read::<Stream, _>(list, readings.of(list), super::map::Map::stream),
            List::ProxyHosts | List::Certificates => {
                collected.read::<ProxyHost, _>(list, readings.of(list), super::map::Map::proxy_host)
            }
        };
        memory.fill(&mut facts, &gap);
        collected.snapshot.facts.proxy_hosts.append(&mut facts);
    }
    let list = List::Certificates;
    let (mut facts, gap) =
        collected.read::<Certificate, _>(list, readings.of(list), |map, wire| map.certificate(wire));
    if let Reading::Hidden = readings.certificates {
        facts = used_certificates(&readings.proxy_hosts, now);
    }
    memory.certificates.fill(&mut facts, &gap);
    collected.snapshot.facts.certificates = facts;
    collected.finish(rights, readings)
}

/// Certificates as proxy hosts show them, which is all that an account sees that may not list them.
fn used_certificates(proxy_hosts: &Reading, now: Timestamp) -> Vec<CertificateFact> {
    let Reading::Objects(objects) = proxy_hosts else { return Vec::new() };
    let map = Map::new(now);
    let mut facts: Vec<CertificateFact> = Vec::new();
    for host in each::<ProxyHost>(objects).0 {
        let Some(certificate) = host.certificate else { continue };
        let fact = map.certificate(&certificate);
        if !facts.iter().any(|known| known.reference == fact.reference) {
            facts.push(fact);
        }
    }
    facts
}

/// A snapshot on its way.
struct Collected {
    now: Timestamp,
    map: Map,
    snapshot: Snapshot,
}

impl Collected {
    fn read<W: DeserializeOwned, F>(
        &mut self,
        list: List,
        reading: &Reading,
        map: fn(&mut Map, &W) -> F,
    ) -> (Vec<F>, Gap) {
        let (words, word) = list.words();
        let objects = match reading {
            Reading::Objects(objects) => objects,
            Reading::Failed(error) => {
                self.note(error.code, words, error.message.clone());
                if let Some(main) = list.main() {
                    self.snapshot.not_read(main, error.code, &error.message, false);
                }
                return (Vec::new(), Gap::Rest);
            }
            Reading::Hidden => {
                let message = format!("the account may not see {words}: give it the permission to view them");
                if let Some(main) = list.main() {
                    self.snapshot.not_read(main, ProblemCode::Forbidden, &message, true);
                }
                self.note(ProblemCode::Forbidden, words, message);
                // Hosts that may no longer be listed are held by the poller, which the snapshot tells so.
                return (Vec::new(), Gap::Objects(BTreeSet::new()));
            }
        };
        let (wires, unread) = each::<W>(objects);
        if let (Some(main), false) = (list.main(), unread.is_empty()) {
            let message = format!("{} of them cannot be read", unread.len());
            self.snapshot.not_read(main, ProblemCode::BadResponse, &message, false);
        }
        let mut gap = BTreeSet::new();
        for Unread { id, reason } in unread {
            let subject = id.as_ref().map_or_else(|| words.to_owned(), |id| format!("{word} {id}"));
            self.note(ProblemCode::BadResponse, &subject, reason);
            gap.extend(
                id.map(|id| list.kind().map_or_else(|| id.clone(), |kind| reference(kind, &id).into())),
            );
        }
        (wires.iter().map(|wire| map(&mut self.map, wire)).collect(), Gap::Objects(gap))
    }

    fn finish(mut self, rights: &Rights, readings: &Readings) -> Snapshot {
        if rights.only_its_own {
            let message = "the account sees only what it made itself: set its item visibility to all items";
            self.note(ProblemCode::Forbidden, "the account", message.to_owned());
            for list in MainList::OF_PROXIES {
                self.snapshot.not_read(*list, ProblemCode::Forbidden, message, true);
            }
        }
        if !rights.may_see_access_lists() {
            let message =
                "the account may not see access lists: give it the permission to view them".to_owned();
            self.note(ProblemCode::Forbidden, "access lists", message);
        } else if let Some(error) = &readings.without_access_lists {
            let message = format!("the names of access lists were refused: {}", error.message);
            self.note(error.code, "access lists", message);
        }
        self.snapshot.problems.append(&mut self.map.into_problems());
        self.snapshot
    }

    fn note(&mut self, code: ProblemCode, subject: &str, message: String) {
        self.snapshot.problems.push(Problem {
            code,
            subject: subject.into(),
            message: message.into(),
            since: self.now,
        });
    }
}

/// For recorded answers: a list, each object of which must be readable, or a refusal.
pub(super) fn parse_list<W: DeserializeOwned>(body: &[u8]) -> Result<(), CallError> {
    if is_refusal(body) {
        return Ok(());
    }
    let objects: Objects = parse(body)?;
    match each::<W>(&objects).1.first() {
        None => Ok(()),
        Some(unread) => Err(bad(&format!("object {:?}: {}", unread.id, unread.reason))),
    }
}

/// For recorded answers: a session, or a refusal.
pub(super) fn parse_login(body: &[u8]) -> Result<(), CallError> {
    if is_refusal(body) {
        return Ok(());
    }
    let login: Login = parse(body)?;
    if login.requires_2fa || login.expires.is_some() {
        Ok(())
    } else {
        Err(bad("neither a session nor a challenge"))
    }
}

/// For recorded answers: an account, or a refusal.
pub(super) fn parse_account(body: &[u8]) -> Result<(), CallError> {
    if is_refusal(body) {
        return Ok(());
    }
    parse::<Account>(body).map(|account| {
        Rights::of(&account);
    })
}

fn is_refusal(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<Refusal>(body).is_ok()
}

fn bad(reason: &str) -> CallError {
    CallError::new(ProblemCode::BadResponse, reason)
}
