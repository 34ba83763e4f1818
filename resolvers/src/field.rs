//! What a field is, once: the table that `#[object]` writes, and what both of its readers share.

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{
    CacheControl, Deprecation, MetaDirectiveInvocation, MetaField, MetaInputValue, MetaType, MetaTypeId,
    Registry,
};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, OutputType, ServerResult, Value, resolver_utils,
};

use crate::definitions::Definitions;
use crate::plan::{Arguments, Selection};
use crate::write::{Nulled, Writer};
use crate::{Refusal, auth};

/// A type of the schema and its fields.
pub(crate) struct TypeDefinition {
    /// As the schema shows it.
    pub(crate) name: &'static str,
    /// As the schema documents it.
    pub(crate) description: &'static str,
    /// The permission that it takes to see an object of this type at all.
    pub(crate) requires: Option<&'static str>,
    /// The interface that it implements.
    pub(crate) implements: Option<&'static str>,
    /// In the order of the schema.
    pub(crate) fields: &'static [FieldDefinition],
}

/// A field of a type.
pub(crate) struct FieldDefinition {
    /// As the schema shows it.
    pub(crate) name: &'static str,
    /// As the schema documents it; empty where the name says it all.
    pub(crate) description: &'static str,
    /// The permission that it takes besides the object's own.
    pub(crate) requires: Option<&'static str>,
    /// Its type in the schema's notation.
    pub(crate) ty: fn() -> String,
    /// Makes its type known to async-graphql.
    pub(crate) register: fn(&mut Registry) -> String,
    /// Makes its type known to [`Definitions`].
    pub(crate) define: fn(&mut Definitions),
    /// In the order of the schema.
    pub(crate) arguments: &'static [ArgumentDefinition],
}

/// An argument of a field.
pub(crate) struct ArgumentDefinition {
    /// As the schema shows it.
    pub(crate) name: &'static str,
    /// Its type in the schema's notation.
    pub(crate) ty: fn() -> String,
    /// Makes its type known to async-graphql.
    pub(crate) register: fn(&mut Registry) -> String,
    /// What it is where it is left out or null.
    pub(crate) default: Option<fn() -> Value>,
}

/// A type that `#[object]` defined.
pub(crate) trait Defined: OutputType {
    /// What was defined.
    const DEFINITION: &'static TypeDefinition;

    /// Writes the value of the field at this position of the definition.
    fn write_field(
        &self,
        field: usize,
        arguments: &Arguments,
        selection: &Selection,
        out: &mut Writer,
    ) -> Result<(), Nulled>;
}

/// What a field can be of: what both readers can read.
pub(crate) trait Output: OutputType {
    /// Whether null is a value of it.
    const NULLABLE: bool = false;

    /// Writes it as JSON.
    fn write(&self, selection: &Selection, out: &mut Writer) -> Result<(), Nulled>;

    /// Makes the types that stand under it known; nothing for a leaf.
    fn define(_definitions: &mut Definitions) {}
}

/// Hands a field's value to async-graphql.
pub(crate) async fn resolve<T: OutputType>(ctx: &Context<'_>, value: T) -> ServerResult<Option<Value>> {
    let selection = ctx.with_selection_set(&ctx.item.node.selection_set);
    OutputType::resolve(&value, &selection, ctx.item).await.map(Some)
}

/// Resolves an object, an interface or a union: what is selected of it.
///
/// async-graphql 7.2 makes an object without members null: one that is there, but of which nothing is selected, would
/// read as one that is not. Where it has no members because each field failed, an object is right as well: whoever
/// serves the answer puts nulls in by the errors' paths, where the schema allows them.
pub(crate) async fn resolve_container<T: ContainerType + ?Sized>(
    ctx: &ContextSelectionSet<'_>,
    object: &T,
) -> ServerResult<Value> {
    #[expect(clippy::disallowed_methods, reason = "this is the function to use instead")]
    let value = resolver_utils::resolve_container(ctx, object).await?;
    Ok(if value == Value::Null { Value::Object(IndexMap::new()) } else { value })
}

/// Hands a refusal to async-graphql: null with an error at its path where null is a value, else the error alone.
pub(crate) fn refuse<T: Output>(ctx: &Context<'_>, refusal: Refusal) -> ServerResult<Option<Value>> {
    let error = ctx.set_error_path(refusal.into_server_error(Some(ctx.item.pos)));
    if T::NULLABLE {
        ctx.add_error(error);
        Ok(Some(Value::Null))
    } else {
        Err(error)
    }
}

/// Makes a type and everything under it known to async-graphql.
pub(crate) fn register<T: Defined>(registry: &mut Registry) -> String {
    let definition = T::DEFINITION;
    if let Some(interface) = definition.implements {
        registry.add_implements(definition.name, interface);
    }
    registry.create_output_type::<T, _>(MetaTypeId::Object, |registry| MetaType::Object {
        name: definition.name.to_owned(),
        description: described(definition.description),
        fields: definition
            .fields
            .iter()
            .map(|field| (field.name.to_owned(), meta_field(field, registry)))
            .collect(),
        cache_control: CacheControl::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        keys: None,
        visible: None,
        is_subscription: false,
        rust_typename: Some(std::any::type_name::<T>()),
        directive_invocations: guards(definition.requires),
        requires_scopes: Vec::new(),
    })
}

fn meta_field(field: &FieldDefinition, registry: &mut Registry) -> MetaField {
    (field.register)(registry);
    MetaField {
        name: field.name.to_owned(),
        description: described(field.description),
        args: field.arguments.iter().map(|one| (one.name.to_owned(), meta_argument(one, registry))).collect(),
        ty: (field.ty)(),
        deprecation: Deprecation::NoDeprecated,
        cache_control: CacheControl::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: guards(field.requires),
        requires_scopes: Vec::new(),
    }
}

fn meta_argument(argument: &ArgumentDefinition, registry: &mut Registry) -> MetaInputValue {
    (argument.register)(registry);
    MetaInputValue {
        name: argument.name.to_owned(),
        description: None,
        ty: (argument.ty)(),
        deprecation: Deprecation::NoDeprecated,
        default_value: argument.default.map(|value| value().to_string()),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

fn described(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn guards(requires: Option<&str>) -> Vec<MetaDirectiveInvocation> {
    let invocation = |permission: &str| MetaDirectiveInvocation {
        name: auth::DIRECTIVE.to_owned(),
        args: IndexMap::from([("requires".to_owned(), Value::from(permission))]),
    };
    requires.map(invocation).into_iter().collect()
}
