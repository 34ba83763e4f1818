//! The table: fault by fault, what each kind of source makes of it.

use fleetgraph::simulate::faults::Effect;
use schema::source::ProblemCode;
use schema::{Facts, Held, SourceState, Timestamp};

/// One cell of the table.
pub(super) enum Cell {
    /// The fault, on which paths, and what comes of it.
    Tested(Effect, Option<String>, Expected),
    /// It cannot happen to this kind, for this reason.
    NotApplicable(&'static str),
}

/// What comes of a fault.
pub(super) struct Expected {
    /// The code of the failure, or of a problem where the source as a whole does not fail.
    codes: &'static [ProblemCode],
    /// A part of the sentence.
    words: &'static [&'static str],
    /// Whether the source fails as a whole.
    fails: Fails,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fails {
    Whole,
    InPart,
    NotAtAll,
}

impl Expected {
    const fn whole(codes: &'static [ProblemCode], words: &'static [&'static str]) -> Self {
        Self { codes, words, fails: Fails::Whole }
    }

    /// Holds a collection against what was expected of it; `before` is how the source stood.
    pub(super) fn check(&self, cell: &str, now: Timestamp, before: &Held, after: &Held) {
        let failure = after.failure.as_ref().map(|failure| (failure.code, failure.message.to_string()));
        let problems = after.snapshot.iter().flat_map(|snapshot| &snapshot.problems);
        let mut said: Vec<(ProblemCode, String)> =
            problems.map(|problem| (problem.code, problem.message.to_string())).collect();
        match self.fails {
            Fails::Whole => assert!(failure.is_some(), "{cell}: the source did not fail: {said:?}"),
            Fails::InPart | Fails::NotAtAll => {
                assert!(failure.is_none(), "{cell}: the source failed: {failure:?}");
            }
        }
        if self.fails == Fails::Whole {
            said.clear();
            assert_eq!(before.collected_at(), after.collected_at(), "{cell}: failure looks like data");
            let kept = |held: &Held| held.snapshot.as_ref().map(|snapshot| snapshot.facts.clone());
            assert!(before.snapshot.is_some(), "{cell}: there were no facts");
            assert_eq!(kept(before), kept(after), "{cell}: the old facts are gone");
            assert_eq!(after.state(now), SourceState::Failed, "{cell}");
        } else {
            assert_eq!(after.state(now), SourceState::Current, "{cell}");
            assert_eq!(after.collected_at(), Some(now), "{cell}: nothing was collected");
        }
        said.extend(failure);
        match self.fails {
            Fails::NotAtAll => return,
            Fails::InPart => holds_back(cell, before, after),
            Fails::Whole => {}
        }
        let fits = said.iter().any(|(code, message)| {
            let message = message.to_lowercase();
            self.codes.contains(code)
                && (20..600).contains(&message.len())
                && (self.words.is_empty() || self.words.iter().any(|word| message.contains(word)))
        });
        assert!(fits, "{cell}: wanted {:?} with one of {:?}, got {said:?}", self.codes, self.words);
    }
}

/// A main list that came empty: its objects stay, marked stale.
fn holds_back(cell: &str, before: &Held, after: &Held) {
    let (before, after) = (before.snapshot.as_deref(), after.snapshot.as_deref());
    let (before, after) = (before.expect("facts before"), after.expect("facts after"));
    assert!(after.held_back, "{cell}: it is not held back");
    let lists = |facts: &Facts| {
        [
            facts.nodes.len(),
            facts.guests.len(),
            facts.proxy_hosts.len(),
            facts.devices.len(),
            facts.clients.len(),
            facts.customers.len(),
        ]
    };
    assert_eq!(lists(&after.facts), lists(&before.facts), "{cell}: objects are gone");
    assert!(lists(&after.facts).iter().sum::<usize>() > 0, "{cell}: there was nothing to hold");
    let fresh = after.facts.guests.iter().filter(|guest| !guest.seen.stale).count()
        + after.facts.proxy_hosts.iter().filter(|host| !host.seen.stale).count()
        + after.facts.clients.iter().filter(|client| !client.seen.stale).count()
        + after.facts.customers.iter().filter(|customer| !customer.seen.stale).count();
    assert_eq!(fresh, 0, "{cell}: objects that did not come are not marked stale");
}

type OfKind = fn(&str) -> Cell;

use ProblemCode::{
    BadResponse, Forbidden, NotFound, Partial, RateLimited, Timeout, Unauthorized, Unreachable,
};

/// Every fault, and what each kind makes of it.
pub(super) const FAULTS: &[(&str, OfKind)] = &[
    ("401", |_| status(401, "", &[Unauthorized], &["refused", "credential", "token", "key", "sign"])),
    ("403", |_| status(403, "", &[Forbidden], &[])),
    ("404", |_| status(404, r#"{"data":null}"#, &[NotFound], &[])),
    ("404 for 401", |kind| match kind {
        "npm" => status(
            404,
            r#"{"error":{"code":404,"message":"Not Found - /nginx/proxy-hosts"}}"#,
            &[NotFound],
            &[],
        ),
        _ => Cell::NotApplicable("only NPM hides a path from whom it does not know"),
    }),
    ("429", |_| {
        let headers = vec![("retry-after".to_owned(), "1".to_owned())];
        let effect = Effect::Status { status: 429, reason: None, body: String::new(), headers };
        Cell::Tested(effect, None, Expected::whole(&[RateLimited], &[]))
    }),
    ("500", |_| status(500, "{}", &[BadResponse], &["500"])),
    ("502", |_| status(502, "", &[Unreachable], &["502"])),
    ("595", |kind| match kind {
        "proxmox" => status(595, "", &[Unreachable], &["595"]),
        _ => status(595, "", &[Unreachable], &[]),
    }),
    ("596", |kind| match kind {
        "proxmox" => status(596, "", &[Unreachable], &["596"]),
        _ => Cell::NotApplicable("a pseudo-status of Proxmox' own HTTP client"),
    }),
    ("gone", |_| effect(Effect::Down, &[Unreachable], &[])),
    ("hang", |_| effect(Effect::Hang, &[Timeout], &[])),
    ("slow drip", |_| effect(Effect::Drip, &[Timeout], &[])),
    ("cut connection", |_| effect(Effect::Cut, &[Unreachable], &[])),
    ("half JSON", |_| effect(Effect::HalfJson, &[BadResponse], &[])),
    ("HTML", |_| effect(Effect::Html, &[BadResponse], &["html"])),
    ("not UTF-8", |_| effect(Effect::NotUtf8, &[BadResponse], &[])),
    ("200 with an empty list", |_| {
        Cell::Tested(Effect::Empty, None, Expected { codes: &[Partial], words: &[], fails: Fails::InPart })
    }),
    ("100 MB answer", |_| {
        effect(Effect::Huge { bytes: 100 << 20 }, &[BadResponse], &["larger", "large", "max_answer", "mib"])
    }),
    ("10,000-deep JSON", |_| {
        effect(Effect::Deep { levels: 10_000 }, &[BadResponse], &["nest", "deep", "level"])
    }),
    ("redirect to another host", |_| {
        effect(
            Effect::Redirect { to: "http://elsewhere.example.org/".to_owned() },
            &[BadResponse],
            &["elsewhere.example.org"],
        )
    }),
    ("expired session", |kind| match kind {
        "npm" | "unifi" => Cell::Tested(
            Effect::ExpireSessions,
            None,
            Expected { codes: &[], words: &[], fails: Fails::NotAtAll },
        ),
        _ => Cell::NotApplicable("it sends its key with every call and has no session"),
    }),
];

fn status(status: u16, body: &str, codes: &'static [ProblemCode], words: &'static [&'static str]) -> Cell {
    let effect = Effect::Status { status, reason: None, body: body.to_owned(), headers: Vec::new() };
    Cell::Tested(effect, None, Expected::whole(codes, words))
}

fn effect(effect: Effect, codes: &'static [ProblemCode], words: &'static [&'static str]) -> Cell {
    Cell::Tested(effect, None, Expected::whole(codes, words))
}
