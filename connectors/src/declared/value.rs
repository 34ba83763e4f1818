//! The value of an assignment as a shell would read it: quotes, backslashes, references to earlier keys. Nothing is executed:
//! what a shell would have to run for makes the value unknown.

use std::collections::BTreeMap;

/// Bytes of one value; doubling by reference (`A=$B$B`) ends here.
pub(super) const LONGEST: usize = 64 << 10;

/// The keys of a file so far.
pub(super) type Known = BTreeMap<String, String>;

/// Why an assignment has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoValue {
    /// Only a shell could tell: `$(...)`, `${A%.*}`, arrays; or the line is none of ours.
    Unknown,
    /// It grew beyond all bounds.
    TooLong,
}

/// Reads what stands behind `KEY=`, up to a comment or the end of the statement.
pub(super) fn read(text: &str, known: &Known) -> Result<String, NoValue> {
    let mut reader = Reader { rest: text, known, value: String::new() };
    reader.bare()?;
    Ok(reader.value)
}

struct Reader<'a> {
    rest: &'a str,
    known: &'a Known,
    value: String,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(letter)
    }

    fn push(&mut self, text: &str) -> Result<(), NoValue> {
        if self.value.len() + text.len() > LONGEST {
            return Err(NoValue::TooLong);
        }
        self.value.push_str(text);
        Ok(())
    }

    fn push_letter(&mut self, letter: char) -> Result<(), NoValue> {
        self.push(letter.encode_utf8(&mut [0; 4]))
    }

    fn bare(&mut self) -> Result<(), NoValue> {
        // A comment begins where a word would: at the start, or behind a blank.
        let mut word_begins = true;
        while let Some(letter) = self.next() {
            match letter {
                '#' if word_begins => return Ok(()),
                // The statement ends; what follows is another.
                ';' | '&' | '|' => return Ok(()),
                '(' | ')' | '`' | '<' | '>' => return Err(NoValue::Unknown),
                '\'' => self.single_quoted()?,
                '"' => self.double_quoted()?,
                '$' => self.reference()?,
                '\\' => {
                    let escaped = self.next().ok_or(NoValue::Unknown)?;
                    self.push_letter(escaped)?;
                }
                _ => self.push_letter(letter)?,
            }
            word_begins = letter.is_whitespace();
        }
        Ok(())
    }

    fn single_quoted(&mut self) -> Result<(), NoValue> {
        let (inner, rest) = self.rest.split_once('\'').ok_or(NoValue::Unknown)?;
        self.rest = rest;
        self.push(inner)
    }

    fn double_quoted(&mut self) -> Result<(), NoValue> {
        loop {
            match self.next().ok_or(NoValue::Unknown)? {
                '"' => return Ok(()),
                '`' => return Err(NoValue::Unknown),
                '$' => self.reference()?,
                '\\' => {
                    let escaped = self.next().ok_or(NoValue::Unknown)?;
                    if !matches!(escaped, '"' | '\\' | '$' | '`') {
                        self.push_letter('\\')?;
                    }
                    self.push_letter(escaped)?;
                }
                letter => self.push_letter(letter)?,
            }
        }
    }

    /// What follows a `$`: `KEY`, `{KEY}`, `{KEY:-literal}`. A key that is not set is empty, as in a shell.
    fn reference(&mut self) -> Result<(), NoValue> {
        if let Some(rest) = self.rest.strip_prefix('{') {
            let (inner, rest) = rest.split_once('}').ok_or(NoValue::Unknown)?;
            self.rest = rest;
            let (name, otherwise) = match inner.split_once(":-") {
                Some((name, otherwise)) => (name, literal(otherwise)?),
                None => (inner, ""),
            };
            if name_length(name) != name.len() || name.is_empty() {
                return Err(NoValue::Unknown);
            }
            return self.follow(name, otherwise);
        }
        let length = name_length(self.rest);
        if length == 0 {
            // $1, $?, $(...) are a shell's own; a lone $ is a letter like any other.
            return match self.rest.chars().next() {
                None | Some(' ' | '\t' | '"') => self.push("$"),
                _ => Err(NoValue::Unknown),
            };
        }
        let (name, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.follow(name, "")
    }

    fn follow(&mut self, name: &str, otherwise: &str) -> Result<(), NoValue> {
        let known: &'a Known = self.known;
        match known.get(name).filter(|value| !value.is_empty()) {
            Some(value) => self.push(value),
            None => self.push(otherwise),
        }
    }
}

/// What stands behind `:-`, perhaps in quotes of its own; a reference in there is for a shell.
fn literal(text: &str) -> Result<&str, NoValue> {
    let quoted = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let inner = quoted('"').or_else(|| quoted('\'')).unwrap_or(text);
    if inner.contains(['$', '`', '"', '\'', '\\']) { Err(NoValue::Unknown) } else { Ok(inner) }
}

/// How many bytes of `text` are a name: a letter or underscore, then digits as well.
pub(super) fn name_length(text: &str) -> usize {
    if text.starts_with(|letter: char| letter.is_ascii_digit()) {
        return 0;
    }
    text.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(text.len())
}
