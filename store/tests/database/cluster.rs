//! The private cluster's life: created, used by several, orphaned, killed, refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::probe::{Probe, namespaces_are_allowed};

/// A folder that every user may enter, as /var/lib is.
fn folder() -> TempDir {
    let permissions = fs::Permissions::from_mode(0o755);
    tempfile::Builder::new().permissions(permissions).tempdir().expect("a folder")
}

fn data_dir(folder: &TempDir, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::create_dir_all(&path).expect("a folder");
    path
}

fn started(data_dir: &Path) -> Probe {
    let (probe, said) = Probe::start(data_dir);
    assert_eq!(said, "ready");
    probe
}

/// The server's process, by its own word.
fn postmaster(data_dir: &Path) -> Pid {
    postmaster_now(data_dir).expect("it runs")
}

/// The same, where there is one: while it is started anew there may be none.
fn postmaster_now(data_dir: &Path) -> Option<Pid> {
    let file = fs::read_to_string(data_dir.join("postgres/data/postmaster.pid")).ok()?;
    Pid::from_raw(file.lines().next()?.parse().ok()?)
}

/// Whether it works somewhere: a process that has ended and that its parent has yet to take note of does not.
fn runs(process: Pid) -> bool {
    fs::read_link(format!("/proc/{}/cwd", process.as_raw_nonzero())).is_ok()
}

#[test]
fn what_was_written_is_there_at_the_next_start_and_nothing_is_left_running() {
    let folder = folder();
    let mut probe = started(folder.path());
    assert_eq!(probe.ask("create table kept (n int)"), "ok 0");
    assert_eq!(probe.ask("insert into kept values (1)"), "ok 1");
    let server = postmaster(folder.path());
    assert!(runs(server));
    assert_eq!(probe.close(), "closed");
    assert!(!runs(server), "stopped, and waited for");

    let mut probe = started(folder.path());
    assert_eq!(probe.ask("insert into kept select n + 1 from kept"), "ok 1");
    assert_eq!(probe.close(), "closed");
}

#[test]
fn its_folder_and_socket_are_for_its_user_alone_and_it_listens_on_no_port() {
    let folder = folder();
    let mut probe = started(folder.path());
    for path in ["postgres", "postgres/data", "postgres/run"] {
        let mode = fs::metadata(folder.path().join(path)).expect(path).permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{path}");
    }
    let check = "do $$ begin
        assert current_setting('listen_addresses') = '';
        assert current_setting('fsync') = 'on';
        assert current_setting('synchronous_commit') = 'on';
        assert current_setting('data_checksums') = 'on';
        end $$"
        .replace('\n', " ");
    assert_eq!(probe.ask(&check), "ok 0");
}

#[test]
fn an_orphan_of_a_killed_gateway_is_adopted_and_stopped_at_the_end() {
    let folder = folder();
    let mut probe = started(folder.path());
    assert_eq!(probe.ask("create table kept (n int)"), "ok 0");
    let server = postmaster(folder.path());
    probe.kill();
    assert!(runs(server), "the server outlives the gateway");

    let mut probe = started(folder.path());
    assert_eq!(postmaster(folder.path()), server, "the same server");
    assert_eq!(probe.ask("insert into kept values (1)"), "ok 1");
    assert_eq!(probe.close(), "closed");
    assert!(!runs(server));
}

#[test]
fn two_use_one_server_and_the_last_to_leave_stops_it() {
    let folder = folder();
    let mut first = started(folder.path());
    let server = postmaster(folder.path());
    let mut second = started(folder.path());
    assert_eq!(first.ask("create table shared (n int)"), "ok 0");
    assert_eq!(second.ask("insert into shared values (1)"), "ok 1");
    assert_eq!(first.close(), "closed");
    assert!(runs(server), "the second still uses it");
    assert_eq!(second.ask("insert into shared values (2)"), "ok 1");
    assert_eq!(second.close(), "closed");
    assert!(!runs(server));
}

