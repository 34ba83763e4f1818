//! Reads one file, bounded: whatever stands at the path, it costs at most four megabytes and no waiting.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use schema::source::ProblemCode;

/// Bytes of one file. A fleet of 15,000 guests fits in two megabytes.
pub(super) const LARGEST: u64 = 4 << 20;

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) code: ProblemCode,
    pub(super) message: String,
}

/// The file's text, without a byte order mark.
pub(super) fn read(path: &Path) -> Result<String, Unread> {
    // Asked before it is opened: opening a pipe waits for somebody to write into it.
    let found = fs::metadata(path).map_err(|error| of_io(&error))?;
    if !found.is_file() {
        return Err(bad("it is not a file"));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| of_io(&error))?;
    // Read up to the bound, not up to the size that was told: a file can grow, and those of /proc tell none.
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| of_io(&error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(bad("it is larger than 4 MiB: split it"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        bad(&format!("line {line} is not UTF-8: save it as UTF-8"))
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn bad(message: &str) -> Unread {
    Unread { code: ProblemCode::BadResponse, message: message.to_owned() }
}

/// What the system says, in our words.
pub(super) fn of_io(error: &io::Error) -> Unread {
    let (code, message) = match error.kind() {
        io::ErrorKind::NotFound => (ProblemCode::NotFound, "it is not there".to_owned()),
        io::ErrorKind::PermissionDenied => {
            (ProblemCode::Forbidden, "the gateway's user may not read it".to_owned())
        }
        _ => (ProblemCode::Unreachable, error.to_string()),
    };
    Unread { code, message }
}
