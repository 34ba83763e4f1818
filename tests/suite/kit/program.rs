//! The program itself, as cargo built it beside these tests: started, read line by line, ended.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::gateway::PATIENCE;

/// The folder that cargo builds programs into, two above the one of this test's own.
fn programs() -> PathBuf {
    let test = std::env::current_exe().expect("a test is a file");
    test.ancestors().nth(2).expect("target/debug/deps/integration").to_owned()
}

/// A built program. `cargo test --workspace` builds it first; one that is older than its sources would test the past.
fn built(name: &str) -> PathBuf {
    let program = programs().join(name);
    let help = format!("run `cargo build --workspace --bins` first, as ./test does ({name})");
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    let when = modified(&program).unwrap_or_else(|_| panic!("there is no {}: {help}", program.display()));
    let sources = fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    for source in sources.split_whitespace().skip(1).map(Path::new) {
        let newer = modified(source).is_ok_and(|source| source > when);
        assert!(!newer, "{} is older than {}: {help}", program.display(), source.display());
    }
    program
}

/// `fleetgraph` with arguments, to be run in a folder.
pub(crate) fn fleetgraph<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    command("fleetgraph", folder, arguments)
}

/// A program of ours with arguments, to be run in a folder.
pub(crate) fn command<'a>(
    name: &str,
    folder: &Path,
    arguments: impl IntoIterator<Item = &'a str>,
) -> Command {
    let mut command = Command::new(built(name));
    command.args(arguments).current_dir(folder).env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

/// How a program ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Runs a program to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("it writes UTF-8");
        Self { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Both lines of a failure: what is wrong, and what to do. Whatever else was said is log lines.
    pub(crate) fn failure(&self) -> (&str, &str) {
        let mut lines = self.stderr.lines().skip_while(|line| !line.starts_with("fleetgraph"));
        let wrong = lines.next().unwrap_or_else(|| panic!("no failure in {self:?}"));
        let advice = lines.next().unwrap_or_else(|| panic!("no advice in {self:?}"));
        assert!(advice.starts_with("  ") && advice.trim().len() > 10, "no advice in {self:?}");
        assert_eq!(lines.next(), None, "a failure is two lines: {self:?}");
        (wrong.split_once(": ").map_or(wrong, |(_, wrong)| wrong), advice.trim())
    }
}

/// A program that runs until it is told to stop. However the test ends, nothing of it stays.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    readers: Vec<JoinHandle<()>>,
    data: Option<PathBuf>,
}

impl Running {
    /// Starts it; `data` is where its private database will be, if it has one.
    pub(crate) fn start(command: &mut Command, data: Option<PathBuf>) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let (sender, lines) = channel();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().expect("a pipe")), Box::new(child.stderr.take().expect("a pipe"))];
        let readers = streams.map(|stream| {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    // Whoever no longer listens needs no line.
                    let _ = sender.send(line);
                }
            })
        });
        Self { child, lines, readers: readers.into(), data }
    }

    /// The next line, of either stream, that holds `part`.
    pub(crate) fn line(&self, part: &str) -> String {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(part) => return line,
                Ok(line) => said.push(line),
                Err(error) => panic!("no `{part}` ({error}) in:\n{}", said.join("\n")),
            }
        }
    }

    /// Where a gateway that logs JSON says that it answers.
    pub(crate) fn address(&self) -> SocketAddr {
        let line: Value = serde_json::from_str(&self.line("serving GraphQL")).expect("a line of JSON");
        line["address"].as_str().expect("an address").parse().expect("an address")
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let process = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(process, signal).expect("it runs");
    }

    /// Waits for its end, and returns what else it said.
    pub(crate) fn wait(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.child.wait().expect("it ends");
        for reader in self.readers.drain(..) {
            reader.join().expect("a reader does not panic");
        }
        (status, self.lines.try_iter().collect())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
            if let Some(server) = self.data.as_deref().and_then(postmaster) {
                let _ = kill_process(server, Signal::QUIT);
            }
        }
    }
}

/// The process of the private PostgreSQL server in a `data_dir`, by its own word.
pub(crate) fn postmaster(data: &Path) -> Option<Pid> {
    let file = fs::read_to_string(data.join("postgres/data/postmaster.pid")).ok()?;
    Pid::from_raw(file.lines().next()?.parse().ok()?)
}

/// Whether a process works somewhere: one that has ended and that nobody took note of yet does not.
pub(crate) fn runs(process: Pid) -> bool {
    fs::read_link(format!("/proc/{}/cwd", process.as_raw_nonzero())).is_ok()
}

/// The command lines of all processes that name a folder: what a program that ran there left behind.
pub(crate) fn left_in(folder: &Path) -> Vec<String> {
    let wanted = folder.to_str().expect("a throw-away folder's name is UTF-8");
    let processes = fs::read_dir("/proc").expect("Linux").filter_map(Result::ok);
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(wanted)).collect()
}
