//! A TOML text that remembers where each of its keys stands, so that an error can name the line.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::ConfigError;

/// A parsed text and its positions.
pub(super) struct Document<'a> {
    file: &'a Path,
    text: &'a str,
    spans: DeTable<'a>,
}

/// A step on the way to a key: its name, or the position in an array of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Document<'a> {
    pub(super) fn parse(file: &'a Path, text: &'a str) -> Result<Self, ConfigError> {
        let spans = DeTable::parse(text).map_err(|error| ConfigError {
            file: file.to_path_buf(),
            line: error.span().map(|span| line_at(text, span.start)),
            message: format!("this is not TOML: {}", error.message()),
            help: Some(
                "strings stand in quotes, tables in [brackets]; see docs/reference.md, Configuration".into(),
            ),
        })?;
        Ok(Self { file, text, spans: spans.into_inner() })
    }

    /// The values, for serde.
    pub(super) fn table(&self) -> Result<toml::Table, ConfigError> {
        self.text.parse().map_err(|error: toml::de::Error| self.error(&[], error.message().to_owned(), None))
    }

    /// An error at the place that `path` leads to, or as far towards it as the text goes.
    pub(super) fn error(&self, path: &[Step<'_>], message: String, help: Option<String>) -> ConfigError {
        ConfigError { file: self.file.to_path_buf(), line: self.line_of(path), message, help }
    }

    /// The line of the place that `path` leads to, or as far towards it as the text goes.
    pub(super) fn line_of(&self, path: &[Step<'_>]) -> Option<usize> {
        let mut line = None;
        let mut table = Some(&self.spans);
        let mut array = None;
        for step in path {
            let value = match step {
                Step::Key(name) => {
                    let Some((key, value)) =
                        table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == name))
                    else {
                        break;
                    };
                    line = Some(line_at(self.text, key.span().start));
                    value
                }
                Step::Index(index) => {
                    let Some(value) = array.and_then(|array: &toml::de::DeArray<'_>| array.get(*index))
                    else {
                        break;
                    };
                    line = Some(line_at(self.text, value.span().start));
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

fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count() + 1
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
