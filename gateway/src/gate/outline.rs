//! A document reduced to what the gate counts: operations, fragments, and for each how many fields at which depth.
//!
//! Brackets are kept on a stack of our own, never on the thread's, so depth costs a few bytes and nothing else. Values
//! are only checked for matching brackets; the library's parser judges the rest of the grammar afterwards.

use super::lexer::{Kind, Lexer, Token};
use super::refusal::Refusal;

/// What kind of operation a definition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// `query`, also where the word is left out.
    Query,
    /// `mutation`
    Mutation,
    /// `subscription`
    Subscription,
}

/// An operation or a fragment.
#[derive(Debug)]
pub(super) struct Definition<'a> {
    pub(super) name: Option<&'a str>,
    /// `None`: a fragment.
    pub(super) operation: Option<OperationKind>,
    pub(super) fields: usize,
    pub(super) reach: Reach,
    pub(super) spreads: Vec<Spread<'a>>,
}

/// A fragment's name where a selection set takes it in.
#[derive(Debug)]
pub(super) struct Spread<'a> {
    pub(super) fragment: &'a str,
    pub(super) place: Place,
}

/// Where in its definition a selection set stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// Below `__schema` or `__type`.
    pub(super) introspection: bool,
    /// Fields above, introspection included.
    pub(super) level: usize,
    /// Introspection's lists above, as if the definition stood inside of introspection.
    pub(super) lists: usize,
}

/// The deepest places of a definition.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reach {
    /// Levels of fields, what stands in introspection apart.
    pub(super) data: usize,
    /// Levels of fields, introspection included.
    pub(super) any: usize,
    /// Introspection's lists below each other, where `__schema` or `__type` stands above them.
    pub(super) introspection_lists: usize,
    /// Fields of those names below each other anywhere: what counts where a fragment is spread in introspection.
    pub(super) any_lists: usize,
}

/// What was counted over a whole document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Lexical tokens.
    pub tokens: usize,
    /// Bytes of the longest name.
    pub name_bytes: usize,
    /// The most brackets open at once.
    pub nesting: usize,
    /// Aliased fields.
    pub aliases: usize,
    /// Directives.
    pub directives: usize,
    /// Spreads and inline fragments.
    pub spreads: usize,
    /// Variable definitions.
    pub variables: usize,
    /// Places where a variable's value is used.
    pub variable_uses: usize,
}

/// Reads a document's definitions and counts.
pub(super) fn outline(document: &str) -> Result<(Vec<Definition<'_>>, Figures), Refusal> {
    let mut reader = Reader {
        document,
        lexer: Lexer::new(document),
        peeked: Peeked::Nothing,
        figures: Figures::default(),
    };
    let mut definitions = Vec::new();
    while let Some(token) = reader.next()? {
        definitions.push(reader.definition(token)?);
    }
    if definitions.iter().all(|definition| definition.operation.is_none()) {
        return Err(Refusal::syntax(document, document.len(), "the document holds no operation"));
    }
    Ok((definitions, reader.figures))
}

enum Peeked<'a> {
    Nothing,
    Next(Option<Token<'a>>),
}

