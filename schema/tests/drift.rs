//! What holds for the drift of every fleet: tried on small ones, in which names, addresses and MACs collide all the time.

#[path = "chance/fleet.rs"]
#[expect(dead_code, reason = "the properties of the join use more of it")]
mod fleet;
#[expect(dead_code, reason = "the properties of the join use more of it")]
mod kit;

use std::collections::BTreeSet;
use std::sync::Arc;

use fleet::fleet;
use kit::read::NOW;
use proptest::prelude::*;
use schema::drift::{Finding, find};
use schema::view::{Inputs, join, rejoin};
use schema::{Held, Snapshot, Timestamp};

fn drift(inputs: &Inputs) -> Vec<Finding> {
    find(&join(inputs), NOW)
}

fn keys(findings: &[Finding]) -> BTreeSet<String> {
    findings.iter().map(|one| one.key.id().to_string()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_matters(fleet in fleet(), by in 0usize..8) {
        let expected = drift(&fleet.inputs());
        let mut other = fleet.inputs();
        let by = by % other.sources.len();
        other.sources.rotate_left(by);
        prop_assert_eq!(&drift(&other), &expected);
        prop_assert_eq!(&drift(&fleet.reversed().inputs()), &expected);
        prop_assert_eq!(&find(&rejoin(&join(&other), &fleet.inputs()), NOW), &expected);
    }

    #[test]
    fn keys_are_unique_and_every_finding_rests_on_something(fleet in fleet()) {
        let view = join(&fleet.inputs());
        let findings = find(&view, NOW);
        prop_assert!(findings.is_sorted_by(|one, next| one.key < next.key));
        for one in &findings {
            prop_assert!(!one.sources.is_empty() && one.sources.is_sorted(), "{one:?}");
            prop_assert_eq!(one.seen, NOW);
            let about = one.about.as_ref();
            prop_assert!(about.is_none_or(|about| view.find(about).is_some()), "{one:?}");
        }
    }

    // Silence resolves nothing: what is no longer found once a source is blind rested on that source.
    #[test]
    fn a_finding_names_all_whose_silence_hides_it(fleet in fleet(), which in 0usize..8) {
        let inputs = fleet.inputs();
        let mut blind = inputs.clone();
        let which = which % blind.sources.len();
        blind.sources[which] = Held::pending(Arc::clone(&inputs.sources[which].info));
        let name = &inputs.sources[which].info.name;
        let left = keys(&drift(&blind));
        for one in drift(&inputs) {
            let there = left.contains(&one.key.id().to_string());
            prop_assert!(there || one.sources.contains(name), "{name}: {one:?}");
        }
    }

    #[test]
    fn an_old_source_hides_nothing_and_makes_findings_old(fleet in fleet(), which in 0usize..8) {
        let inputs = fleet.inputs();
        let mut old = inputs.clone();
        let which = which % old.sources.len();
        let at = Timestamp::from_millis(NOW.millis() - 3_600_000);
        let held = &mut old.sources[which];
        held.snapshot = held.snapshot.as_ref().map(|snapshot| {
            Arc::new(Snapshot { collected_at: at, ..Snapshot::clone(snapshot) })
        });
        let name = held.info.name.clone();
        let expected: Vec<Finding> = drift(&inputs)
            .into_iter()
            .map(|one| Finding { seen: if one.sources.contains(&name) { at } else { NOW }, ..one })
            .collect();
        prop_assert_eq!(drift(&old), expected);
    }
}