#[test]
fn a_killed_server_loses_no_acknowledged_row() {
    let folder = folder();
    let mut probe = started(folder.path());
    assert_eq!(probe.ask("create table kept (n int)"), "ok 0");
    for row in 0..50 {
        assert_eq!(probe.ask(&format!("insert into kept values ({row})")), "ok 1");
    }
    kill_process(postmaster(folder.path()), Signal::KILL).expect("it runs");
    probe.kill();

    let mut probe = started(folder.path());
    assert_eq!(probe.ask("insert into kept select 100 + n from kept"), "ok 50");
}

#[test]
fn a_killed_server_is_started_again_while_the_gateway_lives() {
    let folder = folder();
    // Where the socket is beside the data, and where it is not.
    for name in ["short", &"long/".repeat(30)] {
        let data_dir = data_dir(&folder, name);
        let mut probe = started(&data_dir);
        assert_eq!(probe.ask("create table kept (n int)"), "ok 0");
        let killed = postmaster(&data_dir);
        kill_process(killed, Signal::KILL).expect("it runs");
        // A query in between fails; nothing tells from outside that the server is back but one that does not. What a killed
        // server has forked answers for a moment longer.
        let insert = "insert into kept values (1)";
        let is_another = || postmaster_now(&data_dir).is_some_and(|now| now != killed);
        let answered = (0..50_000).map(|_| probe.ask(insert)).any(|answer| answer == "ok 1" && is_another());
        assert!(answered, "the server did not come back: {}", probe.ask(insert));
        assert_eq!(probe.close(), "closed");
        assert!(!data_dir.join("postgres/data/postmaster.pid").exists());
    }
}

#[test]
fn a_lock_file_whose_number_another_process_bears_now_is_no_obstacle() {
    let folder = folder();
    assert_eq!(started(folder.path()).close(), "closed");
    let data = folder.path().join("postgres/data");
    // As after a power cut and a boot: our own process has the number now.
    let stale = format!("{}\n{}\n0\n5432\n\n\n\nready   \n", std::process::id(), data.display());
    fs::write(data.join("postmaster.pid"), stale).expect("written");
    let (_probe, said) = Probe::start(folder.path());
    assert_eq!(said, "ready");
}

#[test]
fn an_interrupted_initdb_leaves_nothing_that_is_taken_for_a_cluster() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("postgres/data.new/base")).expect("a folder");
    fs::write(folder.path().join("postgres/data.new/PG_VERSION"), "15\n").expect("written");
    let (_probe, said) = Probe::start(folder.path());
    assert_eq!(said, "ready");
    assert!(!folder.path().join("postgres/data.new").exists());
}

#[test]
fn a_long_data_dir_gets_a_short_socket() {
    let folder = folder();
    let data_dir = data_dir(&folder, &"long/".repeat(30));
    let mut probe = started(&data_dir);
    assert_eq!(probe.ask("create table kept (n int)"), "ok 0");
    let file = fs::read_to_string(data_dir.join("postgres/data/postmaster.pid")).expect("it runs");
    let socket_folder = PathBuf::from(file.lines().nth(4).expect("five lines"));
    assert!(socket_folder.join(".s.PGSQL.5432").as_os_str().len() <= 107);
    assert_eq!(fs::metadata(&socket_folder).expect("it is there").permissions().mode() & 0o777, 0o700);
    // An adopter finds it too.
    probe.kill();
    assert_eq!(started(&data_dir).close(), "closed");
    assert!(!socket_folder.exists(), "and takes it away");
}

#[test]
fn a_user_without_an_entry_in_passwd_is_served() {
    let folder = folder();
    let data_dir = data_dir(&folder, "data");
    let (mut probe, said) = Probe::start_as_stranger(folder.path(), &data_dir);
    if !namespaces_are_allowed() && rustix::process::geteuid().is_root() {
        assert!(
            said.contains("has no entry in /etc/passwd, and this system refuses user namespaces"),
            "{said}"
        );
        return;
    }
    assert_eq!(said, "ready");
    assert_eq!(probe.ask("create table kept (n int)"), "ok 0");
    assert_eq!(probe.close(), "closed");
    let (_probe, said) = Probe::start_as_stranger(folder.path(), &data_dir);
    assert_eq!(said, "ready", "the second start needs no initdb");
}

