//! Failed fields, in each way in which the library tells of them.

use async_graphql::{Variables, value};

use super::*;
use crate::gate::{self, Limits};

const SDL: &str = "
schema { query: Query }
interface Named { name: String! parent: Named }
type Query { one: Item must: Item! items: [Item!]! maybes: [Item] scalars: [Int] named: Named }
type Item implements Named { name: String! note: String parent: Named child: Item! friends: [[Item!]] }
";

/// A path as `a.0.b`.
fn path(text: &str) -> Vec<PathSegment> {
    text.split('.')
        .map(|step| step.parse().map_or_else(|_| PathSegment::Field(step.to_owned()), PathSegment::Index))
        .collect()
}

fn check(query: &str, mut data: Value, paths: &[&str], expected: &Value) {
    let types = OutputTypes::of(SDL);
    let admitted = gate::admit(query, &Limits::default()).unwrap();
    let operation = Operation::new(&admitted, None, Variables::default()).unwrap();
    let paths: Vec<_> = paths.iter().map(|text| path(text)).collect();
    types.settle(&types.plan(&operation), &mut data, paths.iter().map(Vec::as_slice));
    assert_eq!(data, *expected, "{query} failing at {paths:?}");
}

/// An object that its resolver wrote as JSON.
fn raw() -> Value {
    let text = Value::String(r#"{"name":null,"child":{"note":null}}"#.into());
    let object = Value::Object([(Name::new(RAW_VALUE_TOKEN), text)].into_iter().collect());
    Value::Object([(Name::new("one"), object)].into_iter().collect())
}

#[test]
fn null_stands_where_it_may() {
    let null = Value::Null;
    for (query, data, paths, expected) in [
        // Left out: put back.
        (
            "{one{name note}}",
            value!({"one": {"name": "a"}}),
            &["one.note"][..],
            value!({"one": {"name": "a", "note": null}}),
        ),
        // All left out: the object was made null, and is an object.
        ("{one{note}}", value!({ "one": null }), &["one.note"], value!({"one": {"note": null}})),
        ("{one{note}}", null.clone(), &["one"], value!({ "one": null })),
        // The same of an object that its resolver left without members.
        ("{one{note}}", value!({"one": {}}), &["one.note"], value!({"one": {"note": null}})),
        (
            "{one{child{name} note}}",
            value!({"one": {"child": {}, "note": "n"}}),
            &["one.child.name"],
            value!({ "one": null }),
        ),
        ("{items{name}}", value!({"items": [{}, {"name": "b"}]}), &["items.0.name"], null.clone()),
        (
            "{maybes{name}}",
            value!({"maybes": [{}, {"name": "b"}]}),
            &["maybes.0.name"],
            value!({"maybes": [null, {"name": "b"}]}),
        ),
        // Must not be null: the parent is.
        ("{one{name note}}", value!({"one": {"note": "n"}}), &["one.name"], value!({ "one": null })),
        (
            "{one{child{name} note}}",
            value!({"one": {"child": null, "note": "n"}}),
            &["one.child.name"],
            value!({ "one": null }),
        ),
        // Up to the whole answer.
        ("{must{name} one{note}}", value!({"one": {"note": "n"}}), &["must.name"], null.clone()),
        // In lists: of items that must be, the list; of items that may not be, the item.
        (
            "{items{name note}}",
            value!({"items": [{"name": "a"}, {"name": "b", "note": "n"}]}),
            &["items.0.note"],
            value!({"items": [{"name": "a", "note": null}, {"name": "b", "note": "n"}]}),
        ),
        ("{items{name note}}", value!({"items": [{"note": "n"}]}), &["items.0.name"], null.clone()),
        (
            "{maybes{name}}",
            value!({"maybes": [null, {"name": "b"}]}),
            &["maybes.0.name"],
            value!({"maybes": [null, {"name": "b"}]}),
        ),
        (
            "{one{friends{name}}}",
            value!({"one": {"friends": [[{"name": "a"}], [null]]}}),
            &["one.friends.1.0.name"],
            value!({"one": {"friends": [[{"name": "a"}], null]}}),
        ),
        // A list that failed as a whole through one of its items.
        ("{scalars}", null.clone(), &["scalars.3"], value!({ "scalars": null })),
        // Under an alias, and through fragments of an interface.
        ("{x:one{y:note}}", value!({"x": {}}), &["x.y"], value!({"x": {"y": null}})),
        (
            "{named{...F}} fragment F on Named{...on Item{note name} parent{name}}",
            value!({"named": {"name": "a"}}),
            &["named.note", "named.parent"],
            value!({"named": {"name": "a", "note": null, "parent": null}}),
        ),
        (
            "{named{...on Item{child{name}}}}",
            value!({"named": null}),
            &["named.child.name"],
            value!({ "named": null }),
        ),
        // Two errors below one value: null once and for all, in either order.
        ("{one{name note}}", null.clone(), &["one.name", "one.note"], value!({ "one": null })),
        ("{one{name note}}", null.clone(), &["one.note", "one.name"], value!({ "one": null })),
        // A subtree that is a text already, written with its nulls in place.
        ("{one{name child{note}}}", raw(), &["one.child.note", "one.name"], raw()),
        // What the schema does not know stays as it is.
        ("{nothing{a}}", value!({"nothing": {}}), &["nothing.a"], value!({"nothing": {}})),
    ] {
        check(query, data, paths, &expected);
    }
}