struct Reader<'a> {
    document: &'a str,
    lexer: Lexer<'a>,
    /// The next token, where it was looked at already; `None` in it is the end.
    peeked: Peeked<'a>,
    figures: Figures,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<Token<'a>>, Refusal> {
        if let Peeked::Next(token) = std::mem::replace(&mut self.peeked, Peeked::Nothing) {
            return Ok(token);
        }
        let token = self
            .lexer
            .next_token()
            .map_err(|error| Refusal::syntax(self.document, error.offset, error.message))?;
        if let Some(token) = token {
            self.figures.tokens += 1;
            if let Kind::Name(name) = token.kind {
                self.figures.name_bytes = self.figures.name_bytes.max(name.len());
            }
        }
        Ok(token)
    }

    fn peek(&mut self) -> Result<Option<Kind<'a>>, Refusal> {
        let token = self.next()?;
        self.peeked = Peeked::Next(token);
        Ok(token.map(|token| token.kind))
    }

    /// Takes the next token where it is this punctuator.
    fn take(&mut self, punctuator: u8) -> Result<bool, Refusal> {
        let there = self.peek()? == Some(Kind::Punctuator(punctuator));
        if there {
            self.next()?;
        }
        Ok(there)
    }

    fn unexpected<T>(&self, token: Option<Token<'a>>, expected: &str) -> Result<T, Refusal> {
        let offset = token.map_or(self.document.len(), |token| token.offset);
        let found = if token.is_some() { "this" } else { "the end" };
        Err(Refusal::syntax(self.document, offset, format!("expected {expected}, found {found}")))
    }

    fn name(&mut self, expected: &str) -> Result<&'a str, Refusal> {
        match self.next()? {
            Some(Token { kind: Kind::Name(name), .. }) => Ok(name),
            token => self.unexpected(token, expected),
        }
    }

    fn definition(&mut self, token: Token<'a>) -> Result<Definition<'a>, Refusal> {
        let mut definition = Definition {
            name: None,
            operation: None,
            fields: 0,
            reach: Reach::default(),
            spreads: Vec::new(),
        };
        let kind = match token.kind {
            Kind::Punctuator(b'{') => {
                definition.operation = Some(OperationKind::Query);
                self.selections(&mut definition)?;
                return Ok(definition);
            }
            Kind::Name("query") => Some(OperationKind::Query),
            Kind::Name("mutation") => Some(OperationKind::Mutation),
            Kind::Name("subscription") => Some(OperationKind::Subscription),
            Kind::Name("fragment") => None,
            _ => return self.unexpected(Some(token), "an operation or a fragment"),
        };
        definition.operation = kind;
        if kind.is_none() {
            let name = self.name("the fragment's name")?;
            // A fragment of this name would make `... on T` ambiguous, for the parser behind us as well.
            if name == "on" || self.name("`on`")? != "on" {
                return self.unexpected(Some(token), "a fragment's name and its type condition");
            }
            self.name("a type's name")?;
            definition.name = Some(name);
        } else {
            if let Some(Kind::Name(name)) = self.peek()? {
                self.next()?;
                definition.name = Some(name);
            }
            let uses_before = self.figures.variable_uses;
            if self.take(b'(')? {
                self.group(b')', 0)?;
            }
            self.figures.variables += self.figures.variable_uses - uses_before;
            self.figures.variable_uses = uses_before;
        }
        self.directives(0)?;
        match self.next()? {
            Some(Token { kind: Kind::Punctuator(b'{'), .. }) => self.selections(&mut definition)?,
            token => return self.unexpected(token, "`{`"),
        }
        Ok(definition)
    }

    /// What stands between braces, to the closing one; the opening one has been read.
    fn selections(&mut self, definition: &mut Definition<'a>) -> Result<(), Refusal> {
        let mut open = vec![Place::default()];
        // Whether the last token opened a selection set: one that closes at once is empty, which is no GraphQL.
        let mut just_opened = true;
        while let Some(&place) = open.last() {
            self.figures.nesting = self.figures.nesting.max(open.len());
            let token = self.next()?;
            let inner = match token.map(|token| token.kind) {
                Some(Kind::Punctuator(b'}')) if !just_opened => {
                    open.pop();
                    None
                }
                Some(Kind::Name(name)) => self.field(name, place, open.len(), definition)?,
                Some(Kind::Spread) => self.spread(place, open.len(), definition)?,
                _ => return self.unexpected(token, "a field, a fragment or `}`"),
            };
            just_opened = inner.is_some();
            open.extend(inner);
        }
        Ok(())
    }

    /// A field from its name on; where it opens a selection set, the place of that set.
    fn field(
        &mut self,
        first: &'a str,
        place: Place,
        open: usize,
        definition: &mut Definition<'a>,
    ) -> Result<Option<Place>, Refusal> {
        let mut name = first;
        if self.take(b':')? {
            self.figures.aliases += 1;
            name = self.name("the name of the aliased field")?;
        }
        if self.take(b'(')? {
            self.group(b')', open)?;
        }
        self.directives(open)?;

        let inner = Place {
            introspection: place.introspection || matches!(name, "__schema" | "__type"),
            level: place.level + 1,
            lists: place.lists
                + usize::from(matches!(name, "fields" | "interfaces" | "possibleTypes" | "inputFields")),
        };
        definition.fields = definition.fields.saturating_add(1);
        let reach = &mut definition.reach;
        reach.any = reach.any.max(inner.level);
        reach.any_lists = reach.any_lists.max(inner.lists);
        if inner.introspection {
            reach.introspection_lists = reach.introspection_lists.max(inner.lists);
        }
        if !place.introspection {
            reach.data = reach.data.max(inner.level);
        }
        Ok(self.take(b'{')?.then_some(inner))
    }

    /// What follows `...`; of an inline fragment, the place of its selection set.
    fn spread(
        &mut self,
        place: Place,
        open: usize,
        definition: &mut Definition<'a>,
    ) -> Result<Option<Place>, Refusal> {
        self.figures.spreads += 1;
        if let Some(Kind::Name(name)) = self.peek()? {
            self.next()?;
            if name != "on" {
                definition.spreads.push(Spread { fragment: name, place });
                self.directives(open)?;
                return Ok(None);
            }
            self.name("a type's name")?;
        }
        self.directives(open)?;
        match self.next()? {
            Some(Token { kind: Kind::Punctuator(b'{'), .. }) => Ok(Some(place)),
            token => self.unexpected(token, "`{`"),
        }
    }

    fn directives(&mut self, open: usize) -> Result<(), Refusal> {
        while self.take(b'@')? {
            self.figures.directives += 1;
            self.name("a directive's name")?;
            if self.take(b'(')? {
                self.group(b')', open)?;
            }
        }
        Ok(())
    }

    /// Arguments or variable definitions, to the bracket that closes them; `outside` brackets are open around them.
    fn group(&mut self, closing: u8, outside: usize) -> Result<(), Refusal> {
        let mut open = vec![closing];
        while let Some(&closing) = open.last() {
            self.figures.nesting = self.figures.nesting.max(outside + open.len());
            let token = self.next()?;
            match token.map(|token| token.kind) {
                None => return self.unexpected(token, "a closing bracket"),
                Some(Kind::Punctuator(b'(')) => open.push(b')'),
                Some(Kind::Punctuator(b'[')) => open.push(b']'),
                Some(Kind::Punctuator(b'{')) => open.push(b'}'),
                Some(Kind::Punctuator(byte)) if byte == closing => {
                    open.pop();
                }
                Some(Kind::Punctuator(b')' | b']' | b'}')) => {
                    return self.unexpected(token, "another closing bracket");
                }
                Some(Kind::Punctuator(b'$')) => self.figures.variable_uses += 1,
                Some(Kind::Punctuator(b'@')) => self.figures.directives += 1,
                Some(_) => {}
            }
        }
        Ok(())
    }
}
