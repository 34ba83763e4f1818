//! What holds for the memory of drift, whatever comes one day after the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use schema::Timestamp;
use schema::drift::{
    Acknowledged, DriftKind, Finding, FindingKey, FindingState, RESOLVED_KEPT, Severity, Tracked, track,
};

const SOURCES: [&str; 3] = ["files", "office", "pve"];

/// What comes at one moment.
#[derive(Clone, Debug)]
struct Day {
    /// Seconds since the one before.
    later: i64,
    findings: Vec<Finding>,
    current: [bool; 3],
    /// A subject that somebody acknowledges afterwards, and for how many seconds.
    acknowledged: Option<(u8, Option<i64>)>,
}

impl Day {
    /// Whether every source of a finding is current.
    fn is_gone(&self, finding: &Finding) -> bool {
        let current =
            |name: &str| SOURCES.iter().zip(self.current).any(|(source, current)| *source == name && current);
        finding.sources.iter().all(|source| current(source))
    }
}

fn finding() -> impl Strategy<Value = Finding> {
    let sources = proptest::sample::subsequence(SOURCES.to_vec(), 1..=3);
    (0u8..4, sources, 0i64..2_000, any::<bool>()).prop_map(|(subject, sources, seen, bad)| Finding {
        key: FindingKey { kind: DriftKind::DuplicateMac, subject: subject.to_string().into() },
        severity: if bad { Severity::Error } else { Severity::Info },
        about: None,
        names: None,
        declared: None,
        observed: None,
        message: "two guests".into(),
        sources: sources.into_iter().map(Arc::from).collect(),
        seen: Timestamp::from_seconds(seen),
    })
}

fn day() -> impl Strategy<Value = Day> {
    let findings = proptest::collection::vec(finding(), 0..4).prop_map(|mut all| {
        all.sort_by(|one, other| one.key.cmp(&other.key));
        all.dedup_by(|one, other| one.key == other.key);
        all
    });
    let later = prop_oneof![4 => 1i64..60, 1 => 2_000_000i64..3_000_000];
    let acknowledged = proptest::option::of((0u8..4, proptest::option::of(1i64..200)));
    (later, findings, any::<[bool; 3]>(), acknowledged)
        .prop_map(|(later, findings, current, acknowledged)| Day { later, findings, current, acknowledged })
}

fn days() -> impl Strategy<Value = Vec<Day>> {
    proptest::collection::vec(day(), 1..12)
}

type Memory = BTreeMap<FindingKey, Tracked>;

/// Goes through the days; `holds` is asked of each: what was remembered before, the day, what is remembered then, and the time.
fn live(days: &[Day], mut holds: impl FnMut(&Memory, &Day, &Memory, Timestamp)) {
    let mut known: Vec<Tracked> = Vec::new();
    let mut now = Timestamp::from_seconds(10_000);
    let by_key = |all: &[Tracked]| -> Memory {
        all.iter().map(|one| (one.finding.key.clone(), one.clone())).collect()
    };
    for day in days {
        now = Timestamp::from_millis(now.millis() + day.later * 1000);
        let before = by_key(&known);
        known = track(known, day.findings.clone(), &|finding| day.is_gone(finding), now);
        holds(&before, day, &by_key(&known), now);
        if let Some((subject, until)) = day.acknowledged {
            let until = until.map(|until| Timestamp::from_millis(now.millis() + until * 1000));
            for one in known.iter_mut().filter(|one| *one.finding.key.subject == subject.to_string()) {
                if one.state != FindingState::Resolved {
                    one.acknowledged = Some(Acknowledged { by: "ada".into(), reason: "known".into(), until });
                }
            }
        }
    }
}

