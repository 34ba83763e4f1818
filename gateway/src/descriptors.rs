//! Open files of this process: each connection takes one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Connections, those to sources and the database, and some files beside them.
const WANTED: u64 = 16_384;

/// Raises the limit that most systems set to 1,024 to what this process may have and can need. Says so where that is less.
pub(crate) fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let (Some(now), allowed) = (current, maximum.unwrap_or(u64::MAX)) else { return };
    let wanted = WANTED.min(allowed);
    if now < wanted {
        let limit = Rlimit { current: Some(wanted), maximum };
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, now, "the limit of open files cannot be raised: fewer clients than 2,000 can be connected");
            return;
        }
    }
    if allowed < WANTED {
        tracing::warn!(
            allowed,
            "the limit of open files is low: fewer clients than 2,000 may find room (ulimit -Hn)"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_high_as_it_may_be() {
        raise_limit();
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert!(current.is_none_or(|now| now >= WANTED.min(maximum.unwrap_or(u64::MAX))));
    }
}
