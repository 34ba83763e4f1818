//! What the suites are written in: a simulated fleet, sources that read it, a clock that a test moves, captured logs; the
//! whole gateway in this process, its clients, the program itself, and a real Keycloak.

pub(crate) mod clock;
pub(crate) mod fleet;
pub(crate) mod gateway;
pub(crate) mod http;
pub(crate) mod keycloak;
pub(crate) mod logs;
pub(crate) mod program;
pub(crate) mod socket;
