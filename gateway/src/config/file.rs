//! Reads the configuration's text: of a regular file and of a bounded size, so that no path makes a start wait or eat memory.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

use super::{ConfigError, Place};

/// A thousand sources with all their keys take a third of it.
const MOST_BYTES: u64 = 1 << 20;

pub(super) fn read(file: &Path) -> Result<String, ConfigError> {
    let refuse = |message: &str, help: &str| ConfigError {
        file: file.to_path_buf(),
        place: Place::File,
        message: message.to_owned(),
        help: Some(help.to_owned()),
    };
    let unreadable = |error: std::io::Error| {
        refuse(
            &format!("the configuration cannot be read: {error}"),
            "name it with --config FILE; docs/reference.md, Configuration, has an example",
        )
    };
    // Opening a pipe would wait for somebody to write into it.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(file).map_err(unreadable)?;
    if !opened.metadata().map_err(unreadable)?.is_file() {
        return Err(refuse(
            "this is not a regular file, and nothing else is read as a configuration",
            "name a file with --config FILE: no folder, no pipe, no device",
        ));
    }
    let mut bytes = Vec::new();
    let read = opened.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    // Before its letters are looked at: a text that is cut may end within one.
    if read as u64 > MOST_BYTES {
        return Err(refuse(
            "this is larger than a configuration may be (1 MiB)",
            "is it the right file? one gateway takes 1,000 sources",
        ));
    }
    let broken =
        || std::io::Error::new(std::io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    String::from_utf8(bytes).map_err(|_| unreadable(broken()))
}
