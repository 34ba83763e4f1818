//! The gate: nothing of a library reads a GraphQL document or its variables before they have been weighed here.
//!
//! async-graphql 7.2 parses by recursion, so a nested list literal of 3 KB overflows the stack and ends the process, and
//! it follows each fragment spread anew, so 834 bytes of fragments keep it busy for seconds (docs/adr/0004). The gate is
//! pure, takes time linear in the length of its input and recurses on nothing that a client sends. Every way in (HTTP
//! now, sockets, streams and persisted operations later) goes through [`admit`]: [`Admitted`] is made nowhere else, and
//! an operation is made from nothing else.

mod expand;
mod json;
mod lexer;
mod limits;
mod outline;
mod refusal;
#[cfg(test)]
mod tests;

use async_graphql::Variables;

use expand::expand;
use json::measure;
use outline::outline;

pub use lexer::{Kind, LexError, Lexer, Token};
pub use limits::{Limited, Limits};
pub use outline::{Figures, OperationKind};
pub use refusal::Refusal;

/// A document that is small, shallow and without multiplying fragments; not known to be valid.
#[derive(Clone, Copy, Debug)]
pub struct Admitted<'a> {
    document: &'a str,
    figures: Figures,
}

impl<'a> Admitted<'a> {
    /// The document's text, as it was sent.
    pub fn document(&self) -> &'a str {
        self.document
    }

    /// What was counted.
    pub fn figures(&self) -> Figures {
        self.figures
    }
}

/// Lets a document in, or says why not.
pub fn admit<'a>(document: &'a str, limits: &Limits) -> Result<Admitted<'a>, Refusal> {
    Refusal::check(Limited::DocumentBytes, document.len(), limits.document_bytes)?;
    let (definitions, figures) = outline(document)?;
    let fragments = definitions.iter().filter(|definition| definition.operation.is_none()).count();
    for (what, figure, limit) in [
        (Limited::Tokens, figures.tokens, limits.tokens),
        (Limited::NameBytes, figures.name_bytes, limits.name_bytes),
        (Limited::Nesting, figures.nesting, limits.nesting),
        (Limited::Aliases, figures.aliases, limits.aliases),
        (Limited::Directives, figures.directives, limits.directives),
        (Limited::Operations, definitions.len() - fragments, limits.operations),
        (Limited::Fragments, fragments, limits.fragments),
        (Limited::Spreads, figures.spreads, limits.spreads),
        (Limited::Variables, figures.variables, limits.variables),
    ] {
        Refusal::check(what, figure, limit)?;
    }
    let expanded = expand(document, &definitions)?;
    for (what, figure, limit) in [
        (Limited::ExpandedFields, expanded.fields, limits.expanded_fields),
        (Limited::Depth, expanded.reach.data, limits.depth),
        (Limited::IntrospectionDepth, expanded.reach.any, limits.introspection_depth),
        (Limited::IntrospectionLists, expanded.reach.introspection_lists, limits.introspection_lists),
    ] {
        Refusal::check(what, figure, limit)?;
    }
    Ok(Admitted { document, figures })
}

/// Bounds a JSON text in which values of variables stand `outer` levels down, before anything parses it.
pub fn weigh_json(text: &str, outer: usize, limits: &Limits) -> Result<(), Refusal> {
    let measure = measure(text.as_bytes());
    Refusal::check(Limited::VariableDepth, measure.depth.saturating_sub(outer), limits.variable_depth)?;
    Refusal::check(Limited::VariableValues, measure.values, limits.variable_values)
}

/// Why variables were not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariablesRefusal {
    /// Too deep or too many.
    #[error(transparent)]
    Limit(#[from] Refusal),
    /// Not a JSON object, or one with a name twice.
    #[error("`variables` must be a JSON object")]
    NotAnObject,
}

/// Lets the variables of an admitted document in: a JSON object or `null`, bounded in depth, number and copies.
pub fn admit_variables(
    text: &str,
    admitted: &Admitted<'_>,
    limits: &Limits,
) -> Result<Variables, VariablesRefusal> {
    weigh_json(text, 0, limits)?;
    let copied = text.len().saturating_mul(admitted.figures.variable_uses);
    Refusal::check(Limited::VariableBytesUsed, copied, limits.variable_bytes_used)?;
    let variables: Variables = serde_json::from_str(text).map_err(|_| VariablesRefusal::NotAnObject)?;
    Refusal::check(Limited::Variables, variables.len(), limits.variables)?;
    Ok(variables)
}
