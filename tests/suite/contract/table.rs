//! The table: fault by fault, what each kind of source makes of it.

use fleetgraph::simulate::faults::Effect;
use schema::source::ProblemCode;

use super::expected::Expected;

/// One cell of the table.
pub(super) enum Cell {
    /// The fault, and what comes of it where it meets every call.
    Tested(Effect, Expected),
    /// It cannot happen to this kind, for this reason.
    NotApplicable(&'static str),
}

type OfKind = fn(&str) -> Cell;

use ProblemCode::{BadResponse, Forbidden, NotFound, RateLimited, Timeout, Unauthorized, Unreachable};

/// Every fault, and what each kind makes of it.
pub(super) const FAULTS: &[(&str, OfKind)] = &[
    ("401", |_| status(401, "", &[Unauthorized], &["refused", "credential", "token", "key", "sign"])),
    ("403", |_| status(403, "", &[Forbidden], &["may not", "right"])),
    ("404", |_| status(404, r#"{"data":null}"#, &[NotFound], &["http 404"])),
    ("404 for 401", |kind| match kind {
        "npm" => status(
            404,
            r#"{"error":{"code":404,"message":"Not Found - /nginx/proxy-hosts"}}"#,
            &[NotFound],
            &["takes a login (http 404"],
        ),
        _ => Cell::NotApplicable("only NPM hides a path from whom it does not know"),
    }),
    ("429", |_| {
        let headers = vec![("retry-after".to_owned(), "1".to_owned())];
        let effect = Effect::Status { status: 429, reason: None, body: String::new(), headers };
        Cell::Tested(effect, Expected::whole(&[RateLimited], &["slow down", "too many"]))
    }),
    ("500", |_| status(500, "{}", &[BadResponse], &["500"])),
    ("502", |_| status(502, "", &[Unreachable], &["502"])),
    ("595", |_| status(595, "", &[Unreachable], &["595"])),
    ("596", |kind| match kind {
        "proxmox" => status(596, "", &[Unreachable], &["596"]),
        _ => Cell::NotApplicable("a pseudo-status of Proxmox' own HTTP client"),
    }),
    ("gone", |_| effect(Effect::Down, &[Unreachable], &["refuses the connection", "cut the connection"])),
    ("hang", |_| effect(Effect::Hang, &[Timeout], &["in time"])),
    ("slow drip", |_| effect(Effect::Drip, &[Timeout], &["in time"])),
    ("cut connection", |_| effect(Effect::Cut, &[Unreachable], &["cut the connection"])),
    ("half JSON", |_| effect(Effect::HalfJson, &[BadResponse], &["ends in the middle"])),
    ("HTML", |_| effect(Effect::Html, &[BadResponse], &["html"])),
    ("not UTF-8", |_| effect(Effect::NotUtf8, &[BadResponse], &["utf-8"])),
    ("200 with an empty list", |_| Cell::Tested(Effect::Empty, Expected::held_back(&["only 0 "]))),
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
        "npm" | "unifi" => Cell::Tested(Effect::ExpireSessions, Expected::nothing()),
        _ => Cell::NotApplicable("it sends its key with every call and has no session"),
    }),
];

fn status(status: u16, body: &str, codes: &'static [ProblemCode], words: &'static [&'static str]) -> Cell {
    let effect = Effect::Status { status, reason: None, body: body.to_owned(), headers: Vec::new() };
    Cell::Tested(effect, Expected::whole(codes, words))
}

fn effect(effect: Effect, codes: &'static [ProblemCode], words: &'static [&'static str]) -> Cell {
    Cell::Tested(effect, Expected::whole(codes, words))
}
