//! One collection: each file is read and parsed; one that cannot be read keeps what it said before, marked stale.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use schema::fact::MainList;
use schema::source::ProblemCode;
use schema::{Facts, Problem, Snapshot, SourceInfo, Timestamp};

use super::parsed::Parsed;
use super::read::{Unread, read};
use super::{Format, environment, guests, markdown, port_map};
use crate::Connector;

/// A file of the configuration.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// As it was written there: what references and problems call it.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) format: Format,
}

/// The files of one source, and what each said when it was last read.
pub(super) struct Declared {
    info: Arc<SourceInfo>,
    files: Arc<[File]>,
    last: Arc<Mutex<BTreeMap<String, Parsed>>>,
}

impl Declared {
    pub(super) fn new(info: Arc<SourceInfo>, files: Vec<File>) -> Self {
        Self { info, files: files.into(), last: Arc::default() }
    }
}

#[async_trait]
impl Connector for Declared {
    async fn collect(&self, now: Timestamp) -> Snapshot {
        let (info, files, last) = (self.info.clone(), self.files.clone(), self.last.clone());
        let read = move || {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            collect(&info, &files, &mut last, now)
        };
        // A disk that hangs holds up this source alone.
        tokio::task::spawn_blocking(read).await.unwrap_or_else(|_| {
            let message = "reading the files ended unexpectedly";
            failed(problem(ProblemCode::Internal, &self.info.name, message, now), now)
        })
    }
}

fn collect(
    info: &SourceInfo,
    files: &[File],
    last: &mut BTreeMap<String, Parsed>,
    now: Timestamp,
) -> Snapshot {
    let mut snapshot = Snapshot { collected_at: now, ..Snapshot::default() };
    let mut unread = Vec::new();
    for file in files {
        match read(&file.path) {
            Ok(text) => {
                let mut parsed = parse(file, &text, &info.network);
                parsed.read_at(now);
                add_problems(file, &parsed, now, &mut snapshot.problems);
                if let Some(why) = parsed.cut() {
                    let message = format!("{}: {why}", file.name);
                    snapshot.not_read(MainList::Declarations, ProblemCode::Partial, &message, false);
                }
                add_facts(&parsed, &mut snapshot.facts);
                last.insert(file.name.clone(), parsed);
            }
            Err(error) => {
                snapshot.problems.push(problem(error.code, &file.name, &error.message, now));
                let message = format!("{}: {}", file.name, error.message);
                snapshot.not_read(MainList::Declarations, error.code, &message, false);
                if let Some(earlier) = last.get_mut(&file.name) {
                    earlier.turn_stale();
                    add_facts(earlier, &mut snapshot.facts);
                }
                unread.push((file, error));
            }
        }
    }
    if unread.len() == files.len() { failed(whole(info, &unread, now), now) } else { snapshot }
}

/// Reads a file's text by the end of its name.
pub(super) fn parse(file: &File, text: &str, network: &Arc<str>) -> Parsed {
    match file.format {
        Format::Environment => environment::parse(&file.name, text, network),
        Format::Markdown => {
            let mut parsed = Parsed::default();
            for table in markdown::tables(text) {
                guests::read(&file.name, &table, network, &mut parsed);
                port_map::read(&file.name, &table, &mut parsed);
            }
            parsed
        }
    }
}

fn add_facts(parsed: &Parsed, facts: &mut Facts) {
    facts.assignments.extend_from_slice(&parsed.assignments);
    facts.declared_guests.extend_from_slice(&parsed.guests);
    facts.port_map.extend_from_slice(&parsed.port_map);
}

fn add_problems(file: &File, parsed: &Parsed, now: Timestamp, problems: &mut Vec<Problem>) {
    for (line, message) in &parsed.problems {
        problems.push(problem(ProblemCode::BadResponse, &format!("{}:{line}", file.name), message, now));
    }
    if parsed.problems_untold > 0 {
        let message = format!("{} more lines cannot be read", parsed.problems_untold);
        problems.push(problem(ProblemCode::BadResponse, &file.name, &message, now));
    }
}

/// No file could be read: the source has failed, by the first one's reason.
fn whole(info: &SourceInfo, unread: &[(&File, Unread)], now: Timestamp) -> Problem {
    let alike = unread.windows(2).all(|pair| pair[0].1.code == pair[1].1.code);
    let code = unread.first().map(|(_, error)| error.code).filter(|_| alike);
    let first = unread.first().map(|(file, error)| format!("{}: {}", file.name, error.message));
    let more = match unread.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let message = format!("no file can be read: {}{more}", first.unwrap_or_default());
    problem(code.unwrap_or(ProblemCode::Unreachable), &info.name, &message, now)
}

fn failed(failure: Problem, now: Timestamp) -> Snapshot {
    Snapshot { collected_at: now, failure: Some(failure), ..Snapshot::default() }
}

fn problem(code: ProblemCode, subject: &str, message: &str, now: Timestamp) -> Problem {
    Problem { code, subject: subject.into(), message: message.into(), since: now }
}
