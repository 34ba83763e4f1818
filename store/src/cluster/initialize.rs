//! Makes a new cluster: into a folder of another name, so that an interrupted initdb leaves nothing that looks whole.

use std::fs;
use std::io;
use std::process::{Output, Stdio};

use super::{Binaries, ClusterError, Folder, Reason, RunAs};

/// The superuser of the private cluster; the socket's folder, which only the gateway's user may enter, is its door.
pub(crate) const OWNER: &str = "fleetgraph";

/// Creates the cluster. The lock for change is held.
pub(super) fn initialize(binaries: &Binaries, folder: &Folder, run_as: RunAs) -> Result<(), ClusterError> {
    let unfinished = folder.path().join("data.new");
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Folder::failure(&unfinished, &error));
        }
        _ => {}
    }
    run_as.own(folder, folder.path())?;
    let initdb = |run_as: RunAs| -> Result<Output, ClusterError> {
        let mut command = binaries.program("initdb");
        run_as
            .apply(&mut command)
            .arg("--pgdata")
            .arg(&unfinished)
            .args(["--username", OWNER, "--auth-local=trust", "--auth-host=reject", "--data-checksums"])
            .args(["--encoding=UTF8", "--locale=C", "--no-instructions"])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| ClusterError::Program { program: "initdb", reason: Reason::of_io(&error) })
    };
    let mut output = initdb(run_as)?;
    if !output.status.success() && reason(&output) == Reason::NoUser && RunAs::Namespace.works(binaries) {
        output = initdb(RunAs::Namespace)?;
    }
    if output.status.success() {
        fs::rename(&unfinished, folder.data()).map_err(|error| Folder::failure(&folder.data(), &error))?;
        sync(folder)
    } else {
        // What initdb made it has removed; what it could not is removed by the next attempt.
        let _ = fs::remove_dir_all(&unfinished);
        Err(ClusterError::Program { program: "initdb", reason: reason(&output) })
    }
}

fn reason(output: &Output) -> Reason {
    Reason::of_output(&String::from_utf8_lossy(&output.stderr))
}

/// initdb has written the files to the disk; the new name is not on it until its folder is.
fn sync(folder: &Folder) -> Result<(), ClusterError> {
    fs::File::open(folder.path())
        .and_then(|directory| directory.sync_all())
        .map_err(|error| Folder::failure(folder.path(), &error))
}
