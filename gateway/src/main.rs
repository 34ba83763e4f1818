//! `fleetgraph`.
fn main() {}
