//! What an operating system's error or a PostgreSQL program's last words mean for whoever runs the gateway.

use std::fmt;
use std::io;

/// What is wrong and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No space is left.
    DiskFull,
    /// Somebody else's, or read-only.
    Denied,
    /// The programs refuse to run as the user that this is.
    Root,
    /// The user of this process has no entry in passwd, and a user namespace, which would do, is refused.
    NoUser,
    /// Root's other way, to run it as `nobody`, ends at this folder.
    Closed,
    /// Shared memory or semaphores ran out.
    Memory,
    /// Anything else, in the words of its origin.
    Other(String),
}

impl Reason {
    /// From the operating system's word.
    pub(crate) fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Denied,
            _ => Self::Other(error.to_string()),
        }
    }

    /// From what initdb or postgres wrote to stderr, in the C locale.
    pub(crate) fn of_output(output: &str) -> Self {
        let has = |words: &str| output.contains(words);
        if has("No space left on device") || has("Disk quota exceeded") {
            Self::DiskFull
        } else if has("cannot be run as root") || has("execution of the PostgreSQL server is not permitted") {
            Self::Root
        } else if has("could not look up effective user ID") {
            Self::NoUser
        } else if has("Permission denied") || has("Read-only file system") || has("wrong ownership") {
            Self::Denied
        } else if has("could not create shared memory")
            || has("could not create semaphores")
            || has("Cannot allocate memory")
        {
            Self::Memory
        } else {
            Self::Other(last_words(output))
        }
    }
}

/// The last line that names an error, else the last line; at most 300 characters.
fn last_words(output: &str) -> String {
    let said = |marker: &str| output.lines().rev().find(|line| line.contains(marker));
    let line = said("FATAL")
        .or_else(|| said("PANIC"))
        .or_else(|| said("error"))
        .or_else(|| output.lines().rev().find(|line| !line.trim().is_empty()))
        .unwrap_or("it gave no reason");
    line.trim().chars().filter(|letter| !letter.is_control()).take(300).collect()
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DiskFull => "the disk is full: free some space, or choose another data_dir",
            Self::Denied => {
                "permission denied: give data_dir to the user that runs the gateway, or choose another data_dir"
            }
            Self::Root => {
                "PostgreSQL does not run as root, and this system refuses user namespaces: \
                 run the gateway as another user, or name a server in database.url"
            }
            Self::NoUser => {
                "the user that runs the gateway has no entry in /etc/passwd, and this system refuses user \
                 namespaces: add one, or name a server in database.url"
            }
            Self::Closed => {
                "as root on a system that refuses user namespaces PostgreSQL runs as nobody, who may not enter this \
                 folder: choose a data_dir below /var/lib, run the gateway as another user, or name a server in database.url"
            }
            Self::Memory => "the system gives it no memory: free some, or name a server in database.url",
            Self::Other(words) => words,
        })
    }
}
