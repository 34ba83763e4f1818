//! A GraphQL document's tokens, by the October 2021 edition of its specification (section 2.1, Source Text).
//!
//! One pass, no allocation, no recursion. It is nowhere laxer than the library's grammar: what this lexer takes for a
//! string or a comment the parser behind it takes for one too, so no bracket hides from the counting.

/// What a token is; names are the only ones whose text matters to the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// One of `! $ & ( ) : = @ [ ] { | }`.
    Punctuator(u8),
    /// `...`
    Spread,
    /// A name or keyword.
    Name(&'a str),
    /// An integer or a float.
    Number,
    /// A string or block string.
    String,
}

/// A token and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind<'a>,
    /// Bytes from the start of the document.
    pub offset: usize,
}

/// Why no token could be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LexError {
    /// What is wrong.
    pub message: &'static str,
    /// Bytes from the start of the document.
    pub offset: usize,
}

/// The tokens of a document, one after the other.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    document: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Reads from the start of `document`.
    pub fn new(document: &'a str) -> Self {
        Self { document, at: 0 }
    }

    /// The next token; `None` at the end.
    pub fn next_token(&mut self) -> Result<Option<Token<'a>>, LexError> {
        self.skip_ignored()?;
        let offset = self.at;
        let Some(first) = self.byte(0) else { return Ok(None) };
        let kind = match first {
            b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}' => {
                self.at += 1;
                Kind::Punctuator(first)
            }
            b'.' if self.rest().starts_with(b"...") => {
                self.at += 3;
                Kind::Spread
            }
            b'"' if self.rest().starts_with(b"\"\"\"") => self.block_string()?,
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number()?,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => self.name(),
            _ => return Err(self.error("unexpected character")),
        };
        Ok(Some(Token { kind, offset }))
    }

    fn rest(&self) -> &'a [u8] {
        self.document.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.document.as_bytes().get(self.at + ahead).copied()
    }

    fn error(&self, message: &'static str) -> LexError {
        LexError { message, offset: self.at }
    }

    /// White space, line terminators, commas, comments and the byte order mark.
    fn skip_ignored(&mut self) -> Result<(), LexError> {
        loop {
            match self.byte(0) {
                Some(b' ' | b'\t' | b'\r' | b'\n' | b',') => self.at += 1,
                Some(0xEF) if self.rest().starts_with("\u{feff}".as_bytes()) => self.at += 3,
                Some(b'#') => {
                    while let Some(byte) = self.byte(0).filter(|byte| !matches!(byte, b'\r' | b'\n')) {
                        self.source_character(byte)?;
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// One byte of a comment or string: the specification's SourceCharacter knows no control character but tab, line
    /// feed and carriage return.
    fn source_character(&mut self, byte: u8) -> Result<(), LexError> {
        if byte < 0x20 && !matches!(byte, b'\t' | b'\r' | b'\n') {
            return Err(self.error("control character"));
        }
        self.at += 1;
        Ok(())
    }

    fn name(&mut self) -> Kind<'a> {
        let start = self.at;
        while matches!(self.byte(0), Some(b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9')) {
            self.at += 1;
        }
        Kind::Name(self.document.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self) -> Result<(), LexError> {
        if !matches!(self.byte(0), Some(b'0'..=b'9')) {
            return Err(self.error("digit expected"));
        }
        while matches!(self.byte(0), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Kind<'a>, LexError> {
        if self.byte(0) == Some(b'-') {
            self.at += 1;
        }
        if self.byte(0) == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte(0) == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(0), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(0), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        match self.byte(0) {
            Some(b'.' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9') => {
                Err(self.error("a number must not be followed by this"))
            }
            _ => Ok(Kind::Number),
        }
    }

    fn string(&mut self) -> Result<Kind<'a>, LexError> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.byte(0) {
                None | Some(b'\r' | b'\n') => {
                    return Err(LexError { message: "string that does not end", offset: start });
                }
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Kind::String);
                }
                Some(b'\\') => self.escape()?,
                Some(byte) => self.source_character(byte)?,
            }
        }
    }

    fn escape(&mut self) -> Result<(), LexError> {
        let hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
        match self.byte(1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') if (2..6).all(|ahead| hex(self.byte(ahead))) => self.at += 6,
            _ => return Err(self.error("unknown escape in a string")),
        }
        Ok(())
    }

    fn block_string(&mut self) -> Result<Kind<'a>, LexError> {
        let start = self.at;
        self.at += 3;
        loop {
            let rest = self.rest();
            if rest.starts_with(b"\"\"\"") {
                self.at += 3;
                return Ok(Kind::String);
            }
            if rest.starts_with(b"\\\"\"\"") {
                self.at += 4;
                continue;
            }
            match self.byte(0) {
                None => return Err(LexError { message: "block string that does not end", offset: start }),
                Some(byte) => self.source_character(byte)?,
            }
        }
    }
}
