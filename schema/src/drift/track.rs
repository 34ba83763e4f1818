//! The memory of drift: when a finding was first seen, who acknowledged it, and when it was truly gone.
//!
//! Pure: what is remembered comes in and goes out; `store/` keeps it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Finding, FindingKey};
use crate::Timestamp;

/// A resolved finding is remembered so long.
pub const RESOLVED_KEPT: Duration = Duration::from_hours(30 * 24);

/// A finding and its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracked {
    /// As it was last found.
    pub finding: Finding,
    /// When it was first found without having been resolved since.
    pub first_seen: Timestamp,
    /// The newest data in which it was found.
    pub last_seen: Timestamp,
    /// Where it stands.
    pub state: FindingState,
    /// Somebody's word that it is known.
    pub acknowledged: Option<Acknowledged>,
    /// When it was found to be gone.
    pub resolved_at: Option<Timestamp>,
}

/// Somebody's word that a finding is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Who.
    pub by: Box<str>,
    /// Why it may stand.
    pub reason: Box<str>,
    /// For how long; `None`: until it is resolved.
    pub until: Option<Timestamp>,
}

/// Somebody's word, and which finding it is about: the one that stood when it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The finding.
    pub key: FindingKey,
    /// What was said.
    pub word: Acknowledged,
    /// When it was said.
    pub at: Timestamp,
}

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingState {
    /// It is so.
    Open,
    /// It is so, and somebody knows.
    Acknowledged,
    /// It is no longer so, by the word of all that it rested on.
    Resolved,
    /// Nobody can tell: something that it rested on is not current or could not be read. Missing data resolves nothing.
    Unknown,
}

/// Today's findings with the memory of earlier ones, in the order of their keys.
///
/// `is_gone` says of a finding that is not there today whether that is known ([`super::Look::shows_gone`]).
pub fn track(
    earlier: Vec<Tracked>,
    today: Vec<Finding>,
    is_gone: &dyn Fn(&Finding) -> bool,
    now: Timestamp,
) -> Vec<Tracked> {
    let mut remembered: BTreeMap<FindingKey, Tracked> =
        earlier.into_iter().map(|tracked| (tracked.finding.key.clone(), tracked)).collect();
    // Of two findings of one key the first stands: the second would not find its history.
    let mut current: BTreeMap<FindingKey, Finding> = BTreeMap::new();
    for finding in today {
        current.entry(finding.key.clone()).or_insert(finding);
    }
    let mut tracked: BTreeMap<FindingKey, Tracked> = BTreeMap::new();
    for finding in current.into_values() {
        let known = remembered.remove(&finding.key).filter(|known| known.state != FindingState::Resolved);
        tracked.insert(finding.key.clone(), found(known, finding, now));
    }
    for (key, known) in remembered {
        if let Some(gone) = not_found(known, is_gone, now) {
            tracked.entry(key).or_insert(gone);
        }
    }
    tracked.into_values().collect()
}

/// Lets findings bear the words that count for them now, and no others. A word counts until it ends, and only for the
/// finding that stood when it was given: one that was resolved and came back is another.
pub fn acknowledge(tracked: &mut [Tracked], given: &[Acknowledgement], now: Timestamp) {
    let by_key: BTreeMap<&FindingKey, &Acknowledgement> = given.iter().map(|one| (&one.key, one)).collect();
    for one in tracked.iter_mut().filter(|one| one.state != FindingState::Resolved) {
        let said = by_key.get(&one.finding.key).filter(|said| said.at >= one.first_seen);
        let counts = said.filter(|said| said.word.until.is_none_or(|until| now < until));
        one.acknowledged = counts.map(|said| said.word.clone());
        one.state = match (one.state, &one.acknowledged) {
            (FindingState::Open, Some(_)) => FindingState::Acknowledged,
            (FindingState::Acknowledged, None) => FindingState::Open,
            (state, _) => state,
        };
    }
}

