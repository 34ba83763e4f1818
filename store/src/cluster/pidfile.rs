//! `postmaster.pid`: who runs the cluster, where its socket is, and whether it is ready.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// What the file says. Its lines: PID, data directory, start time, port, socket folder, address, shared memory, status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PidFile {
    pub(super) pid: Pid,
    /// Empty until the server listens.
    pub(super) socket_folder: PathBuf,
    pub(super) ready: bool,
}

impl PidFile {
    pub(super) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(Self::path(data)).ok()?)
    }

    pub(super) fn path(data: &Path) -> PathBuf {
        data.join("postmaster.pid")
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok().and_then(Pid::from_raw)?;
        let socket_folder = lines.nth(3).unwrap_or_default().into();
        let ready = lines.nth(2).is_some_and(|status| status.trim() == "ready");
        Some(Self { pid, socket_folder, ready })
    }
}

/// A process held by descriptor, so that its number, given to another, means nothing to us.
#[derive(Debug)]
pub(super) struct Process {
    descriptor: OwnedFd,
}

impl Process {
    /// The process of that number, if it is one that works in `data`: every process of a cluster does.
    pub(super) fn of_cluster(pid: Pid, data: &Path) -> Option<Self> {
        let process = Self::open(pid).ok()?;
        let works_there =
            fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).is_ok_and(|folder| folder == data);
        (works_there && !process.ended(Duration::ZERO)).then_some(process)
    }

    pub(super) fn open(pid: Pid) -> rustix::io::Result<Self> {
        Ok(Self { descriptor: pidfd_open(pid, PidfdFlags::empty())? })
    }

    pub(super) fn signal(&self, signal: Signal) {
        // It may have ended already, which is what every signal of ours is meant to lead to.
        let _ = pidfd_send_signal(&self.descriptor, signal);
    }

    /// Another handle on it.
    pub(super) fn try_clone(&self) -> std::io::Result<Self> {
        Ok(Self { descriptor: self.descriptor.try_clone()? })
    }

    /// Waits for its end.
    pub(super) fn wait(&self) {
        let mut descriptors = [PollFd::from_borrowed_fd(self.descriptor.as_fd(), PollFlags::IN)];
        // A signal may wake us early.
        while poll(&mut descriptors, None).is_err_and(|error| error == rustix::io::Errno::INTR) {}
    }

    /// Waits for its end, at most so long.
    pub(super) fn ended(&self, within: Duration) -> bool {
        let timeout = Timespec::try_from(within).ok();
        let mut descriptors = [PollFd::from_borrowed_fd(self.descriptor.as_fd(), PollFlags::IN)];
        poll(&mut descriptors, timeout.as_ref()).is_ok_and(|ready| ready > 0)
    }
}

/// All processes that work in `data`: what a killed postmaster left behind.
pub(super) fn processes_in(data: &Path) -> Vec<Process> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw))
        .filter_map(|pid| Process::of_cluster(pid, data))
        .collect()
}
