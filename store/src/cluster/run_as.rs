//! As whom PostgreSQL's programs run: initdb and postgres refuse root, and initdb a user without an entry in passwd.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::process::{getegid, geteuid};
use rustix::thread::{UnshareFlags, unshare_unsafe};

use super::{Binaries, ClusterError, Folder, Reason};

/// The user `nobody` of every Linux system: it has an entry in passwd, which is all that initdb asks for.
pub(super) const NOBODY: u32 = 65534;

/// As whom PostgreSQL's programs run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunAs {
    /// As the user that this process is.
    Myself,
    /// As this user, who is told to be `nobody`: in a user namespace of its own. Files stay ours.
    Namespace,
    /// As `nobody` in truth, who then owns the files: root's way where namespaces are refused.
    Nobody,
}

impl RunAs {
    /// What will work here. `data` decides for root where it exists: whoever owns a cluster must run it.
    pub(crate) fn choose(binaries: &Binaries, data: &Path) -> Self {
        if !geteuid().is_root() {
            return Self::Myself;
        }
        let owned_by_another = fs::metadata(data).is_ok_and(|data| data.uid() != 0);
        if owned_by_another || !Self::Namespace.works(binaries) { Self::Nobody } else { Self::Namespace }
    }

    /// Whether a program starts this way at all.
    pub(super) fn works(self, binaries: &Binaries) -> bool {
        let mut command = binaries.program("postgres");
        self.apply(&mut command).arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Hands the folders over to whoever runs the programs.
    pub(super) fn own(self, folder: &Folder, socket_folder: &Path) -> Result<(), ClusterError> {
        if self != Self::Nobody {
            return Ok(());
        }
        if let Some(closed) = folder.path().ancestors().skip(1).find(|above| !open_to_all(above)) {
            return Err(ClusterError::Folder { path: closed.to_owned(), reason: Reason::Closed });
        }
        for path in [folder.path(), socket_folder] {
            give_to_nobody(path).map_err(|error| refused(path, &error))?;
        }
        Ok(())
    }

    /// Makes `command` run this way.
    pub(super) fn apply(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Myself => command,
            Self::Nobody => command.uid(NOBODY).gid(NOBODY),
            Self::Namespace => in_namespace(command),
        }
    }
}

/// Runs `command` in a user namespace in which this user is `nobody`.
fn in_namespace(command: &mut Command) -> &mut Command {
    let users = format!("{NOBODY} {} 1", geteuid().as_raw()).into_bytes();
    let groups = format!("{NOBODY} {} 1", getegid().as_raw()).into_bytes();
    let enter = move || {
        #[expect(unsafe_code, reason = "unsafe only with UnshareFlags::FILES, which is not given")]
        // SAFETY: a user namespace shares no descriptor table; see `unshare_unsafe`.
        unsafe { unshare_unsafe(UnshareFlags::NEWUSER) }?;
        write_whole(c"/proc/self/setgroups", b"deny")?;
        write_whole(c"/proc/self/uid_map", &users)?;
        write_whole(c"/proc/self/gid_map", &groups)
    };
    #[expect(unsafe_code, reason = "std has no other way to enter a namespace between fork and exec")]
    // SAFETY: between fork and exec `enter` makes system calls only: it allocates nothing, takes no lock, and what it
    // writes was made before the fork.
    unsafe {
        command.pre_exec(enter)
    }
}

/// In one write, as the kernel demands of these files.
fn write_whole(path: &std::ffi::CStr, bytes: &[u8]) -> io::Result<()> {
    let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    let written = rustix::io::write(&file, bytes)?;
    if written == bytes.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// A root of little power, as in some containers: it can neither give files away nor become `nobody`.
fn refused(path: &Path, error: &io::Error) -> ClusterError {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied => {
            ClusterError::Program { program: "initdb", reason: Reason::Root }
        }
        _ => Folder::failure(path, error),
    }
}

/// Whether every user may pass through this folder.
fn open_to_all(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|folder| folder.mode() & 0o001 != 0)
}

fn give_to_nobody(path: &Path) -> io::Result<()> {
    std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY))?;
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in path.read_dir()? {
            give_to_nobody(&entry?.path())?;
        }
    }
    Ok(())
}
