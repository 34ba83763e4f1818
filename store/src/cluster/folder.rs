//! The private cluster's folder below `data_dir`: its layout, who uses it, and where its socket fits.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::process::geteuid;

use super::run_as::NOBODY;
use super::{ClusterError, Reason};

/// How long another process may take to start or stop the server before we give up on it.
const PATIENCE: Duration = Duration::from_mins(1);

/// `sun_path` holds 108 bytes, the last of them zero.
const LONGEST_SOCKET_PATH: usize = 107;
const SOCKET_NAME: &str = "/.s.PGSQL.5432";
/// Where a socket goes that does not fit.
const SHORT_PARENT: &str = "/tmp";
const SHORT_PREFIX: &str = "fleetgraph-";

/// `data_dir/postgres`: `data/` the cluster, `run/` its socket, `server.log` its words, and two lock files.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// Held while the server is started or stopped: by one process at a time.
#[derive(Debug)]
pub(crate) struct Change {
    _file: File,
}

/// Held while the server is used: shared by all who use it. The kernel lets go of it for who is killed.
#[derive(Debug)]
pub(crate) struct Use {
    file: File,
}

impl Use {
    /// Whether nobody else uses the server. To be asked with the lock for change held.
    pub(super) fn was_the_last(self) -> bool {
        flock(&self.file, FlockOperation::NonBlockingLockExclusive).is_ok()
    }
}

impl Folder {
    /// Makes the folder (mode 0700) where it is missing.
    pub(super) fn create(data_dir: &Path) -> Result<Self, ClusterError> {
        let path = data_dir.join("postgres");
        let failed = |error: io::Error| Self::failure(&path, &error);
        DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(failed)?;
        // PostgreSQL compares its folder's name with what was written at its start: one name, whatever the working folder.
        let path = path.canonicalize().map_err(failed)?;
        fs::set_permissions(&path, Permissions::from_mode(0o700)).map_err(failed)?;
        Ok(Self { path })
    }

    /// The whole of it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// PostgreSQL's data directory.
    pub(super) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// What the server wrote to stderr.
    pub(super) fn log(&self) -> PathBuf {
        self.path.join("server.log")
    }

    /// The major version of the cluster in it; `None` where there is no cluster yet.
    pub(super) fn version(&self) -> Result<Option<String>, ClusterError> {
        let file = self.data().join("PG_VERSION");
        match fs::read_to_string(&file) {
            Ok(version) => Ok(Some(version.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.data().exists() => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ClusterError::NotACluster { folder: self.data() })
            }
            Err(error) => Err(Self::failure(&file, &error)),
        }
    }

    /// A folder for the socket: beside the data, or where that path is too long for a socket a short one of its own. The
    /// short one is written down: a server that is started anew must be found where the earlier one was.
    pub(super) fn socket_folder(&self) -> Result<PathBuf, ClusterError> {
        let beside = self.path.join("run");
        let bytes = beside.as_os_str().as_bytes();
        // PostgreSQL reads the setting as a list, separated by commas.
        if bytes.len() + SOCKET_NAME.len() <= LONGEST_SOCKET_PATH && !bytes.contains(&b',') {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&beside)
                .map_err(|error| Self::failure(&beside, &error))?;
            return Ok(beside);
        }
        let written_down = self.path.join("socket-folder");
        if let Some(earlier) = fs::read_to_string(&written_down).ok().map(PathBuf::from)
            && is_ours_alone(&earlier)
        {
            return Ok(earlier);
        }
        let made = tempfile::Builder::new()
            .prefix(SHORT_PREFIX)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(SHORT_PARENT)
            .map(tempfile::TempDir::keep)
            .map_err(|error| Self::failure(Path::new(SHORT_PARENT), &error))?;
        fs::write(&written_down, made.as_os_str().as_bytes())
            .map_err(|error| Self::failure(&written_down, &error))?;
        Ok(made)
    }

    /// Removes the socket's folder where it is not part of this one.
    pub(super) fn remove_socket_folder(&self, socket_folder: &Path) {
        if !socket_folder.starts_with(&self.path) {
            // Not empty, or gone already: nobody's harm.
            let _ = fs::remove_dir(socket_folder);
        }
    }

    /// Waits until no other process starts or stops the server, then keeps them from it.
    pub(super) fn lock_for_change(&self) -> Result<Change, ClusterError> {
        let file = self.lock_file("change.lock")?;
        let (done, waiting) = mpsc::channel();
        let path = self.path.clone();
        // flock has no time limit; a thread that waits in vain ends with the process.
        std::thread::spawn(move || {
            let locked = flock(&file, FlockOperation::LockExclusive).map(|()| file);
            let _ = done.send(locked);
        });
        match waiting.recv_timeout(PATIENCE) {
            Ok(Ok(file)) => Ok(Change { _file: file }),
            Ok(Err(error)) => Err(Self::failure(&path, &error.into())),
            Err(_) => Err(ClusterError::Locked { folder: path }),
        }
    }

    /// Says that this process uses the server.
    pub(super) fn lock_for_use(&self) -> Result<Use, ClusterError> {
        let file = self.lock_file("use.lock")?;
        // Only whoever holds the lock for change, which we do, ever asks for it exclusively: this cannot wait.
        flock(&file, FlockOperation::LockShared).map_err(|error| Self::failure(&self.path, &error.into()))?;
        Ok(Use { file })
    }

    fn lock_file(&self, name: &str) -> Result<File, ClusterError> {
        let path = self.path.join(name);
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| Self::failure(&path, &error))
    }

    pub(super) fn failure(path: &Path, error: &io::Error) -> ClusterError {
        ClusterError::Folder { path: path.to_owned(), reason: Reason::of_io(error) }
    }
}

/// Whether the folder is one that we made and nobody else may enter: others, too, may write into its parent.
fn is_ours_alone(folder: &Path) -> bool {
    let named_so = folder.parent() == Some(Path::new(SHORT_PARENT))
        && folder.file_name().is_some_and(|name| name.as_bytes().starts_with(SHORT_PREFIX.as_bytes()));
    // Of the link itself: somebody else's link leads where they like.
    let Ok(found) = fs::symlink_metadata(folder) else { return false };
    let user = geteuid();
    let ours = found.uid() == user.as_raw() || (user.is_root() && found.uid() == NOBODY);
    named_so && found.is_dir() && ours && found.mode() & 0o777 == 0o700
}
