//! What can be told without a server: what is found where, what PostgreSQL's words mean; and each way to run one.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::process::geteuid;

use super::binaries::{major_of, usual_folders};
use super::pidfile::PidFile;
use super::{Cluster, Reason, RunAs, end_abandoned};

#[test]
fn versions_are_read_from_what_the_program_says() {
    for (says, expected) in [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
        ("postgres (PostgreSQL) 18.0", Some(18)),
        ("postgres (PostgreSQL) 19beta1", Some(19)),
        ("postgres (EnterpriseDB) 15", None),
        ("postgres (PostgreSQL) ", None),
        ("postgres (PostgreSQL) 99999999999", None),
        ("", None),
    ] {
        assert_eq!(major_of(says), expected, "{says:?}");
    }
}

#[test]
fn the_newest_of_debian_comes_first_then_the_rpms_then_path() {
    let root = tempfile::tempdir().expect("a folder");
    let installed = ["usr/lib/postgresql/9/bin", "usr/lib/postgresql/15/bin", "usr/lib/postgresql/17/bin"];
    for folder in installed.iter().chain(&["usr/pgsql-16/bin", "usr/pgsql-18/bin", "opt/bin"]) {
        let folder = root.path().join(folder);
        fs::create_dir_all(&folder).expect("a folder");
        for program in ["initdb", "postgres"] {
            fs::write(folder.join(program), "").expect("written");
        }
    }
    // A client alone, and what is no version at all.
    fs::create_dir_all(root.path().join("usr/lib/postgresql/19/bin")).expect("a folder");
    fs::create_dir_all(root.path().join("usr/lib/postgresql/common/bin")).expect("a folder");
    let path = root.path().join("opt/bin");
    let found: Vec<_> = usual_folders(root.path(), Some(OsStr::new(&path)))
        .iter()
        .map(|folder| folder.strip_prefix(root.path()).expect("below").display().to_string())
        .collect();
    assert_eq!(
        found,
        [
            "usr/lib/postgresql/17/bin",
            "usr/lib/postgresql/15/bin",
            "usr/lib/postgresql/9/bin",
            "usr/pgsql-18/bin",
            "usr/pgsql-16/bin",
            "opt/bin",
        ]
    );
}

#[test]
fn the_pid_file_is_read_at_each_stage() {
    let check = |text: &str, expected: Option<(i32, &str, bool)>| {
        let read = PidFile::parse(text);
        let read = read.as_ref().map(|file| {
            (file.pid.as_raw_nonzero().get(), file.socket_folder.to_str().expect("UTF-8"), file.ready)
        });
        assert_eq!(read, expected, "{text:?}");
    };
    let listening = "71\n/d\n1700000000\n5432\n/d/run\n\n  1234 5\n";
    check("71\n/d\n1700000000\n5432\n", Some((71, "", false)));
    check(&format!("{listening}starting\n"), Some((71, "/d/run", false)));
    check(&format!("{listening}ready   \n"), Some((71, "/d/run", true)));
    check(&format!("{listening}stopping\n"), Some((71, "/d/run", false)));
    check("", None);
    check("0\n", None);
    check("abc\n", None);
}

#[test]
fn what_the_programs_say_becomes_a_reason() {
    for (output, expected) in [
        ("initdb: error: could not write file \"x\": No space left on device\n", Reason::DiskFull),
        ("FATAL:  could not write to file \"pg_wal/xlogtemp.12\": Disk quota exceeded", Reason::DiskFull),
        ("initdb: error: could not create directory \"/x\": Permission denied", Reason::Denied),
        ("initdb: error: could not create directory \"/x\": Read-only file system", Reason::Denied),
        ("FATAL:  data directory \"/x\" has wrong ownership", Reason::Denied),
        ("initdb: error: cannot be run as root\n", Reason::Root),
        ("initdb: error: could not look up effective user ID 54321: user does not exist", Reason::NoUser),
        ("FATAL:  could not create shared memory segment: Cannot allocate memory", Reason::Memory),
        ("LOG: one\nFATAL:  two\u{7}\nHINT: three\n", Reason::Other("FATAL:  two".into())),
        ("nothing of note\n\n", Reason::Other("nothing of note".into())),
        ("", Reason::Other("it gave no reason".into())),
    ] {
        assert_eq!(Reason::of_output(output), expected, "{output:?}");
    }
    let long = "error ".repeat(1000);
    assert!(matches!(Reason::of_output(&long), Reason::Other(words) if words.len() <= 300));
}

/// Runs a cluster so, twice: a folder must be found again as it was left.
fn check_run_as(run_as: RunAs) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("ours");
    for start in ["the first start", "the second"] {
        let cluster = Cluster::start_with(folder.path(), None, Some(run_as), &[])
            .unwrap_or_else(|error| panic!("{start} as {run_as:?}: {error}"));
        assert!(cluster.socket_folder().join(".s.PGSQL.5432").exists());
        cluster.stop();
        assert!(!cluster.socket_folder().join(".s.PGSQL.5432").exists(), "it is gone when stop returns");
    }
    // Chosen freely, it still opens what was made that way.
    let cluster = Cluster::start(folder.path(), None).expect("it starts");
    cluster.stop();
}

#[test]
fn each_way_open_to_this_user_runs_a_cluster() {
    if geteuid().is_root() {
        check_run_as(RunAs::Namespace);
        check_run_as(RunAs::Nobody);
    } else {
        check_run_as(RunAs::Myself);
    }
}

#[test]
fn what_somebody_uses_is_not_abandoned() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("ours");
    end_abandoned(folder.path()).expect("nothing is there");
    let cluster = Cluster::start(folder.path(), None).expect("it starts");
    end_abandoned(folder.path()).expect("it is left alone");
    assert!(cluster.socket_folder().join(".s.PGSQL.5432").exists());
    cluster.stop();
    end_abandoned(folder.path()).expect("none runs");
}

#[test]
fn nobody_must_be_able_to_reach_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("ours");
    let refused = Cluster::start_with(folder.path(), None, Some(RunAs::Nobody), &[]);
    let said = refused.expect_err("the folder is closed to others").to_string();
    let shown = folder.path().canonicalize().expect("it is there");
    assert!(said.starts_with(&format!("cannot use {}: as root", shown.display())), "{said}");
    assert!(!Path::new(folder.path()).join("postgres/data").exists());
}
