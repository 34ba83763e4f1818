//! The demo's folder: gone with the demo, and with the next one where a demo was killed.
//!
//! A lock in it says that its demo lives, which the kernel lets go of for whoever is killed. What a killed demo leaves, a
//! database server and a folder, the next one ends and takes away.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

const PREFIX: &str = "fleetgraph-demo-";
const LOCK: &str = "demo.lock";
/// Where the gateway's data are in it.
const DATA: &str = "data";

/// A folder of a demo that lives.
#[derive(Debug)]
pub(super) struct DemoFolder {
    folder: TempDir,
    _lives: File,
}

impl DemoFolder {
    /// Makes one, and takes away those in the same place whose demo lives no more. Blocks for as long as their servers take
    /// to end.
    pub(super) fn make(parent: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        // Locked before it has its name, so that nobody finds it unlocked.
        let unnamed = folder.path().join("demo.lock.new");
        let lives = File::create_new(&unnamed)?;
        lives.lock()?;
        fs::rename(&unnamed, folder.path().join(LOCK))?;
        let user = fs::metadata(folder.path())?.uid();
        for abandoned in others(parent, folder.path(), user)? {
            match take_away(&abandoned) {
                Ok(false) => {}
                Ok(true) => {
                    tracing::info!(folder = %abandoned.display(), "took away what a demo left that was killed");
                }
                Err(error) => {
                    tracing::warn!(error = &*error, folder = %abandoned.display(), "a demo that was killed left this");
                }
            }
        }
        Ok(Self { folder, _lives: lives })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes it away.
    pub(super) fn close(self) -> io::Result<()> {
        self.folder.close()
    }
}

/// Where a gateway that is configured in a folder keeps its data.
pub(super) fn data(folder: &Path) -> PathBuf {
    folder.join(DATA)
}

/// Folders of demos of this user, and no links: others, too, may write where temporary folders are.
fn others(parent: &Path, own: &Path, user: u32) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in parent.read_dir()? {
        let Ok(entry) = entry else { continue };
        let is_a_demos = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        let is_ours = || entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == user);
        if is_a_demos && entry.path() != own && is_ours() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Whether it was abandoned, and then it is gone.
fn take_away(folder: &Path) -> Result<bool, Box<dyn std::error::Error>> {
    let lock = match File::open(folder.join(LOCK)) {
        Ok(lock) => lock,
        // It is being made, or taken away.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    store::end_abandoned(&data(folder))?;
    fs::remove_dir_all(folder)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lives_stays_and_what_is_abandoned_goes() {
        let parent = tempfile::tempdir().expect("a folder");
        let lives = DemoFolder::make(parent.path()).expect("a folder");
        let abandoned = parent.path().join("fleetgraph-demo-abandoned");
        fs::create_dir_all(abandoned.join("data/postgres")).expect("ours");
        fs::write(abandoned.join(LOCK), "").expect("ours");
        // One that is being made, somebody's own, and a link to what is nobody's business.
        let (being_made, own, elsewhere) = (
            parent.path().join("fleetgraph-demo-new"),
            parent.path().join("own"),
            parent.path().join("elsewhere"),
        );
        for folder in [&being_made, &own, &elsewhere] {
            fs::create_dir(folder).expect("ours");
        }
        for folder in [&own, &elsewhere] {
            fs::write(folder.join(LOCK), "").expect("ours");
        }
        std::os::unix::fs::symlink(&elsewhere, parent.path().join("fleetgraph-demo-link")).expect("ours");

        let next = DemoFolder::make(parent.path()).expect("a folder");
        assert!(!abandoned.exists());
        for folder in [lives.path(), &being_made, &own, &elsewhere] {
            assert!(folder.exists(), "{}", folder.display());
        }
        let path = next.path().to_owned();
        next.close().expect("ours");
        assert!(!path.exists());
    }
}