/// The first line of a probe that cannot start; `%` stands for its folder.
fn check_refused(prepare: impl FnOnce(&Path) -> (Probe, String), expected: &str) {
    let folder = folder();
    let (_probe, said) = prepare(folder.path());
    let shown = folder.path().canonicalize().expect("it is there").display().to_string();
    assert_eq!(said.replace(&shown, "%").replace(&folder.path().display().to_string(), "%"), expected);
}

#[test]
fn another_major_version_is_refused() {
    let prepare = |folder: &Path| {
        assert_eq!(started(folder).close(), "closed");
        fs::write(folder.join("postgres/data/PG_VERSION"), "9999\n").expect("written");
        let (probe, said) = Probe::start(folder);
        // Which version this machine has is not the test's business.
        let (before, after) = said.split_once("only PostgreSQL ").expect("it says what was found");
        let after = after.trim_start_matches(|letter: char| letter.is_ascii_digit() || ", ".contains(letter));
        (probe, format!("{before}only PostgreSQL N {after}"))
    };
    let expected = "error: %/postgres/data holds a cluster of PostgreSQL 9999, and only PostgreSQL N was found: install \
        PostgreSQL 9999 (Debian: apt install postgresql-9999) or move the data over with pg_upgrade";
    check_refused(prepare, expected);
}

#[test]
fn no_programs_are_a_clear_error() {
    check_refused(
        |folder| Probe::start_with(folder, &folder.join("nothing-here")),
        "error: no PostgreSQL 15 or newer found in database.bin_dir %/nothing-here: install it (Debian: apt install \
         postgresql), name its folder in database.bin_dir, or a server in database.url",
    );
}

#[test]
fn a_folder_that_is_no_cluster_is_left_alone() {
    let prepare = |folder: &Path| {
        fs::create_dir_all(folder.join("postgres/data")).expect("a folder");
        fs::write(folder.join("postgres/data/letter.txt"), "Dear all,").expect("written");
        let started = Probe::start(folder);
        assert!(folder.join("postgres/data/letter.txt").exists());
        started
    };
    check_refused(
        prepare,
        "error: %/postgres/data is no PostgreSQL cluster: move it away, or choose another data_dir",
    );
}

#[test]
fn a_data_dir_that_cannot_be_written_is_a_clear_error() {
    let prepare = |folder: &Path| {
        let closed = folder.join("closed");
        fs::create_dir(&closed).expect("a folder");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).expect("ours");
        let program = folder.join("copies");
        fs::create_dir(&program).expect("a folder");
        // Root may write everywhere, so it asks as somebody who may not.
        Probe::start_in_closed(&program, &closed)
    };
    check_refused(
        prepare,
        "error: cannot use %/closed/postgres: permission denied: give data_dir to the user that runs the gateway, or \
         choose another data_dir",
    );
}

#[test]
fn a_root_without_power_is_told_so() {
    if !namespaces_are_allowed() {
        // Then this very process is such a root, or an ordinary user, and every other test here says whether it is served.
        assert_eq!(started(folder().path()).close(), "closed");
        return;
    }
    check_refused(
        Probe::start_as_weak_root,
        "error: initdb failed: PostgreSQL does not run as root, and this system refuses user namespaces: run the gateway \
         as another user, or name a server in database.url",
    );
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing_half_written() {
    let folder = folder();
    if !namespaces_are_allowed() {
        // Nowhere to make a small disk: what PostgreSQL says of a full one is told apart in the unit tests.
        assert_eq!(started(folder.path()).close(), "closed");
        return;
    }
    let (mut probe, said) = Probe::start_on_small_disk(folder.path());
    let expected = "error: initdb failed: the disk is full: free some space, or choose another data_dir";
    assert_eq!(said, expected);
    assert_eq!([probe.next_line(), probe.next_line()], ["change.lock", ""], "and no cluster, whole or half");
}

#[test]
fn a_file_where_the_folder_should_be_is_a_clear_error() {
    let prepare = |folder: &Path| {
        fs::write(folder.join("file"), "").expect("written");
        Probe::start(&folder.join("file"))
    };
    check_refused(prepare, "error: cannot use %/file/postgres: Not a directory (os error 20)");
}
