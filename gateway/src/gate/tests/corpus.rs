//! Documents that must pass: what clients, explorers and code generators send.

use super::*;

/// The query that GraphiQL and every code generator sends first.
const INTROSPECTION: &str = "
query IntrospectionQuery { __schema { description
  queryType { name kind } mutationType { name kind } subscriptionType { name kind }
  types { ...FullType } directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
fragment FullType on __Type { kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

#[test]
fn ordinary_documents_pass() {
    for document in [
        INTROSPECTION,
        "{a}",
        "\u{feff}{ a }",
        "query{a}",
        "query Q { query mutation subscription fragment on true null }",
        "mutation M($i: I!) { m(input: $i) { userErrors { message } } }",
        "subscription { s { ... on T { a } ... { b } ... @include(if: true) { c } ...F } } fragment F on T { d }",
        "{a(b:-0 c:0.5e+10 d:1E-3,e:\"\",f:\"\"\"\"\"\",g:\"\\u00e9\\\"\\\\\",h:$x,i:ENUM,j:{k:[[{}]]})}",
        "{a(b:\"\"\"a \\\"\"\" \" \"\" [[[[ b\"\"\")}",
        "# only { comment\n{a} # and [[[ another",
        "{ on: on }",
        "query ($a: [[Int!]!]! = [[1]] @d) { a }",
    ] {
        assert_eq!(verdict(document), Ok(()), "{document}");
    }
}

/// The widest page of docs/reference.md: a thousand paths with every scalar of their hops and evidence.
#[test]
fn the_widest_page_passes() {
    let page = "query Page($after: Cursor) { paths(first: 1000, after: $after) { totalCount pageInfo { hasNextPage endCursor }
        nodes { id hostname { name } state stale ageSeconds hops { kind state stale count target { __typename id
          ... on Guest { vmid name status node { name } cluster { name } } ... on SwitchPort { name number switch { name mac } } }
          evidence { source { name } summary observedAt } candidates { id reason } } } } }";
    assert_eq!(verdict(page), Ok(()));
}
