//! Files that come and go, and those that cannot be read.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use schema::fact::MainList;
use schema::source::ProblemCode;
use schema::{Snapshot, SourceInfo, Timestamp};
use secrecy::SecretString;

use super::super::KIND;
use super::super::read::of_io;
use crate::connector::SecretAt;
use crate::{Build, BuildError, Connector, Limits, Secrets};

struct NoSecrets;

impl Secrets for NoSecrets {
    fn read(&self, _: &SecretAt) -> Result<SecretString, BuildError> {
        Err(BuildError { key: None, message: "declared files have no secret".into() })
    }
}

fn source(folder: &Path, files: &str) -> Result<Arc<dyn Connector>, BuildError> {
    let info = SourceInfo {
        name: "declared".into(),
        kind: "declared".into(),
        cloud: None,
        environment: None,
        groups: vec![],
        network: "lab".into(),
        interval: KIND.interval,
        addresses: vec![],
    };
    let table = format!("files = {files}").parse().expect("TOML");
    (KIND.build)(Build {
        info: info.into(),
        table,
        limits: Limits::default(),
        secrets: &NoSecrets,
        database: None,
        folder,
    })
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

/// Name, address, when read and whether stale; then the problems.
fn check(snapshot: &Snapshot, expected: &[&str]) {
    assert_eq!(snapshot.failure, None);
    let mut shown: Vec<_> = snapshot
        .facts
        .assignments
        .iter()
        .map(|fact| {
            assert_eq!(&*fact.network, "lab");
            let name = fact.hostname.as_deref().unwrap_or("?");
            let stale = if fact.seen.stale { " stale" } else { "" };
            format!("{name} {} @{}{stale}", fact.address, fact.seen.at.millis() / 1000)
        })
        .collect();
    shown.extend(
        snapshot
            .problems
            .iter()
            .map(|problem| format!("{:?} {}: {}", problem.code, problem.subject, problem.message)),
    );
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn a_file_that_goes_away_keeps_what_it_said() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("config")).expect("a folder");
    fs::write(folder.path().join("config/a.conf"), "A=10.0.0.5\n").expect("written");
    fs::write(folder.path().join("b.md"), "| VMID | IP |\n|--|--|\n| x | 10.0.0.6 |\n").expect("written");
    let source = source(folder.path(), "['config/a.conf', 'b.md']").expect("files");
    let problem = "BadResponse b.md:3: \"x\" is no VMID";
    check(&source.collect(at(10)).await, &["A 10.0.0.5 @10", problem]);

    fs::remove_file(folder.path().join("config/a.conf")).expect("it is there");
    let gone = "NotFound config/a.conf: it is not there";
    check(&source.collect(at(20)).await, &["A 10.0.0.5 @10 stale", gone, problem]);
    check(&source.collect(at(30)).await, &["A 10.0.0.5 @10 stale", gone, problem]);

    // Emptied on purpose is another thing than gone.
    fs::write(folder.path().join("config/a.conf"), "").expect("written");
    check(&source.collect(at(40)).await, &[problem]);
    fs::write(folder.path().join("config/a.conf"), "\u{feff}A=10.0.0.7\n").expect("written");
    check(&source.collect(at(50)).await, &["A 10.0.0.7 @50", problem]);
}

/// One good file and one that cannot be read, made by `make` at the path that it is given.
async fn check_unread(make: impl FnOnce(&Path), expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("good.env"), "A=10.0.0.5\n").expect("written");
    make(&folder.path().join("bad.conf"));
    let both = source(folder.path(), "['bad.conf', 'good.env']").expect("files");
    let snapshot = both.collect(at(10)).await;
    check(&snapshot, &["A 10.0.0.5 @10", expected]);
    let unread = snapshot.unread(MainList::Declarations).expect("a file is unread");
    assert_eq!(format!("{:?} {}", unread.code, unread.message), expected);

    let alone = source(folder.path(), "['bad.conf']").expect("files");
    let failure = alone.collect(at(10)).await;
    assert!(failure.facts.is_empty());
    let failure = failure.failure.expect("no file can be read");
    let (code, message) = expected.split_once(" bad.conf: ").expect("a problem");
    assert_eq!(format!("{:?}", failure.code), code);
    assert_eq!(&*failure.message, format!("no file can be read: bad.conf: {message}"));
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_hides_no_other() {
    check_unread(|_| (), "NotFound bad.conf: it is not there").await;
    check_unread(|path| fs::create_dir(path).expect("a folder"), "BadResponse bad.conf: it is not a file")
        .await;
    check_unread(
        |path| symlink(path, path).expect("a link"),
        "Unreachable bad.conf: Too many levels of symbolic links (os error 40)",
    )
    .await;
    check_unread(
        |path| symlink("/dev/zero", path).expect("a link"),
        "BadResponse bad.conf: it is not a file",
    )
    .await;
    check_unread(
        |path| fs::write(path, vec![b'#'; (4 << 20) + 1]).expect("written"),
        "BadResponse bad.conf: it is larger than 4 MiB: split it",
    )
    .await;
    check_unread(
        |path| fs::write(path, b"A=10.0.0.6\nB=\xff\n").expect("written"),
        "BadResponse bad.conf: line 2 is not UTF-8: save it as UTF-8",
    )
    .await;
}

#[test]
fn each_reason_of_the_system_has_its_code() {
    use std::io::ErrorKind;
    for (kind, code, words) in [
        (ErrorKind::NotFound, ProblemCode::NotFound, "not there"),
        (ErrorKind::PermissionDenied, ProblemCode::Forbidden, "may not read"),
        (ErrorKind::Other, ProblemCode::Unreachable, "broken disk"),
    ] {
        let unread = of_io(&std::io::Error::new(kind, "broken disk"));
        assert_eq!(unread.code, code);
        assert!(unread.message.contains(words), "{}", unread.message);
    }
}

#[tokio::test]
async fn different_reasons_together_are_unreachable() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("a.conf")).expect("a folder");
    let source = source(folder.path(), "['a.conf', 'b.conf']").expect("files");
    let failure = source.collect(at(10)).await.failure.expect("no file can be read");
    assert_eq!(failure.code, ProblemCode::Unreachable);
    assert_eq!(&*failure.message, "no file can be read: a.conf: it is not a file (and 1 more)");
}

#[test]
fn files_that_would_never_be_read_are_refused_at_once() {
    for (files, words) in [
        ("[]", "no file is named"),
        ("['a.txt']", "a.txt is none of"),
        ("['conf']", "conf is none of"),
        ("['a.conf', 'a.conf']", "listed twice"),
        ("'a.conf'", "must be a list"),
        ("['a.conf']\nfile = 1", "did you mean `files`?"),
    ] {
        let refused = source(Path::new("/"), files).err().expect(files);
        assert!(refused.message.contains(words), "{}", refused.message);
    }
    assert!(source(Path::new("/"), "['.env', 'A.CONF', 'x/y.Md']").is_ok());
}
