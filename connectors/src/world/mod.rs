//! The simulated world, from which every simulator answers and which is itself the expected answer of the join.

use bytes::Bytes;
use schema::Timestamp;

/// Everything there is. Same seed, same world.
#[derive(Clone, Debug)]
pub struct World {
    /// The seed it grew from.
    pub seed: u64,
}

/// How a kind of source is simulated: pure, over HTTP's own types. `gateway/src/simulate/` serves it.
pub struct Simulator {
    /// The upstreams of this kind in a world, in a fixed order: one server each.
    pub upstreams: fn(&World) -> Vec<Upstream>,
    /// Answers one request as the real thing would.
    pub answer: fn(&Ask<'_>) -> http::Response<Bytes>,
}

/// One simulated server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// The source's name in the configuration it prints (`pve-1`); faults are switched on by it.
    pub name: String,
    /// The name that groups the servers of one source: the first is `url`, the others its `fallback_urls`.
    pub source: String,
    /// Served over TLS with a self-signed certificate, as the real one is.
    pub tls: bool,
    /// The `[[source]]` lines to paste, without name, kind, url and tls; secrets are `{ env = "NAME" }`.
    pub configuration: Vec<String>,
    /// The variables that those lines name, with the simulated secrets.
    pub environment: Vec<(String, String)>,
}

/// A request to a simulated server.
pub struct Ask<'a> {
    /// The world as it is now.
    pub world: &'a World,
    /// Which server is asked.
    pub upstream: &'a Upstream,
    /// Raised when sessions are made to expire: a token minted under an earlier one is refused.
    pub session_epoch: u64,
    /// The clock of the simulated server.
    pub now: Timestamp,
    /// What was sent.
    pub request: &'a http::Request<Bytes>,
}
