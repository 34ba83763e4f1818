//! Finds PostgreSQL's programs on this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;

/// The oldest major version that the migrations are tried with.
pub(crate) const OLDEST: u32 = 15;

/// A folder with `initdb` and `postgres` of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binaries {
    /// The folder.
    pub(super) folder: PathBuf,
    /// 15, 16, ...
    pub(super) major: u32,
}

impl Binaries {
    /// The programs that can open a cluster of version `holds`, or the newest where there is none yet. `bin_dir` alone is
    /// asked where it is given.
    pub(super) fn find(
        bin_dir: Option<&Path>,
        holds: Option<&str>,
        data: &Path,
    ) -> Result<Self, ClusterError> {
        let folders = match bin_dir {
            Some(folder) => vec![folder.to_owned()],
            None => usual_folders(Path::new("/"), std::env::var_os("PATH").as_deref()),
        };
        let mut found = Vec::new();
        for folder in &folders {
            let Some(major) = version(folder).filter(|major| *major >= OLDEST) else { continue };
            if holds.is_none_or(|holds| holds == major.to_string()) {
                return Ok(Self { folder: folder.clone(), major });
            }
            found.push(major.to_string());
        }
        match holds {
            Some(holds) if !found.is_empty() => {
                found.dedup();
                Err(ClusterError::OtherMajor {
                    folder: data.to_owned(),
                    holds: holds.to_owned(),
                    found: found.join(", "),
                })
            }
            _ => Err(ClusterError::NoBinaries { searched: searched(&folders, bin_dir.is_some()) }),
        }
    }

    /// One of the programs.
    pub(super) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join(name));
        // Nothing ambient: PGDATA, PGOPTIONS, LC_MESSAGES and their like would change what runs or what it says.
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
        command
    }
}

/// Debian's folders newest first, then those of the PostgreSQL project's RPMs, then PATH.
pub(super) fn usual_folders(root: &Path, path: Option<&std::ffi::OsStr>) -> Vec<PathBuf> {
    let mut folders = versioned(&root.join("usr/lib/postgresql"), "");
    folders.extend(versioned(&root.join("usr"), "pgsql-"));
    folders.extend(path.map(|path| std::env::split_paths(path).collect::<Vec<_>>()).unwrap_or_default());
    folders.retain(|folder| folder.join("initdb").exists() && folder.join("postgres").exists());
    folders
}

/// `parent/<prefix><major>/bin`, newest first.
fn versioned(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut by_major: BTreeMap<u32, PathBuf> = BTreeMap::new();
    for entry in parent.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let major = name
            .to_str()
            .and_then(|name| name.strip_prefix(prefix))
            .and_then(|major| major.parse::<u32>().ok());
        if let Some(major) = major {
            by_major.insert(u32::MAX - major, entry.path().join("bin"));
        }
    }
    by_major.into_values().collect()
}

fn version(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres")).arg("--version").env_clear().output().ok()?;
    major_of(&String::from_utf8_lossy(&output.stdout))
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, and betas such as `18beta1`.
pub(super) fn major_of(version: &str) -> Option<u32> {
    let number = version.strip_prefix("postgres (PostgreSQL) ")?;
    let digits = number.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

/// Where we looked, for whoever wonders why nothing was found there.
fn searched(folders: &[PathBuf], only_bin_dir: bool) -> String {
    let list = folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ");
    if only_bin_dir {
        format!("database.bin_dir {list}")
    } else if list.is_empty() {
        "/usr/lib/postgresql/*/bin, /usr/pgsql-*/bin and PATH".to_owned()
    } else {
        list
    }
}
