//! Starts the server again where it ends and nobody asked it to: out of memory, killed by hand. What was acknowledged is on
//! the disk; whoever queries meanwhile waits for a connection, as for a busy server.

use std::sync::Weak;
use std::time::Duration;

use super::Shared;

/// Between attempts that fail, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Watches until the cluster is stopped or dropped.
pub(super) fn watch(cluster: &Weak<Shared>) {
    let mut pause = PAUSE.0;
    loop {
        let process = {
            let Some(shared) = cluster.upgrade() else { return };
            let running = shared.running();
            let Some((server, _)) = &*running else { return };
            server.process().try_clone()
        };
        // Without a descriptor to spare there is no watching; the next start of the gateway finds the server or starts it.
        let Ok(process) = process else { return };
        process.wait();

        let Some(shared) = cluster.upgrade() else { return };
        let mut running = shared.running();
        let Some((server, _)) = &mut *running else { return };
        tracing::warn!("the private PostgreSQL server ended unexpectedly: starting it again");
        let started = shared.folder.lock_for_change().and_then(|_starting| shared.find_or_start());
        match started {
            Ok(started) => {
                *server = started;
                pause = PAUSE.0;
            }
            Err(error) => {
                tracing::error!(%error, "the private PostgreSQL server does not start");
                drop(running);
                drop(shared);
                std::thread::park_timeout(pause);
                pause = (pause * 2).min(PAUSE.1);
            }
        }
    }
}
