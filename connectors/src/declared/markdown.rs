//! The tables of a Markdown file as plain text, with the line of each row: emphasis, code marks and links stripped.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// Titles of the columns, in lower case.
    titles: Vec<String>,
    /// The rows below.
    pub(super) rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// The first line of a file is 1.
    pub(super) line: usize,
    cells: Vec<String>,
}

impl Table {
    /// The column that bears one of these titles; the first of the header where several do.
    pub(super) fn column(&self, titles: &[&str]) -> Option<usize> {
        self.titles.iter().position(|title| titles.contains(&title.as_str()))
    }
}

impl Row {
    /// The text of a cell; empty where the row is short.
    pub(super) fn cell(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.cells.get(column)).map_or("", String::as_str)
    }

    /// The text of a cell where it says something.
    pub(super) fn said(&self, column: Option<usize>) -> Option<&str> {
        Some(self.cell(column)).filter(|text| !says_nothing(text))
    }
}

/// Whether a cell stands for "none".
pub(super) fn says_nothing(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "" | "-" | "--" | "\u{2013}" | "\u{2014}" | "n/a" | "tbd" | "dhcp"
    )
}

/// Every table of the file.
pub(super) fn tables(text: &str) -> Vec<Table> {
    let lines: Vec<usize> = text.match_indices('\n').map(|(offset, _)| offset).collect();
    let line_of = |offset: usize| lines.partition_point(|end| *end < offset) + 1;
    let mut tables = Vec::new();
    let mut table = Table::default();
    let mut row = Row::default();
    let mut cell = String::new();
    // What is struck out is no longer so.
    let mut struck = 0_u32;
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Table(_)) => table = Table::default(),
            Event::End(TagEnd::Table) => tables.push(std::mem::take(&mut table)),
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                row = Row { line: line_of(range.start), cells: Vec::new() };
            }
            Event::End(TagEnd::TableHead) => {
                table.titles = row.cells.iter().map(|title| title.to_lowercase()).collect();
            }
            Event::End(TagEnd::TableRow) => table.rows.push(std::mem::take(&mut row)),
            Event::Start(Tag::TableCell) => cell.clear(),
            Event::End(TagEnd::TableCell) => {
                row.cells.push(cell.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            Event::Start(Tag::Strikethrough) => struck += 1,
            Event::End(TagEnd::Strikethrough) => struck = struck.saturating_sub(1),
            Event::Text(piece) | Event::Code(piece) if struck == 0 => cell.push_str(&piece),
            // <br> between two addresses, and whatever else stands there as markup.
            Event::InlineHtml(_) | Event::Html(_) | Event::SoftBreak | Event::HardBreak => cell.push(' '),
            _ => {}
        }
    }
    tables
}
