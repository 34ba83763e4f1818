//! The world itself: same seed, same world; the awkward cases are in it; it holds together.

use super::*;

fn json(spec: &Spec) -> String {
    serde_json::to_string(&World::generate(spec).expect("within bounds")).expect("plain data")
}

#[test]
fn same_seed_same_world() {
    let spec = Spec { seed: 7, guests: 120, ..Spec::default() };
    assert_eq!(json(&spec), json(&spec));
    assert_ne!(json(&spec), json(&Spec { seed: 8, ..spec }));
}