/// A finding that is there today; `known` is its unresolved history.
fn found(known: Option<Tracked>, finding: Finding, now: Timestamp) -> Tracked {
    let (first_seen, last_seen, acknowledged) = match known {
        Some(known) => {
            (known.first_seen.min(finding.seen), known.last_seen.max(finding.seen), known.acknowledged)
        }
        None => (finding.seen, finding.seen, None),
    };
    let acknowledged = acknowledged.filter(|word| word.until.is_none_or(|until| now < until));
    let state = if acknowledged.is_some() { FindingState::Acknowledged } else { FindingState::Open };
    Tracked { finding, first_seen, last_seen, state, acknowledged, resolved_at: None }
}

/// A finding that is not there today: resolved where it is known to be gone, else unknown; forgotten in the end.
fn not_found(known: Tracked, is_gone: &dyn Fn(&Finding) -> bool, now: Timestamp) -> Option<Tracked> {
    if let Some(resolved_at) = known.resolved_at {
        return (now.since(resolved_at) <= RESOLVED_KEPT).then_some(known);
    }
    if is_gone(&known.finding) {
        Some(Tracked { state: FindingState::Resolved, resolved_at: Some(now), acknowledged: None, ..known })
    } else {
        Some(Tracked { state: FindingState::Unknown, ..known })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::{DriftKind, Severity};

    fn finding(subject: &str, seen: i64) -> Finding {
        Finding {
            key: FindingKey { kind: DriftKind::DuplicateGuestIp, subject: subject.into() },
            severity: Severity::Error,
            about: None,
            names: None,
            declared: None,
            observed: None,
            message: "two guests".into(),
            sources: vec!["pve".into()],
            seen: Timestamp::from_seconds(seen),
        }
    }

    fn say(tracked: &mut [Tracked], until: Option<i64>) {
        for one in tracked {
            one.acknowledged = Some(Acknowledged {
                by: "ada".into(),
                reason: "known".into(),
                until: until.map(Timestamp::from_seconds),
            });
        }
    }

    fn check(tracked: &[Tracked], expected: &[(&str, FindingState, i64, i64)]) {
        let found: Vec<_> = tracked
            .iter()
            .map(|one| {
                let seconds = |at: Timestamp| at.millis() / 1000;
                (&*one.finding.key.subject, one.state, seconds(one.first_seen), seconds(one.last_seen))
            })
            .collect();
        assert_eq!(found, expected);
    }

    const ALL: &dyn Fn(&Finding) -> bool = &|_| true;
    const NONE: &dyn Fn(&Finding) -> bool = &|_| false;

    #[test]
    fn a_finding_opens_lasts_and_is_resolved() {
        let at = Timestamp::from_seconds;
        let first = track(vec![], vec![finding("a", 10)], ALL, at(11));
        check(&first, &[("a", FindingState::Open, 10, 10)]);
        let second = track(first, vec![finding("a", 20), finding("b", 20)], ALL, at(21));
        check(&second, &[("a", FindingState::Open, 10, 20), ("b", FindingState::Open, 20, 20)]);
        let third = track(second, vec![finding("b", 30)], ALL, at(31));
        check(&third, &[("a", FindingState::Resolved, 10, 20), ("b", FindingState::Open, 20, 30)]);
        let again = track(third, vec![finding("a", 40), finding("b", 40)], ALL, at(41));
        check(&again, &[("a", FindingState::Open, 40, 40), ("b", FindingState::Open, 20, 40)]);
    }

    #[test]
    fn missing_data_resolves_nothing() {
        let at = Timestamp::from_seconds;
        let first = track(vec![], vec![finding("a", 10)], ALL, at(11));
        let blind = track(first, vec![], NONE, at(21));
        check(&blind, &[("a", FindingState::Unknown, 10, 10)]);
        let seen_again = track(blind.clone(), vec![finding("a", 30)], ALL, at(31));
        check(&seen_again, &[("a", FindingState::Open, 10, 30)]);
        check(&track(blind, vec![], ALL, at(31)), &[("a", FindingState::Resolved, 10, 10)]);
    }

    #[test]
    fn an_acknowledgement_lasts_as_long_as_it_says() {
        let at = Timestamp::from_seconds;
        let mut known = track(vec![], vec![finding("a", 10)], ALL, at(11));
        say(&mut known, Some(25));
        let still = track(known.clone(), vec![finding("a", 20)], ALL, at(21));
        check(&still, &[("a", FindingState::Acknowledged, 10, 20)]);
        check(&track(still, vec![finding("a", 30)], ALL, at(31)), &[("a", FindingState::Open, 10, 30)]);
        let gone = track(known, vec![], ALL, at(21));
        check(&track(gone, vec![finding("a", 22)], ALL, at(23)), &[("a", FindingState::Open, 22, 22)]);
    }

    #[test]
    fn a_word_counts_for_the_finding_that_stood_when_it_was_given() {
        let at = Timestamp::from_seconds;
        let said = |subject: &str, when: i64, until: Option<i64>| Acknowledgement {
            key: finding(subject, 0).key,
            word: Acknowledged { by: "ada".into(), reason: "known".into(), until: until.map(at) },
            at: at(when),
        };
        let check_state = |given: &[Acknowledgement], now: i64, expected: FindingState| {
            let mut known = track(vec![], vec![finding("a", 10)], ALL, at(11));
            acknowledge(&mut known, given, at(now));
            check(&known, &[("a", expected, 10, 10)]);
            let bears = known[0].acknowledged.is_some();
            assert_eq!(bears, expected == FindingState::Acknowledged);
            // What no word stands behind any more is open again.
            acknowledge(&mut known, &[], at(now));
            check(&known, &[("a", FindingState::Open, 10, 10)]);
        };
        check_state(&[], 20, FindingState::Open);
        check_state(&[said("b", 15, None)], 20, FindingState::Open);
        check_state(&[said("a", 15, None)], 20, FindingState::Acknowledged);
        check_state(&[said("a", 15, Some(21))], 20, FindingState::Acknowledged);
        check_state(&[said("a", 15, Some(20))], 20, FindingState::Open);
        check_state(&[said("a", 9, None)], 20, FindingState::Open);

        let words = [said("a", 15, None)];
        let first = track(vec![], vec![finding("a", 10)], ALL, at(11));
        let mut blind = track(first.clone(), vec![], NONE, at(20));
        acknowledge(&mut blind, &words, at(20));
        check(&blind, &[("a", FindingState::Unknown, 10, 10)]);
        let mut seen_again = track(blind, vec![finding("a", 30)], ALL, at(31));
        acknowledge(&mut seen_again, &words, at(31));
        check(&seen_again, &[("a", FindingState::Acknowledged, 10, 30)]);
        let mut resolved = track(seen_again, vec![], ALL, at(41));
        acknowledge(&mut resolved, &words, at(41));
        check(&resolved, &[("a", FindingState::Resolved, 10, 30)]);
        let mut back = track(resolved, vec![finding("a", 50)], ALL, at(51));
        acknowledge(&mut back, &words, at(51));
        check(&back, &[("a", FindingState::Open, 50, 50)]);
    }

    #[test]
    fn what_is_resolved_is_forgotten_in_the_end() {
        let at = Timestamp::from_seconds;
        let gone = track(track(vec![], vec![finding("a", 10)], ALL, at(11)), vec![], ALL, at(20));
        let later = at(20).plus(RESOLVED_KEPT);
        check(&track(gone.clone(), vec![], ALL, later), &[("a", FindingState::Resolved, 10, 10)]);
        check(&track(gone, vec![], ALL, later.plus(Duration::from_secs(1))), &[]);
    }
}
