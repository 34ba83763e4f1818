//! A PostgreSQL cluster of the gateway's own, run from the machine's binaries in `data_dir`, reached by unix socket only.
//!
//! Every process that uses it holds a shared lock; whoever leaves last stops the server, whether it was the one that
//! started it or found it running (an orphan of a gateway that was killed, or another command's).

mod binaries;
mod explain;
mod folder;
mod initialize;
mod pidfile;
mod run_as;
mod server;
mod watch;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use binaries::Binaries;
pub use explain::Reason;
pub(crate) use folder::Folder;
use folder::Use;
pub(crate) use initialize::OWNER;
pub(crate) use run_as::RunAs;
use server::Server;

/// Why the private cluster could not be had: what is wrong and what to do about it, in one line.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum ClusterError {
    /// There is nothing to run.
    #[error(
        "no PostgreSQL 15 or newer found in {searched}: install it (Debian: apt install postgresql), \
         name its folder in database.bin_dir, or a server in database.url"
    )]
    NoBinaries { searched: String },
    /// The folder holds a cluster that the binaries found cannot open.
    #[error(
        "{folder} holds a cluster of PostgreSQL {holds}, and only PostgreSQL {found} was found: \
         install PostgreSQL {holds} (Debian: apt install postgresql-{holds}) or move the data over with pg_upgrade",
        folder = folder.display()
    )]
    OtherMajor { folder: PathBuf, holds: String, found: String },
    /// The folder holds something else.
    #[error(
        "{folder} is no PostgreSQL cluster: move it away, or choose another data_dir",
        folder = folder.display()
    )]
    NotACluster { folder: PathBuf },
    /// Another process has been starting or stopping it for too long.
    #[error(
        "{folder} is locked by another process: wait for it to end, or choose another data_dir",
        folder = folder.display()
    )]
    Locked { folder: PathBuf },
    /// A folder or file could not be made, read or written.
    #[error("cannot use {path}: {reason}", path = path.display())]
    Folder { path: PathBuf, reason: Reason },
    /// A program of PostgreSQL's ended with an error.
    #[error("{program} failed: {reason}")]
    Program { program: &'static str, reason: Reason },
    /// The server neither answered nor ended.
    #[error("the private PostgreSQL server was not ready in time: see {log}", log = log.display())]
    Slow { log: PathBuf },
}

/// The private cluster, running. Dropping it stops the server, unless another process uses it, and waits for its end.
#[derive(Debug)]
pub(crate) struct Cluster {
    shared: Arc<Shared>,
    socket_folder: PathBuf,
}

/// What the cluster shares with the thread that watches it.
#[derive(Debug)]
struct Shared {
    folder: Folder,
    bin_dir: Option<PathBuf>,
    run_as: Option<RunAs>,
    extra: Vec<String>,
    /// `None` once it was stopped.
    running: Mutex<Option<(Server, Use)>>,
}

impl Cluster {
    /// Starts or adopts the cluster in `data_dir`, creating it where there is none. Blocks for up to a second, and the
    /// first time for as long as initdb takes.
    pub(crate) fn start(data_dir: &Path, bin_dir: Option<&Path>) -> Result<Self, ClusterError> {
        Self::start_with(data_dir, bin_dir, None, &[])
    }

    /// The same, run so instead of as will work here, with these settings besides (`name=value`).
    pub(crate) fn start_with(
        data_dir: &Path,
        bin_dir: Option<&Path>,
        run_as: Option<RunAs>,
        extra: &[&str],
    ) -> Result<Self, ClusterError> {
        let shared = Shared {
            folder: Folder::create(data_dir)?,
            bin_dir: bin_dir.map(Path::to_owned),
            run_as,
            extra: extra.iter().map(|setting| (*setting).to_owned()).collect(),
            running: Mutex::new(None),
        };
        let starting = shared.folder.lock_for_change()?;
        let server = shared.find_or_start()?;
        let in_use = shared.folder.lock_for_use()?;
        drop(starting);
        let socket_folder = server.socket_folder().to_owned();
        let shared = Arc::new(shared);
        *shared.running() = Some((server, in_use));
        let watched = Arc::downgrade(&shared);
        std::thread::spawn(move || watch::watch(&watched));
        Ok(Self { shared, socket_folder })
    }

    /// Where its socket is.
    pub(crate) fn socket_folder(&self) -> &Path {
        &self.socket_folder
    }

    /// Stops the server where nobody else uses it, and waits for its end. The second call does nothing.
    pub(crate) fn stop(&self) {
        let Some((server, in_use)) = self.shared.running().take() else { return };
        // Without the lock somebody may be about to use it: left running, it will be adopted.
        let Ok(_stopping) = self.shared.folder.lock_for_change() else { return };
        if in_use.was_the_last() {
            server.stop();
        }
    }
}

/// Ends the server of a `data_dir` whose owner was killed. Nothing is done where none runs, or where somebody uses it.
/// Blocks for as long as that takes.
pub fn end_abandoned(data_dir: &Path) -> Result<(), ClusterError> {
    if !data_dir.join("postgres").is_dir() {
        return Ok(());
    }
    let folder = Folder::create(data_dir)?;
    let _stopping = folder.lock_for_change()?;
    let Some(server) = Server::adopt(&folder)? else { return Ok(()) };
    if folder.lock_for_use()?.was_the_last() {
        server.stop();
    }
    Ok(())
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, Option<(Server, Use)>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server that runs, or else a new one. The lock for change is held.
    fn find_or_start(&self) -> Result<Server, ClusterError> {
        if let Some(server) = Server::adopt(&self.folder)? {
            return Ok(server);
        }
        let data = self.folder.data();
        let binaries = Binaries::find(self.bin_dir.as_deref(), self.folder.version()?.as_deref(), &data)?;
        let run_as = self.run_as.unwrap_or_else(|| RunAs::choose(&binaries, &data));
        if !data.exists() {
            initialize::initialize(&binaries, &self.folder, run_as)?;
        }
        Server::start(&binaries, &self.folder, run_as, &self.extra)
    }
}
