//! A TOML text that remembers where each of its keys stands, and what the environment laid over it, so that an error can name
//! the line or the variable.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::environment::Origins;
use super::{ConfigError, Place};

/// A parsed text and its positions.
pub(super) struct Document<'a> {
    file: &'a Path,
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
    spans: DeTable<'a>,
    /// Which variables say what the file does not.
    pub(super) origins: Origins,
}

/// A step on the way to a key: its name, or the position in an array of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Document<'a> {
    pub(super) fn parse(file: &'a Path, text: &'a str) -> Result<Self, ConfigError> {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines: Vec<usize> = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        let spans = DeTable::parse(text).map_err(|error| ConfigError {
            file: file.to_path_buf(),
            place: error.span().map_or(Place::File, |span| Place::Line(line_at(&lines, span.start))),
            message: format!("this is not TOML: {}", error.message()),
            help: Some(
                "strings stand in quotes, tables in [brackets]; see docs/reference.md, Configuration".into(),
            ),
        })?;
        Ok(Self { file, text, lines, spans: spans.into_inner(), origins: Origins::default() })
    }

    /// The values, for serde.
    pub(super) fn table(&self) -> Result<toml::Table, ConfigError> {
        self.text.parse().map_err(|error: toml::de::Error| self.error(&[], error.message().to_owned(), None))
    }

    /// An error at the place that `path` leads to, or as far towards it as the text goes.
    pub(super) fn error(&self, path: &[Step<'_>], message: String, help: Option<String>) -> ConfigError {
        ConfigError { file: self.file.to_path_buf(), place: self.place_of(path), message, help }
    }

    /// The variable that says what is at `path`, else its line.
    pub(super) fn place_of(&self, path: &[Step<'_>]) -> Place {
        match self.origins.of(path) {
            Some(variable) => Place::Variable(variable.to_owned()),
            None => self.line_of(path).map_or(Place::File, Place::Line),
        }
    }

    /// The line of the place that `path` leads to, or as far towards it as the text goes.
    fn line_of(&self, path: &[Step<'_>]) -> Option<usize> {
        let mut line = None;
        let mut table = Some(&self.spans);
        let mut array = None;
        for step in path {
            let value = match step {
                Step::Key(name) => {
                    let Some((key, value)) = table.and_then(|table| table.get_key_value(*name)) else {
                        break;
                    };
                    line = Some(line_at(&self.lines, key.span().start));
                    value
                }
                Step::Index(index) => {
                    let Some(value) = array.and_then(|array: &toml::de::DeArray<'_>| array.get(*index))
                    else {
                        break;
                    };
                    line = Some(line_at(&self.lines, value.span().start));
                    value
                }
            };
            (table, array) = match value.get_ref() {
                DeValue::Table(inner) => (Some(inner), None),
                DeValue::Array(inner) => (None, Some(inner)),
                _ => (None, None),
            };
        }
        line
    }
}

/// The line, from 1, that a byte is on.
fn line_at(lines: &[usize], byte: usize) -> usize {
    lines.partition_point(|start| *start <= byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line() {
        let text = "data_dir = \"/d\"\n[server]\nlisten = \"x\"\n\n[[source]]\nname = \"a\"\n[[source]]\nname = \"b\"\n";
        let document = Document::parse(Path::new("f.toml"), text).expect("TOML");
        for (path, line) in [
            (vec![Step::Key("data_dir")], Some(1)),
            (vec![Step::Key("server"), Step::Key("listen")], Some(3)),
            (vec![Step::Key("source"), Step::Index(1), Step::Key("name")], Some(8)),
            (vec![Step::Key("server"), Step::Key("nothing")], Some(2)),
            (vec![Step::Key("nothing")], None),
        ] {
            assert_eq!(document.line_of(&path), line, "{path:?}");
        }
    }
}