fn is_found(day: &Day, key: &FindingKey) -> bool {
    day.findings.iter().any(|finding| finding.key == *key)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_acknowledgement_is_lost_by_resolution_or_by_its_end_alone(days in days()) {
        live(&days, |before, _, after, now| {
            for (key, known) in before {
                let Some(word) = &known.acknowledged else { continue };
                let then = after.get(key);
                let resolved = then.is_some_and(|then| then.state == FindingState::Resolved);
                let ended = word.until.is_some_and(|until| until <= now);
                let kept = then.and_then(|then| then.acknowledged.as_ref()) == Some(word);
                assert!(kept || resolved || ended, "{known:?} became {then:?}");
            }
        });
    }

    #[test]
    fn a_state_says_what_is_so(days in days()) {
        live(&days, |_, day, after, now| {
            for (key, one) in after {
                let in_force = one.acknowledged.as_ref().is_some_and(|word| word.until.is_none_or(|until| now < until));
                let found = is_found(day, key);
                let expected = match one.state {
                    FindingState::Open => found && !in_force,
                    FindingState::Acknowledged => found && in_force,
                    FindingState::Unknown => !found && one.resolved_at.is_none(),
                    FindingState::Resolved => !found && one.resolved_at.is_some() && one.acknowledged.is_none(),
                };
                assert!(expected, "{one:?}");
            }
        });
    }

    #[test]
    fn what_is_first_is_not_after_what_is_last(days in days()) {
        live(&days, |before, day, after, _| {
            for (key, one) in after {
                assert!(one.first_seen <= one.last_seen, "{one:?}");
                // Of one history the first only ever moves back and the last forward.
                let known = before.get(key).filter(|known| known.state != FindingState::Resolved);
                if let Some(known) = known {
                    assert!(one.first_seen <= known.first_seen && one.last_seen >= known.last_seen, "{one:?}");
                }
                let today = day.findings.iter().find(|finding| finding.key == *key);
                if let Some(today) = today {
                    assert!(one.first_seen <= today.seen && today.seen <= one.last_seen, "{one:?}");
                    assert_eq!(&one.finding, today);
                }
            }
        });
    }

    #[test]
    fn missing_data_resolves_nothing(days in days()) {
        live(&days, |before, day, after, _| {
            for (key, known) in before {
                if known.state == FindingState::Resolved || is_found(day, key) {
                    continue;
                }
                let expected = if day.is_gone(&known.finding) { FindingState::Resolved } else { FindingState::Unknown };
                assert_eq!(after[key].state, expected, "{known:?}");
            }
        });
    }

    #[test]
    fn nothing_is_forgotten_but_what_was_resolved_long_ago(days in days()) {
        live(&days, |before, day, after, now| {
            for (key, known) in before {
                let old = known.resolved_at.is_some_and(|at| now.since(at) > RESOLVED_KEPT);
                assert!(after.contains_key(key) || old, "{known:?}");
                assert!(!after.contains_key(key) || !old || is_found(day, key), "{known:?}");
            }
            assert!(day.findings.iter().all(|finding| after.contains_key(&finding.key)));
        });
    }

    #[test]
    fn the_order_of_findings_does_not_matter(days in days(), more in day()) {
        let mut known = Vec::new();
        live(&days, |_, _, after, _| known = after.values().cloned().collect());
        let now = Timestamp::from_seconds(90_000_000);
        let is_gone = |finding: &Finding| more.is_gone(finding);
        let expected = track(known.clone(), more.findings.clone(), &is_gone, now);
        prop_assert!(expected.is_sorted_by(|one, next| one.finding.key < next.finding.key));
        known.reverse();
        let mut today = more.findings.clone();
        today.reverse();
        prop_assert_eq!(track(known, today, &is_gone, now), expected);
    }
}

#[test]
fn a_finding_that_comes_twice_keeps_its_history() {
    let finding = Finding {
        key: FindingKey { kind: DriftKind::OwnerConflict, subject: "pve/100".into() },
        severity: Severity::Warning,
        about: None,
        names: None,
        declared: None,
        observed: None,
        message: "two".into(),
        sources: vec!["pve".into()],
        seen: Timestamp::from_seconds(10),
    };
    let at = Timestamp::from_seconds;
    let mut known = track(Vec::new(), vec![finding.clone()], &|_| true, at(11));
    known[0].acknowledged = Some(Acknowledged { by: "ada".into(), reason: "known".into(), until: None });
    let later = Finding { seen: at(20), ..finding };
    let then = track(known, vec![later.clone(), later], &|_| true, at(21));
    assert_eq!(then.len(), 1);
    assert_eq!((then[0].state, then[0].first_seen), (FindingState::Acknowledged, at(10)));
}
