//! A folder of policies: which of its files count, and whether they stand beside the built-in ones or in their place.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use schema::policy::{Base, Policies, PolicyError};

/// A file of this name, whatever it holds, puts the folder's policies in the place of the built-in ones.
pub const REPLACES: &str = "replace-built-in";
/// A file that is longer was not written by hand.
const MOST_BYTES: u64 = 1024 * 1024;

/// Why a folder gives no policies.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It, or a file in it, cannot be read.
    #[error("{path}: cannot be read: {source}", path = .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What it holds is refused as a whole.
    #[error("{}", listed(.0))]
    Refused(Vec<PolicyError>),
}

fn listed(errors: &[PolicyError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What a folder holds, to be compared with what it held before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// Names and texts, by name.
    files: Vec<(String, String)>,
    base: Base,
}

impl Content {
    pub(super) fn policies(&self) -> Result<Policies, FolderError> {
        Policies::load(self.files.iter().cloned(), self.base).map_err(FolderError::Refused)
    }
}

/// The policies of a folder.
pub fn load(folder: &Path) -> Result<Policies, FolderError> {
    read(folder)?.policies()
}

/// Its `.cedar` and `.rules` files. Hidden files and those of other names are passed over: an editor's, a README.
pub(super) fn read(folder: &Path) -> Result<Content, FolderError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError::Read { path, source }
    };
    let mut files = Vec::new();
    let mut base = Base::Extend;
    for entry in std::fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name == REPLACES {
            base = Base::Replace;
        }
        let counts = path.extension().is_some_and(|ending| ending == "cedar" || ending == "rules");
        if counts && !name.starts_with('.') {
            files.push((name.to_owned(), text(&path).map_err(at(&path))?));
        }
    }
    files.sort();
    Ok(Content { files, base })
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "longer than 1 MiB"));
    }
    Ok(text)
}
