//! The read API over a small fleet: cases as data, paging, limits, what is refused and how.

mod attempts;
mod cases;
mod depth;
mod document;
mod fleet;
mod paging;

use async_graphql::parser::parse_query;
use async_graphql::{Request, ServerError, Variables};
use resolvers::{Limits, Plan, RequestContext};
use serde_json::{Value, json};

/// Answers as the gateway does: what can be refused before is, then the operation runs, then freshness is added.
///
/// Each operation runs through both readers of the definitions, and both must write the same.
pub(crate) async fn ask(context: &RequestContext, query: &str, variables: &Value) -> Value {
    let variables = Variables::from_json(variables.clone());
    let document = match parse_query(query) {
        Ok(document) => document,
        Err(error) => return json!({ "errors": [error.to_string()] }),
    };
    if let Err(refusal) = resolvers::check_variables(&document, None, &variables)
        .and_then(|()| resolvers::cost(&document, None, &variables, Limits::default()))
    {
        return json!({ "errors": [shown(&refusal.into_server_error(None))] });
    }
    let request = Request::new(query).variables(variables.clone()).data(context.clone());
    let response = resolvers::schema().finish().execute(request).await;
    let mut answer = json!({});
    if !response.errors.is_empty() {
        answer["errors"] = response.errors.iter().map(shown).collect();
    }
    let data = serde_json::to_string(&response.data).expect("JSON");
    answer["data"] = serde_json::from_str(&data).expect("JSON");
    answer["freshness"] = json!(resolvers::freshness(&document, None, context));

    // An error without a path is validation's: nothing ran.
    if response.errors.iter().all(|error| !error.path.is_empty()) {
        let plan = Plan::compile(&document, None, &variables).expect("what is valid can be compiled");
        let (bytes, errors) = plan.run(context);
        assert_eq!(String::from_utf8(bytes).expect("UTF-8"), data, "the two readers differ");
        let (written, resolved): (Vec<_>, Vec<_>) =
            (errors.iter().map(shown).collect(), response.errors.iter().map(shown).collect());
        assert_eq!(written, resolved, "the two readers differ in their errors");
    }
    answer
}

fn shown(error: &ServerError) -> Value {
    json!({
        "message": error.message,
        "path": error.path,
        "locations": error.locations,
        "extensions": error.extensions,
    })
}
