//! Which line an attempt is worth, attempt by attempt.

use std::sync::Arc;
use std::time::Duration;

use schema::fact::MainList::{self, Clients, Devices};
use schema::source::ProblemCode::{self, BadResponse, Timeout};
use schema::{Problem, Snapshot, SourceInfo, Timestamp};

use super::super::news::{News, Told};
use super::super::tracked::Tracked;

/// Each attempt, and what is told of it.
fn check(attempts: Vec<(Snapshot, News)>) {
    let mut tracked = Tracked::new(Arc::new(SourceInfo {
        name: "udm".into(),
        kind: "unifi".into(),
        cloud: None,
        environment: None,
        groups: Vec::new(),
        network: "default".into(),
        interval: Duration::from_secs(15),
        addresses: Vec::new(),
    }));
    let mut told = Told::default();
    for (position, (snapshot, expected)) in attempts.into_iter().enumerate() {
        tracked.absorb(snapshot, Timestamp::default(), Duration::ZERO);
        assert_eq!(told.hear(&tracked.held), expected, "attempt {position}");
    }
}

fn fails(code: ProblemCode) -> Snapshot {
    let failure =
        Problem { code, subject: "collection".into(), message: "no".into(), since: Timestamp::default() };
    Snapshot { failure: Some(failure), ..Snapshot::default() }
}

fn without(lists: &[(MainList, ProblemCode, &str)]) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for (list, code, message) in lists {
        snapshot.not_read(*list, *code, message, false);
    }
    snapshot
}

fn in_part(words: &str) -> News {
    News::InPart(words.to_owned())
}

#[test]
fn a_failure_is_told_once_and_its_end_too() {
    check(vec![
        (without(&[]), News::Nothing),
        (fails(Timeout), News::Fails),
        (fails(BadResponse), News::FailsOn),
        (without(&[]), News::Recovered),
        (without(&[]), News::Nothing),
        (fails(Timeout), News::Fails),
    ]);
}

#[test]
fn a_list_that_cannot_be_read_is_told_once_and_its_end_too() {
    let clients = "clients could not be read in full: no";
    check(vec![
        (without(&[(Clients, Timeout, "no")]), in_part(clients)),
        (without(&[(Clients, Timeout, "no, after 3 s")]), News::Nothing),
        (without(&[(Clients, BadResponse, "no")]), in_part(clients)),
        (
            without(&[(Clients, BadResponse, "no"), (Devices, Timeout, "no")]),
            in_part("clients could not be read in full: no; devices could not be read in full: no"),
        ),
        (without(&[(Clients, BadResponse, "no")]), in_part(clients)),
        (without(&[]), News::Recovered),
        (without(&[]), News::Nothing),
    ]);
}

#[test]
fn a_source_that_comes_back_in_part_is_told_so() {
    let clients = "clients could not be read in full: no";
    check(vec![
        (without(&[(Clients, Timeout, "no")]), in_part(clients)),
        (fails(Timeout), News::Fails),
        (without(&[(Clients, Timeout, "no")]), in_part(clients)),
        (without(&[(Clients, Timeout, "no")]), News::Nothing),
        (without(&[]), News::Recovered),
    ]);
}
