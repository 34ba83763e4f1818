//! The kinds that no simulator speaks for: fault by fault, which test of their own holds them, or why none has to.

use std::path::Path;

use connectors::CATALOG;

use super::table::FAULTS;

/// One cell.
enum Cell {
    /// Held by this test, in this file of the workspace.
    By(&'static str, &'static str),
    /// It cannot happen to this kind, for this reason.
    NotApplicable(&'static str),
}

use Cell::{By, NotApplicable};

/// The kinds, in the catalog's order of their names.
const KINDS: [&str; 2] = ["declared", "ipam"];

const FILES: &str = "connectors/src/declared/tests/files.rs";
const ROWS: &str = "connectors/src/ipam/tests.rs";
const WIRE: &str = "connectors/src/ipam/tests/wire.rs";
const STATES: &str = "store/src/trouble.rs";
const POLLER: &str = "connectors/src/poll/tests/poller.rs";

/// What of HTTP alone is.
const ONLY_HTTP: &str = "a status of HTTP, which it does not speak";

/// Every fault; of `declared`, then of `ipam`.
const TABLE: &[(&str, [Cell; 2])] = &[
    ("401", [NotApplicable("a file asks for no credentials"), By(ROWS, "failure_never_looks_like_data")]),
    ("403", [By(FILES, "each_reason_of_the_system_has_its_code"), By(ROWS, "failure_never_looks_like_data")]),
    (
        "404",
        [By(FILES, "a_file_that_goes_away_keeps_what_it_said"), By(ROWS, "failure_never_looks_like_data")],
    ),
    ("404 for 401", [NotApplicable(ONLY_HTTP), NotApplicable(ONLY_HTTP)]),
    ("429", [NotApplicable("a disk asks nobody to slow down"), By(STATES, "each_state_has_its_code")]),
    ("500", [By(FILES, "each_reason_of_the_system_has_its_code"), By(STATES, "each_state_has_its_code")]),
    (
        "502",
        [
            NotApplicable("nothing stands between it and its files"),
            NotApplicable("what stands between it and its database cuts the connection: see there"),
        ],
    ),
    ("595", [NotApplicable(ONLY_HTTP), NotApplicable(ONLY_HTTP)]),
    ("596", [NotApplicable(ONLY_HTTP), NotApplicable(ONLY_HTTP)]),
    (
        "gone",
        [
            By(FILES, "a_file_that_goes_away_keeps_what_it_said"),
            By(ROWS, "a_database_that_is_down_is_unreachable"),
        ],
    ),
    (
        "hang",
        [
            By(POLLER, "a_panic_and_a_hang_are_failures_like_others"),
            By(WIRE, "a_database_that_never_answers_is_given_up"),
        ],
    ),
    (
        "slow drip",
        [
            NotApplicable("a slow disk is one that hangs: see there"),
            By(WIRE, "a_database_that_never_answers_is_given_up"),
        ],
    ),
    (
        "cut connection",
        [
            NotApplicable(
                "a file has no connection; an error in the middle of it is one of the system: see 500",
            ),
            By(WIRE, "a_connection_that_is_cut_is_unreachable"),
        ],
    ),
    (
        "half JSON",
        [
            NotApplicable("it reads lines, each of which counts by itself"),
            NotApplicable(
                "the protocol says how many rows there are; half of one is a connection that is cut",
            ),
        ],
    ),
    (
        "HTML",
        [
            NotApplicable("a text that declares nothing is an answer"),
            By(WIRE, "what_does_not_speak_the_protocol_is_told"),
        ],
    ),
    (
        "not UTF-8",
        [
            By(FILES, "what_cannot_be_read_is_told_and_hides_no_other"),
            NotApplicable("PostgreSQL itself refuses what is not in its encoding"),
        ],
    ),
    (
        "200 with an empty list",
        [
            By(FILES, "a_file_that_goes_away_keeps_what_it_said"),
            By(ROWS, "tables_that_were_emptied_are_an_answer"),
        ],
    ),
    (
        "100 MB answer",
        [
            By(FILES, "what_cannot_be_read_is_told_and_hides_no_other"),
            By(ROWS, "a_table_that_is_too_large_is_no_address_plan"),
        ],
    ),
    (
        "10,000-deep JSON",
        [NotApplicable("nothing nests in what it reads"), NotApplicable("nothing nests in what it reads")],
    ),
    (
        "redirect to another host",
        [
            NotApplicable("a link is followed on this machine, by the administrator's leave"),
            NotApplicable("the protocol knows no redirect"),
        ],
    ),
    (
        "expired session",
        [NotApplicable("it has no session"), By(ROWS, "a_session_that_was_ended_is_opened_anew")],
    ),
    (
        "one list alone",
        [
            By(FILES, "what_cannot_be_read_is_told_and_hides_no_other"),
            By(ROWS, "failure_never_looks_like_data"),
        ],
    ),
];

#[test]
fn every_kind_is_simulated_or_in_this_table() {
    let mut silent: Vec<&str> =
        CATALOG.iter().filter(|kind| kind.simulator.is_none()).map(|kind| kind.name).collect();
    silent.sort_unstable();
    assert_eq!(silent, KINDS, "a kind speaks HTTP and is simulated, or neither");
    let wanted: Vec<&str> = FAULTS.iter().map(|(name, _)| *name).chain(["one list alone"]).collect();
    let named: Vec<&str> = TABLE.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, wanted, "the faults of both tables");
}

#[test]
fn each_cell_names_a_test_that_there_is_or_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it lies in the workspace");
    for (fault, cells) in TABLE {
        for (kind, cell) in KINDS.iter().zip(cells) {
            match cell {
                NotApplicable(reason) => assert!(reason.len() > 10, "{fault} on {kind}"),
                By(file, test) => {
                    let source = std::fs::read_to_string(root.join(file)).expect("a file of the workspace");
                    let at = source.find(&format!("fn {test}() {{"));
                    let before =
                        &source[..at.unwrap_or_else(|| panic!("{fault} on {kind}: no {test} in {file}"))];
                    let last = before.trim_end_matches("async ").trim_end().lines().next_back();
                    let is_test = last.is_some_and(|line| line.contains("test"));
                    assert!(is_test, "{fault} on {kind}: {test} is no test");
                }
            }
        }
    }
}
