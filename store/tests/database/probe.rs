//! A gateway's database in a process of its own, which a test can talk to, kill, or run as another user.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A user that no system knows.
const STRANGER: u32 = 54_321;

/// Whether this machine lets its users enter user namespaces at all; some containers do not.
pub(crate) fn namespaces_are_allowed() -> bool {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "true"]).stderr(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(STRANGER).gid(STRANGER);
    }
    command.status().is_ok_and(|status| status.success())
}

/// A running `store-probe`.
pub(crate) struct Probe {
    process: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Probe {
    /// Starts one on `data_dir` and waits for its first line: `ready`, or why not.
    pub(crate) fn start(data_dir: &Path) -> (Self, String) {
        Self::run(Command::new(env!("CARGO_BIN_EXE_store-probe")).arg(data_dir))
    }

    /// The same with programs of PostgreSQL from this folder alone.
    pub(crate) fn start_with(data_dir: &Path, bin_dir: &Path) -> (Self, String) {
        Self::run(Command::new(env!("CARGO_BIN_EXE_store-probe")).arg(data_dir).arg(bin_dir))
    }

    /// The same as a user that has no entry in passwd, who owns `data_dir`.
    pub(crate) fn start_as_stranger(folder: &Path, data_dir: &Path) -> (Self, String) {
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(data_dir, Some(STRANGER), Some(STRANGER)).expect("root may");
        }
        Self::start_in_closed(folder, data_dir)
    }

    /// The same as that user, where this process is root and so may; else as oneself. `folder`, which must be open to all,
    /// gets a copy of the program that this user can reach.
    pub(crate) fn start_in_closed(folder: &Path, data_dir: &Path) -> (Self, String) {
        let program: PathBuf = folder.join("store-probe");
        std::fs::copy(env!("CARGO_BIN_EXE_store-probe"), &program).expect("the program is copied");
        let mut command = Command::new(&program);
        command.arg(data_dir);
        if rustix::process::geteuid().is_root() {
            command.uid(STRANGER).gid(STRANGER);
        }
        Self::run(&mut command)
    }

    /// The same as a root who may neither enter a user namespace nor become anybody else, as in some containers: the root
    /// of a user namespace that allows no further one.
    pub(crate) fn start_as_weak_root(data_dir: &Path) -> (Self, String) {
        Self::run_as_root_of_namespace(
            "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$0\" \"$1\"",
            data_dir,
        )
    }

    /// The same on a disk of eight megabytes; after the probe's last line come the names of what it left behind.
    pub(crate) fn start_on_small_disk(data_dir: &Path) -> (Self, String) {
        let script = "mount -t tmpfs -o size=8m tmpfs \"$1\" && \"$0\" \"$1\"; ls \"$1/postgres\"";
        Self::run_as_root_of_namespace(script, data_dir)
    }

    fn run_as_root_of_namespace(script: &str, data_dir: &Path) -> (Self, String) {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
        Self::run(command.arg(env!("CARGO_BIN_EXE_store-probe")).arg(data_dir))
    }

    fn run(command: &mut Command) -> (Self, String) {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // A copy of the program is busy for as long as a process that another test is just starting has it open.
        let mut spawned = command.spawn();
        while matches!(&spawned, Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy) {
            std::thread::yield_now();
            spawned = command.spawn();
        }
        let mut process = spawned.expect("the probe starts");
        let stdin = process.stdin.take();
        let stdout = BufReader::new(process.stdout.take().expect("piped"));
        let mut probe = Self { process, stdin, stdout };
        let said = probe.next_line();
        (probe, said)
    }

    /// Runs a line of SQL and waits for the answer.
    pub(crate) fn ask(&mut self, sql: &str) -> String {
        let stdin = self.stdin.as_mut().expect("open until closed");
        // A probe that has ended answers with silence.
        let _ = writeln!(stdin, "{sql}");
        self.next_line()
    }

    pub(crate) fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("UTF-8");
        line.trim_end().to_owned()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it was ours");
    }

    /// Lets it close its database, and returns its last line.
    pub(crate) fn close(mut self) -> String {
        self.stdin.take();
        let said = self.next_line();
        self.process.wait().expect("it was ours");
        said
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        // A test that failed leaves nothing running.
        self.stdin.take();
        let _ = self.process.wait();
    }
}
