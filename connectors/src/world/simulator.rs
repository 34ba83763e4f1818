//! What a simulator is: pure functions over the world and HTTP's own types. `gateway/src/simulate/` serves them.

use bytes::Bytes;
use schema::Timestamp;

use super::World;

/// How a kind of source is simulated.
pub struct Simulator {
    /// The upstreams of this kind in a world, in a fixed order: one server each.
    pub upstreams: fn(&World) -> Vec<Upstream>,
    /// Answers one request as the real thing would.
    pub answer: fn(&Ask<'_>) -> http::Response<Bytes>,
    /// At least one good request for each endpoint it serves, authenticated where that takes no session: what `xtask
    /// conform` checks against the official schema.
    pub samples: fn(&World) -> Vec<Sample>,
}

/// A good request, and the server it is for.
pub type Sample = (Upstream, http::Request<Bytes>);

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

/// The reason phrase of an answer, in its extensions, where it is not the status' own: Proxmox puts its errors there.
/// The server sends it; it holds no line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(pub String);
