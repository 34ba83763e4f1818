//! One definition of a field, two readers: the async-graphql object and the writer of JSON bytes.
//!
//! `#[object]` stands on an `impl` block whose methods are the fields of a GraphQL type: the method's name, its doc
//! comment, its return type and `#[requires(..)]` are the field's name, documentation, type and permission, and its body
//! is the projection. Why this form and no other: docs/adr/0001-field-definition.md.
//!
//! ```text
//! /// A hypervisor: one member of a Proxmox cluster.
//! #[object(requires = "inventory:read", implements = "Node")]
//! impl<'v> ClusterNode<'v> {
//!     /// Its name within the cluster.
//!     fn name(&self) -> &'v str { .. }
//!     /// What runs on it.
//!     fn guests(&self, #[default(50)] first: i32, after: Option<Cursor>) -> Result<Connection<'v, Guest<'v>>, Refusal> { .. }
//! }
//! ```
//!
//! An argument with a default may be left out or null: both mean the default. A method that can refuse returns
//! `Result<T, Refusal>`; where `T` is an `Option`, the field becomes null and its siblings stay.

mod expand;
mod model;

use proc_macro::TokenStream;

/// Makes a GraphQL type of an `impl` block; see the crate's page.
#[proc_macro_attribute]
pub fn object(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let attribute = syn::parse_macro_input!(attribute as model::TypeAttribute);
    let block = syn::parse_macro_input!(item as syn::ItemImpl);
    model::Object::read(attribute, block)
        .map_or_else(|error| error.to_compile_error(), |object| expand::expand(&object))
        .into()
}
