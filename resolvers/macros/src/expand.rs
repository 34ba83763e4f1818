//! From a definition to its two readers.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Argument, Field, Object};

/// The block itself, the table of what it defines, the async-graphql object and the writer.
pub(crate) fn expand(object: &Object) -> TokenStream {
    let block = &object.block;
    let this = &block.self_ty;
    let (generics, _, wheres) = block.generics.split_for_impl();
    let table = table(object);
    let resolved = object.fields.iter().map(|field| resolved(object, field));
    let written = object.fields.iter().enumerate().map(|(index, field)| written(object, index, field));
    let name = &object.name;
    quote! {
        // A field's shape is the schema's: it takes an object and owned arguments, and is nullable where the schema says so.
        #[allow(
            clippy::needless_pass_by_value,
            clippy::trivially_copy_pass_by_ref,
            clippy::unnecessary_wraps,
            clippy::unused_self
        )]
        #block

        impl #generics crate::field::Defined for #this #wheres {
            const DEFINITION: &'static crate::field::TypeDefinition = &#table;

            fn write_field(
                &self,
                field: usize,
                arguments: &crate::plan::Arguments,
                selection: &crate::plan::Selection,
                out: &mut crate::write::Writer,
            ) -> Result<(), crate::write::Nulled> {
                match field {
                    #(#written)*
                    _ => Err(crate::write::Nulled),
                }
            }
        }

        impl #generics crate::field::Output for #this #wheres {
            fn write(
                &self,
                selection: &crate::plan::Selection,
                out: &mut crate::write::Writer,
            ) -> Result<(), crate::write::Nulled> {
                crate::write::object(self, selection, out)
            }

            fn define(definitions: &mut crate::definitions::Definitions) {
                definitions.add::<Self>();
            }
        }

        impl #generics ::async_graphql::OutputType for #this #wheres {
            fn type_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(#name)
            }

            fn create_type_info(registry: &mut ::async_graphql::registry::Registry) -> String {
                crate::field::register::<Self>(registry)
            }

            async fn resolve(
                &self,
                ctx: &::async_graphql::ContextSelectionSet<'_>,
                _field: &::async_graphql::Positioned<::async_graphql::parser::types::Field>,
            ) -> ::async_graphql::ServerResult<::async_graphql::Value> {
                crate::field::resolve_container(ctx, self).await
            }
        }

        impl #generics ::async_graphql::ContainerType for #this #wheres {
            async fn resolve_field(
                &self,
                ctx: &::async_graphql::Context<'_>,
            ) -> ::async_graphql::ServerResult<Option<::async_graphql::Value>> {
                match ctx.item.node.name.node.as_str() {
                    #(#resolved)*
                    _ => Ok(None),
                }
            }
        }

        impl #generics ::async_graphql::ObjectType for #this #wheres {}
    }
}

