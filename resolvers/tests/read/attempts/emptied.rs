//! Selections of nothing, along every way to every type, by every caller.

use async_graphql::Request;
use async_graphql::parser::parse_query;
use resolvers::Plan;
use serde_json::{Value, json};

use super::callers;
use super::routes::{NOTHING, Types, shaped};

/// Whatever is there is an object, also where nothing of it is selected; and what is not there is null all the same. Both
/// readers say so.
#[tokio::test]
async fn nothing_selected_of_an_object_is_an_empty_object() {
    let types = Types::of(&resolvers::sdl());
    let schema = resolvers::schema().finish();
    let (mut emptied, mut absent) = (0, 0);
    for caller in callers() {
        for on in types.readable().filter(|on| *on != "Query") {
            for route in types.routes(on, 4) {
                let named = shaped(0, &route, on, "__typename");
                let named = schema.execute(Request::new(named).data(caller.context.clone())).await;
                let mut expected = json!(named.data);
                empty(&mut expected, &mut emptied, &mut absent);

                let query = shaped(NOTHING, &route, on, "__typename");
                let response = schema.execute(Request::new(&query).data(caller.context.clone())).await;
                assert_eq!(json!(response.data), expected, "{}: {query}", caller.name);
                let document = parse_query(&query).expect("a query");
                let plan = Plan::compile(&document, None, &async_graphql::Variables::default())
                    .expect("it is valid");
                let written: Value = serde_json::from_slice(&plan.run(&caller.context).0).expect("JSON");
                assert_eq!(written, expected, "written, {}: {query}", caller.name);
            }
        }
    }
    assert!(emptied > 1_000 && absent > 100, "{emptied} objects, {absent} nulls");
}

/// Takes all `__typename`s out of an answer, and counts the objects that it leaves empty, and the nulls.
fn empty(answer: &mut Value, emptied: &mut usize, absent: &mut usize) {
    match answer {
        Value::Object(members) => {
            *emptied += usize::from(members.remove("__typename").is_some());
            members.values_mut().for_each(|member| empty(member, emptied, absent));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| empty(item, emptied, absent)),
        Value::Null => *absent += 1,
        _ => {}
    }
}
