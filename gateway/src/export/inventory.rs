//! `live_inventory.json`: what there is, as the schema tells it.

use async_graphql::{Request, Variables};
use resolvers::{ReadSchema, RequestContext};
use serde_json::{Value, json};

use super::{ExportError, data};

/// Objects of one page.
const PAGE: usize = 500;

/// The lists of the document: its name there, its field of the schema, and what is asked of each object.
const LISTS: &[(&str, &str, &str)] = &[
    ("nodes", "clusterNodes", include_str!("node.graphql")),
    ("guests", "guests", include_str!("guest.graphql")),
    ("proxy_hosts", "proxyHosts", include_str!("proxy_host.graphql")),
    ("paths", "paths", include_str!("path.graphql")),
];

pub(super) async fn document(context: RequestContext) -> Result<Value, ExportError> {
    let schema = resolvers::schema().finish();
    let plain = concat!("query { ", include_str!("plain.graphql"), " }");
    let mut plain = data(schema.execute(Request::new(plain).data(context.clone())).await)?;
    let mut document = json!({
        "collected_at": resolvers::date_time(context.now).to_string(),
        "sources": plain["sources"].take(),
        "clusters": plain["clusters"].take(),
    });
    for (name, field, fields) in LISTS {
        document[*name] = list(&schema, &context, field, fields).await?.into();
    }
    let switches = list(&schema, &context, "switches", include_str!("switch.graphql")).await?;
    let ports = switches.into_iter().flat_map(|mut switch| match switch["ports"].take() {
        Value::Array(ports) => ports,
        _ => Vec::new(),
    });
    document["switch_ports"] = ports.collect();
    Ok(document)
}

/// Every object of a connection, page by page.
async fn list(
    schema: &ReadSchema,
    context: &RequestContext,
    field: &str,
    fields: &str,
) -> Result<Vec<Value>, ExportError> {
    let text = format!(
        "query ($after: Cursor) {{ list: {field}(first: {PAGE}, after: $after) {{ \
         nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let mut all = Vec::new();
    let mut after = Value::Null;
    loop {
        let variables = Variables::from_json(json!({ "after": after }));
        let request = Request::new(text.clone()).variables(variables).data(context.clone());
        let mut page = data(schema.execute(request).await)?;
        if let Value::Array(nodes) = page["list"]["nodes"].take() {
            all.extend(nodes);
        }
        after = page["list"]["pageInfo"]["endCursor"].take();
        if page["list"]["pageInfo"]["hasNextPage"] != json!(true) || after.is_null() {
            return Ok(all);
        }
    }
}
