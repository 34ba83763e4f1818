//! What the suites are written in: a simulated fleet, sources that read it, a clock that a test moves, captured logs.

pub(crate) mod clock;
pub(crate) mod fleet;
pub(crate) mod logs;