/// The definition as a constant.
fn table(object: &Object) -> TokenStream {
    let Object { name, description, .. } = object;
    let requires = optional(object.requires.as_ref());
    let implements = optional(object.implements.as_ref());
    let fields = object.fields.iter().map(|field| {
        let Field { name, description, output, .. } = field;
        let requires = optional(field.requires.as_ref());
        let arguments = field.arguments.iter().map(argument);
        quote! {
            crate::field::FieldDefinition {
                name: #name,
                description: #description,
                requires: #requires,
                ty: <#output as ::async_graphql::OutputType>::qualified_type_name,
                register: <#output as ::async_graphql::OutputType>::create_type_info,
                define: <#output as crate::field::Output>::define,
                arguments: &[#(#arguments),*],
            }
        }
    });
    quote! {
        crate::field::TypeDefinition {
            name: #name,
            description: #description,
            requires: #requires,
            implements: #implements,
            fields: &[#(#fields),*],
        }
    }
}

fn argument(argument: &Argument) -> TokenStream {
    let Argument { name, input, default } = argument;
    let (shown, default) = match default {
        Some(value) => (
            quote!(Option<#input>),
            quote!(Some(|| ::async_graphql::InputType::to_value(&(#value) as &#input))),
        ),
        None => (quote!(#input), quote!(None)),
    };
    quote! {
        crate::field::ArgumentDefinition {
            name: #name,
            ty: <#shown as ::async_graphql::InputType>::qualified_type_name,
            register: <#shown as ::async_graphql::InputType>::create_type_info,
            default: #default,
        }
    }
}

/// One arm of the async-graphql object.
fn resolved(object: &Object, field: &Field) -> TokenStream {
    let Field { name, method, output, .. } = field;
    let arguments = field.arguments.iter().map(|Argument { name, input, default }| {
        if let Some(value) = default {
            quote!(ctx.param_value::<Option<#input>>(#name, None)?.1.unwrap_or(#value))
        } else {
            quote!(ctx.param_value::<#input>(#name, None)?.1)
        }
    });
    let wait = field.changes.then(|| quote!(.await));
    let call = quote!(self.#method(#(#arguments),*) #wait);
    if let Some(guard) = guard(object, field) {
        let call = if field.fallible { call } else { quote!(Ok::<_, crate::Refusal>(#call)) };
        quote! {
            #name => match #guard {
                Ok(()) => match #call {
                    Ok(value) => crate::field::resolve::<#output>(ctx, value).await,
                    Err(refusal) => crate::field::refuse::<#output>(ctx, refusal),
                },
                Err(refusal) => crate::field::refuse::<#output>(ctx, refusal),
            },
        }
    } else if field.fallible {
        quote! {
            #name => match #call {
                Ok(value) => crate::field::resolve::<#output>(ctx, value).await,
                Err(refusal) => crate::field::refuse::<#output>(ctx, refusal),
            },
        }
    } else {
        quote!(#name => crate::field::resolve::<#output>(ctx, #call).await,)
    }
}

/// One arm of the writer.
fn written(object: &Object, index: usize, field: &Field) -> TokenStream {
    let Field { method, output, .. } = field;
    if field.changes {
        // No plan is compiled of a mutation: what changes something takes its time, and bytes are not its cost.
        return quote!(#index => crate::write::refuse::<#output>(crate::Refusal::Internal, out),);
    }
    let arguments = field.arguments.iter().enumerate().map(|(position, argument)| {
        let Argument { input, default, .. } = argument;
        if let Some(value) = default {
            quote!(arguments.read::<Option<#input>>(#position, out)?.unwrap_or(#value))
        } else {
            quote!(arguments.read::<#input>(#position, out)?)
        }
    });
    let call = quote!(self.#method(#(#arguments),*));
    if let Some(guard) = guard(object, field) {
        let call = if field.fallible { call } else { quote!(Ok::<_, crate::Refusal>(#call)) };
        quote! {
            #index => match #guard {
                Ok(()) => match #call {
                    Ok(value) => crate::field::Output::write(&value, selection, out),
                    Err(refusal) => crate::write::refuse::<#output>(refusal, out),
                },
                Err(refusal) => crate::write::refuse::<#output>(refusal, out),
            },
        }
    } else if field.fallible {
        quote! {
            #index => match #call {
                Ok(value) => crate::field::Output::write(&value, selection, out),
                Err(refusal) => crate::write::refuse::<#output>(refusal, out),
            },
        }
    } else {
        quote!(#index => crate::field::Output::write(&#call, selection, out),)
    }
}

/// What asks for a field's own permission, where it takes one. A mutation asks by itself: at its target's place, and its
/// refusals are written down.
fn guard(object: &Object, field: &Field) -> Option<TokenStream> {
    if field.changes {
        return None;
    }
    let (on, name, permission) = (&object.name, &field.name, field.requires.as_ref()?);
    Some(quote!(crate::access::field(self, const { crate::access::permission(#permission) }, #on, #name)))
}

fn optional(text: Option<&syn::LitStr>) -> TokenStream {
    text.map_or_else(|| quote!(None), |text| quote!(Some(#text)))
}
