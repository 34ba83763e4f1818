//! The main lists of each kind, each of which can fail alone: the source answers, and does not know that list.

use fleetgraph::simulate::faults::Effect;
use schema::fact::{MainList, ProxyKind, Seen};
use schema::source::ProblemCode;
use schema::{Facts, Held, Problem, Timestamp};

use super::expected::Expected;

/// A list that a source reads by a call of its own.
pub(super) struct List {
    /// `kind =`.
    pub(super) kind: &'static str,
    /// What the path of that call begins with.
    pub(super) path: &'static str,
    /// The main list that it is.
    main: MainList,
    /// What comes by it.
    theirs: fn(&Facts) -> Vec<Seen>,
    /// What comes by other calls in each collection.
    others: fn(&Facts) -> Vec<Seen>,
}

/// Every list. One kind is not here: what Proxmox VE has it tells in one list, without which it has not answered at all.
pub(super) const LISTS: &[List] = &[
    List {
        kind: "npm",
        path: "/api/nginx/proxy-hosts",
        main: MainList::ProxyHosts,
        theirs: |facts| hosts(facts, |kind| kind == ProxyKind::Proxy),
        others: |facts| hosts(facts, |kind| kind != ProxyKind::Proxy),
    },
    List {
        kind: "npm",
        path: "/api/nginx/redirection-hosts",
        main: MainList::RedirectionHosts,
        theirs: |facts| hosts(facts, |kind| kind == ProxyKind::Redirection),
        others: |facts| hosts(facts, |kind| kind != ProxyKind::Redirection),
    },
    List {
        kind: "npm",
        path: "/api/nginx/dead-hosts",
        main: MainList::DeadHosts,
        theirs: |facts| hosts(facts, |kind| kind == ProxyKind::Dead),
        others: |facts| hosts(facts, |kind| kind != ProxyKind::Dead),
    },
    List {
        kind: "npm",
        path: "/api/nginx/streams",
        main: MainList::Streams,
        theirs: |facts| hosts(facts, |kind| kind == ProxyKind::Stream),
        others: |facts| hosts(facts, |kind| kind != ProxyKind::Stream),
    },
    List {
        kind: "unifi",
        path: "/proxy/network/api/s/default/stat/sta",
        main: MainList::Clients,
        theirs: |facts| facts.clients.iter().map(|client| client.seen).collect(),
        others: |facts| facts.devices.iter().map(|device| device.seen).collect(),
    },
    List {
        kind: "unifi",
        path: "/proxy/network/api/s/default/stat/device",
        main: MainList::Devices,
        theirs: |facts| facts.devices.iter().map(|device| device.seen).collect(),
        others: |facts| facts.clients.iter().map(|client| client.seen).collect(),
    },
    List {
        kind: "stripe",
        path: "/v1/customers",
        main: MainList::Customers,
        theirs: |facts| facts.customers.iter().map(|customer| customer.seen).collect(),
        others: |facts| facts.invoices.iter().map(|invoice| invoice.seen).collect(),
    },
];

fn hosts(facts: &Facts, which: fn(ProxyKind) -> bool) -> Vec<Seen> {
    facts.proxy_hosts.iter().filter(|host| which(host.kind)).map(|host| host.seen).collect()
}

/// The ways in which a list fails alone, and what is said of each.
pub(super) fn faults(list: &'static List) -> [(&'static str, Effect, Expected); 6] {
    use ProblemCode::{BadResponse, Forbidden, Timeout, Unreachable};
    let status = |status| Effect::Status { status, reason: None, body: "{}".to_owned(), headers: Vec::new() };
    let without = |codes, words| Expected::without(list, codes, words);
    [
        ("500", status(500), without(&[BadResponse], &["http 500"])),
        ("403", status(403), without(&[Forbidden], &["may not", "right"])),
        ("cut connection", Effect::Cut, without(&[Unreachable], &["cut the connection"])),
        ("10,000-deep JSON", Effect::Deep { levels: 10_000 }, without(&[BadResponse], &["levels deep"])),
        ("HTML", Effect::Html, without(&[BadResponse], &["html"])),
        ("hang", Effect::Hang, without(&[Timeout], &["in time"])),
    ]
}

impl List {
    /// Holds a collection without this list against the one before: its objects are all there, as they were and stale; the
    /// others are new; and the source names it as unread, with a sentence.
    pub(super) fn is_from_memory(&self, cell: &str, before: &Held, after: &Held) {
        let (before, after) = (before.snapshot.as_deref(), after.snapshot.as_deref());
        let (before, after) = (before.expect("facts before"), after.expect("facts after"));
        let unread: Vec<MainList> = after.unread.iter().map(|unread| unread.list).collect();
        assert_eq!(unread, [self.main], "{cell}: what is unread");
        let told = after.unread(self.main).expect("just compared");
        assert!(!told.never, "{cell}: it was read once");
        let same = |problem: &Problem| (problem.code, &problem.message) == (told.code, &told.message);
        assert!(after.problems.iter().any(same), "{cell}: {told:?} is told nowhere");
        let (was, is) = ((self.theirs)(&before.facts), (self.theirs)(&after.facts));
        assert!(!was.is_empty(), "{cell}: there was nothing to lose");
        assert_eq!(times(&is), times(&was), "{cell}: objects are gone, or look as if they had been read");
        assert!(is.iter().all(|seen| seen.stale), "{cell}: what was not read is not stale");
        let others = (self.others)(&after.facts);
        assert_eq!(others.len(), (self.others)(&before.facts).len(), "{cell}: others are gone");
        let fresh = |seen: &Seen| !seen.stale && seen.at == after.collected_at;
        assert!(!others.is_empty() && others.iter().all(fresh), "{cell}: others suffer");
    }
}

/// When objects were read, in order.
fn times(seen: &[Seen]) -> Vec<Timestamp> {
    let mut all: Vec<Timestamp> = seen.iter().map(|seen| seen.at).collect();
    all.sort_unstable();
    all
}
