//! The server of a private cluster: started or adopted, waited for, stopped.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal};

use super::pidfile::{PidFile, Process, processes_in};
use super::{Binaries, ClusterError, Folder, Reason, RunAs};

/// How often we look whether the server is ready: it tells nobody, it only writes it down.
const TICK: Duration = Duration::from_millis(5);
/// Recovery after a crash of a small database takes tenths of a second; a minute is for the disks that are not well.
const TICKS_UNTIL_READY: u32 = 12_000;
/// A fast shutdown writes a checkpoint.
const SHUTDOWN: Duration = Duration::from_secs(20);
/// What a killed postmaster leaves behind notices within moments.
const ORPHANS: Duration = Duration::from_secs(10);

/// Few connections and small buffers: the fleet's truth is some megabytes. What may be lost is nothing: fsync and
/// `synchronous_commit` stay on.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=40",
    "superuser_reserved_connections=3",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "shared_buffers=16MB",
    "huge_pages=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "min_wal_size=32MB",
    "max_wal_size=128MB",
    "max_worker_processes=2",
    "max_parallel_workers=0",
    "autovacuum_max_workers=1",
    "jit=off",
    "logging_collector=off",
    "log_destination=stderr",
    "log_min_messages=warning",
    // A statement in the log would show its values.
    "log_min_error_statement=panic",
    "timezone=UTC",
    "log_timezone=UTC",
    "cluster_name=fleetgraph",
];

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    process: Process,
    folder: Folder,
    socket_folder: PathBuf,
}

impl Server {
    /// The server that runs already, if one does: of a gateway that was killed, or of another command. Clears away what a
    /// killed server left. The lock for change is held.
    pub(super) fn adopt(folder: &Folder) -> Result<Option<Self>, ClusterError> {
        let data = folder.data();
        for _ in 0..TICKS_UNTIL_READY {
            let Some(file) = PidFile::read(&data) else { return Ok(None) };
            let Some(process) = Process::of_cluster(file.pid, &data) else {
                clear(&file, folder);
                return Ok(None);
            };
            if file.ready {
                tracing::info!(
                    pid = file.pid.as_raw_nonzero(),
                    "using the PostgreSQL server that already runs"
                );
                return Ok(Some(Self { process, folder: folder.clone(), socket_folder: file.socket_folder }));
            }
            process.ended(TICK);
        }
        Err(ClusterError::Slow { log: folder.log() })
    }

    /// Starts the server and waits until it is ready. The lock for change is held, and none runs. `extra` are settings
    /// besides ours, and win.
    pub(super) fn start(
        binaries: &Binaries,
        folder: &Folder,
        run_as: RunAs,
        extra: &[String],
    ) -> Result<Self, ClusterError> {
        let failed = |reason| ClusterError::Program { program: "postgres", reason };
        let socket_folder = folder.socket_folder()?;
        run_as.own(folder, &socket_folder)?;
        let log = open_log(&folder.log())?;
        let mut command = binaries.program("postgres");
        run_as.apply(&mut command).arg("-D").arg(folder.data());
        for setting in SETTINGS.iter().copied().chain(extra.iter().map(String::as_str)) {
            command.arg("-c").arg(setting);
        }
        let mut sockets = std::ffi::OsString::from("unix_socket_directories=");
        sockets.push(&socket_folder);
        command.arg("-c").arg(sockets);
        // Of its own group: Ctrl-C is the gateway's to answer, which stops the server last.
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut child = command.spawn().map_err(|error| failed(Reason::of_io(&error)))?;
        let pid = Pid::from_child(&child);
        let process = match Process::open(pid) {
            Ok(process) => process,
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed(Reason::of_io(&error.into())));
            }
        };
        // Somebody must wait for it, whatever becomes of us: a zombie would keep its number, and with it the lock.
        std::thread::spawn(move || child.wait());

        let server = Self { process, folder: folder.clone(), socket_folder };
        for _ in 0..TICKS_UNTIL_READY {
            if server.process.ended(TICK) {
                folder.remove_socket_folder(&server.socket_folder);
                let said = fs::read_to_string(folder.log()).unwrap_or_default();
                return Err(failed(Reason::of_output(&said)));
            }
            if PidFile::read(&folder.data()).is_some_and(|file| file.pid == pid && file.ready) {
                return Ok(server);
            }
        }
        server.stop();
        Err(ClusterError::Slow { log: folder.log() })
    }

    /// Its process.
    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    pub(super) fn socket_folder(&self) -> &Path {
        &self.socket_folder
    }

    /// Ends every session, writes everything down, and waits for the end.
    pub(super) fn stop(self) {
        self.process.signal(Signal::INT);
        if !self.process.ended(SHUTDOWN) {
            tracing::warn!("PostgreSQL takes too long to stop: it will recover at its next start");
            self.process.signal(Signal::QUIT);
            self.process.ended(SHUTDOWN);
        }
        self.folder.remove_socket_folder(&self.socket_folder);
    }
}

/// Takes away the lock files of a server that is gone. PostgreSQL does so itself, unless another process has its number
/// now; what it also looks for, processes of that server which still write, we wait for first.
fn clear(file: &PidFile, folder: &Folder) {
    let data = folder.data();
    for process in processes_in(&data) {
        process.ended(ORPHANS);
    }
    if processes_in(&data).is_empty() {
        // What cannot be removed PostgreSQL complains about, in better words than ours.
        let _ = fs::remove_file(PidFile::path(&data));
        if !file.socket_folder.as_os_str().is_empty() {
            for name in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"] {
                let _ = fs::remove_file(file.socket_folder.join(name));
            }
        }
    }
}

/// Begun anew at each start, so that what it holds is of this start; the one before stays beside it.
fn open_log(path: &Path) -> Result<fs::File, ClusterError> {
    if fs::metadata(path).is_ok_and(|log| log.len() > 0) {
        let _ = fs::rename(path, path.with_extension("log.1"));
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| Folder::failure(path, &error))
}
