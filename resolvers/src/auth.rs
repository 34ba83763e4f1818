//! The `@auth` directive: what it takes to see an object or a field, said in the schema itself.
//!
//! Recorded and shown; it is enforced when authentication is built. Until then the gateway refuses to listen beyond
//! loopback.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{__DirectiveLocation, Deprecation, MetaDirective, MetaInputValue, Registry};

/// The directive's name.
pub(crate) const DIRECTIVE: &str = "auth";

/// Makes the directive known to async-graphql, as tests/contract.graphql declares it.
pub(crate) fn register(registry: &mut Registry) {
    registry.add_directive(MetaDirective {
        name: DIRECTIVE.to_owned(),
        description: Some(
            "The caller must hold the permission at the object's place. On a type: what it takes to see the object at \
             all. On a field: what it takes besides; such a field is nullable."
                .to_owned(),
        ),
        locations: vec![__DirectiveLocation::FIELD_DEFINITION, __DirectiveLocation::OBJECT],
        args: IndexMap::from([
            ("requires".to_owned(), argument("requires", "String!", None)),
            ("mfa".to_owned(), argument("mfa", "Boolean", Some("false"))),
        ]),
        is_repeatable: false,
        visible: None,
        composable: None,
    });
}

fn argument(name: &str, ty: &str, default: Option<&str>) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description: None,
        ty: ty.to_owned(),
        deprecation: Deprecation::NoDeprecated,
        default_value: default.map(str::to_owned),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}
