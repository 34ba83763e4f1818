//! What an `#[object]` block says, read out of its syntax.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, Expr, FnArg, Ident, ImplItem, ItemImpl, LitStr, Pat, ReturnType, Token, Type};

/// What stands in the attribute's brackets.
#[derive(Default)]
pub(crate) struct TypeAttribute {
    /// The type's GraphQL name, an expression of a `&'static str`; left out: the Rust name.
    pub(crate) name: Option<Expr>,
    /// What it takes to see the object at all.
    pub(crate) requires: Option<LitStr>,
    /// The interface that it implements.
    pub(crate) implements: Option<LitStr>,
    /// It is the root of mutations: its methods are async, and each decides by itself who may, since that depends on its
    /// input and a refusal is written down.
    pub(crate) changes: bool,
}

impl Parse for TypeAttribute {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut read = Self::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            match key.to_string().as_str() {
                "name" => read.name = Some(input.parse()?),
                "requires" => read.requires = Some(input.parse()?),
                "implements" => read.implements = Some(input.parse()?),
                "changes" => read.changes = input.parse::<syn::LitBool>()?.value,
                _ => {
                    let expected = "expected `name`, `requires`, `implements` or `changes`";
                    return Err(Error::new(key.span(), expected));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(read)
    }
}

/// A type and its fields.
pub(crate) struct Object {
    /// The block as it goes back to the compiler: without the attributes that are ours.
    pub(crate) block: ItemImpl,
    /// An expression of the GraphQL name.
    pub(crate) name: TokenStream,
    /// The block's doc comment.
    pub(crate) description: String,
    /// What it takes to see the object at all.
    pub(crate) requires: Option<LitStr>,
    /// The interface that it implements.
    pub(crate) implements: Option<LitStr>,
    /// In the order in which they are written.
    pub(crate) fields: Vec<Field>,
}

/// A field of a type.
pub(crate) struct Field {
    /// The method that projects it.
    pub(crate) method: Ident,
    /// In camel case.
    pub(crate) name: String,
    /// The method's doc comment.
    pub(crate) description: String,
    /// What it takes besides the object's own permission.
    pub(crate) requires: Option<LitStr>,
    /// What is written out; without the `Result` around it.
    pub(crate) output: Type,
    /// The method is async: a mutation's.
    pub(crate) changes: bool,
    /// The method may refuse.
    pub(crate) fallible: bool,
    /// After the receiver.
    pub(crate) arguments: Vec<Argument>,
}

/// An argument of a field.
pub(crate) struct Argument {
    /// In camel case.
    pub(crate) name: String,
    /// As written; where a default stands, without the `Option` that the schema shows.
    pub(crate) input: Type,
    /// What it is where it is left out or null.
    pub(crate) default: Option<Expr>,
}

impl Object {
    /// Reads a block, or says which part of it is not understood.
    pub(crate) fn read(attribute: TypeAttribute, mut block: ItemImpl) -> syn::Result<Self> {
        let description = take_description(&mut block.attrs);
        if description.is_empty() {
            return Err(Error::new(
                block.self_ty.span(),
                "a type needs a doc comment: it is its documentation",
            ));
        }
        let name = match (&attribute.name, block.self_ty.as_ref()) {
            (Some(name), _) => name.to_token_stream(),
            (None, Type::Path(path)) => {
                let ident = path.path.segments.last().map(|segment| segment.ident.to_string());
                ident.unwrap_or_default().to_token_stream()
            }
            (None, other) => return Err(Error::new(other.span(), "a type like this needs `name = ..`")),
        };
        let mut fields = Vec::new();
        for item in &mut block.items {
            if let ImplItem::Fn(method) = item {
                fields.push(Field::read(method, attribute.changes)?);
            }
        }
        Ok(Self {
            block,
            name,
            description,
            requires: attribute.requires,
            implements: attribute.implements,
            fields,
        })
    }
}

impl Field {
    fn read(method: &mut syn::ImplItemFn, changes: bool) -> syn::Result<Self> {
        let description = description_of(&method.attrs);
        let requires = take(&mut method.attrs, "requires")?.map(|list| list.parse_args()).transpose()?;
        let signature = &mut method.sig;
        match (signature.asyncness, changes) {
            (Some(asyncness), false) => {
                let reason = "a field of the view is synchronous: no call per row";
                return Err(Error::new(asyncness.span(), reason));
            }
            (None, true) => return Err(Error::new(signature.ident.span(), "a mutation is async")),
            _ => {}
        }
        let ReturnType::Type(_, returned) = &signature.output else {
            return Err(Error::new(signature.ident.span(), "a field needs a type"));
        };
        let (output, fallible) = match inside(returned, "Result") {
            Some(value) => (value.clone(), true),
            None => (returned.as_ref().clone(), false),
        };
        if requires.is_some() && inside(&output, "Option").is_none() {
            let reason = "a field with a permission of its own is nullable: it is null for who lacks it";
            return Err(Error::new(output.span(), reason));
        }
        let mut arguments = Vec::new();
        for input in signature.inputs.iter_mut().skip(1) {
            arguments.push(Argument::read(input)?);
        }
        Ok(Self {
            name: camel_case(&signature.ident.to_string()),
            method: signature.ident.clone(),
            description,
            requires,
            output,
            changes,
            fallible,
            arguments,
        })
    }
}

impl Argument {
    fn read(input: &mut FnArg) -> syn::Result<Self> {
        let FnArg::Typed(typed) = input else {
            return Err(Error::new(input.span(), "expected an argument"));
        };
        let Pat::Ident(pattern) = typed.pat.as_ref() else {
            return Err(Error::new(typed.pat.span(), "an argument needs a name"));
        };
        let name = camel_case(&pattern.ident.to_string());
        let default = take(&mut typed.attrs, "default")?.map(|list| list.parse_args()).transpose()?;
        Ok(Self { name, input: typed.ty.as_ref().clone(), default })
    }
}

/// Removes the attribute of that name, and gives what stood in it.
fn take(attributes: &mut Vec<Attribute>, name: &str) -> syn::Result<Option<syn::MetaList>> {
    let Some(position) = attributes.iter().position(|attribute| attribute.path().is_ident(name)) else {
        return Ok(None);
    };
    attributes.remove(position).meta.require_list().cloned().map(Some)
}

fn take_description(attributes: &mut Vec<Attribute>) -> String {
    let description = description_of(attributes);
    attributes.retain(|attribute| !attribute.path().is_ident("doc"));
    description
}

/// A doc comment, its lines joined as they would be read.
fn description_of(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes {
        let syn::Meta::NameValue(pair) = &attribute.meta else { continue };
        let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(line), .. }) = &pair.value else { continue };
        if pair.path.is_ident("doc") {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(line.value().trim());
        }
    }
    text
}

/// `T` of `Wrapper<T, ..>`.
fn inside<'t>(outer: &'t Type, wrapper: &str) -> Option<&'t Type> {
    let Type::Path(path) = outer else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == wrapper)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(syn::GenericArgument::Type(value)) => Some(value),
        _ => None,
    }
}

fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_').filter(|word| !word.is_empty());
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        name.push_str(&first.to_uppercase());
        name.push_str(rest);
    }
    name
}
