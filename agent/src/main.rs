//! `fleetgraph-agent`.
fn main() {}
