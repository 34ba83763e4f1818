//! What the gate counts, and how much of each it lets pass.

use std::fmt;

/// How much a document may hold: the figures of docs/reference.md, "Limits". Those that cannot be configured stand an
/// order of magnitude above what clients and code generators send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document's text.
    pub document_bytes: usize,
    /// Lexical tokens.
    pub tokens: usize,
    /// Bytes of one name: a library that looks for the nearest known name pays for each of them.
    pub name_bytes: usize,
    /// Brackets open at once, of any kind: what a recursive parser pays for with its stack.
    pub nesting: usize,
    /// Fields below fields, through fragments; introspection apart.
    pub depth: usize,
    /// Fields below fields, introspection included.
    pub introspection_depth: usize,
    /// `fields`, `interfaces`, `possibleTypes` and `inputFields` below each other: each multiplies by the schema's size.
    pub introspection_lists: usize,
    /// Fields that bear an alias.
    pub aliases: usize,
    /// Directives, in any position.
    pub directives: usize,
    /// Operations in one document.
    pub operations: usize,
    /// Fragment definitions.
    pub fragments: usize,
    /// Spreads of fragments and inline fragments.
    pub spreads: usize,
    /// Fields of an operation once every spread is replaced by what it names.
    pub expanded_fields: usize,
    /// Variable definitions, and members of the variables' object.
    pub variables: usize,
    /// Arrays and objects open at once in the variables.
    pub variable_depth: usize,
    /// Values in the variables, all levels together.
    pub variable_values: usize,
    /// Bytes of the variables times their uses in the document: each use is a copy.
    pub variable_bytes_used: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 128 * 1024,
            tokens: 10_000,
            name_bytes: 128,
            nesting: 48,
            depth: 15,
            introspection_depth: 24,
            introspection_lists: 2,
            aliases: 30,
            directives: 100,
            operations: 50,
            fragments: 100,
            spreads: 500,
            expanded_fields: 5_000,
            variables: 100,
            variable_depth: 32,
            variable_values: 20_000,
            variable_bytes_used: 8 * 1024 * 1024,
        }
    }
}

/// Which limit was passed, in the words that a client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field of `Limits` that bears its name")]
pub enum Limited {
    DocumentBytes,
    Tokens,
    NameBytes,
    Nesting,
    Depth,
    IntrospectionDepth,
    IntrospectionLists,
    Aliases,
    Directives,
    Operations,
    Fragments,
    Spreads,
    ExpandedFields,
    Variables,
    VariableDepth,
    VariableValues,
    VariableBytesUsed,
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DocumentBytes => "bytes in the document",
            Self::Tokens => "tokens in the document",
            Self::NameBytes => "bytes in a name",
            Self::Nesting => "brackets open at once",
            Self::Depth => "levels of fields (depth)",
            Self::IntrospectionDepth => "levels of fields in introspection",
            Self::IntrospectionLists => "lists of types or fields below each other in introspection",
            Self::Aliases => "aliases",
            Self::Directives => "directives",
            Self::Operations => "operations in the document",
            Self::Fragments => "fragment definitions",
            Self::Spreads => "fragment spreads and inline fragments",
            Self::ExpandedFields => "fields once fragments are expanded",
            Self::Variables => "variables",
            Self::VariableDepth => "levels in the variables",
            Self::VariableValues => "values in the variables",
            Self::VariableBytesUsed => "bytes of variables times their uses",
        })
    }
}
