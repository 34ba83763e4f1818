//! How large a world is to be: figures within bounds, from a file or the command line.

use std::ops::RangeInclusive;

use schema::Timestamp;

/// What a world is generated from. Every figure that is left out follows from the number of guests.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spec {
    /// Same seed, same world.
    pub seed: u64,
    /// Virtual machines and containers, the awkward ones included.
    pub guests: u32,
    /// Sites: one controller each. Left out: 2, and one for each 20,000 guests.
    pub networks: Option<u32>,
    /// Left out: 3, and one for each 10,000 guests.
    pub clusters: Option<u32>,
    /// Hypervisors in all. Left out: 3 a cluster, and one for each 100 guests.
    pub nodes: Option<u32>,
    /// Access switches in all, below one core switch a network. Left out: as many as it takes to cable the nodes.
    pub switches: Option<u32>,
    /// Public names beside the awkward ones, which are in every world. Left out: one for each 10 guests.
    pub hostnames: Option<u32>,
    /// Customers. Left out: one for each 20 guests.
    pub customers: Option<u32>,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            seed: 1,
            guests: 200,
            networks: None,
            clusters: None,
            nodes: None,
            switches: None,
            hostnames: None,
            customers: None,
        }
    }
}

/// How many guests a world has: at least the awkward ones.
pub const GUESTS: RangeInclusive<u32> = 80..=200_000;

/// The moment at which every world begins: 2026-01-01T00:00:00Z.
pub(super) const EPOCH: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// How many ports of an access switch are for nodes.
pub(super) const NODE_PORTS: u32 = 40;

/// A specification with every figure settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) seed: u64,
    pub(super) guests: u32,
    pub(super) networks: u32,
    pub(super) clusters: u32,
    pub(super) nodes: u32,
    pub(super) switches: u32,
    pub(super) hostnames: u32,
    pub(super) customers: u32,
}

/// A specification that no world can be made of: what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// A figure is out of bounds.
    #[error("`{key}` is {value}: give {least} to {most}")]
    OutOfBounds {
        /// The key.
        key: &'static str,
        /// Its value, or what it came to where it was left out.
        value: u32,
        /// The least it may be.
        least: u32,
        /// The most it may be.
        most: u32,
    },
    /// The file is not the TOML that was expected.
    #[error("line {line} of the specification cannot be read: {message}")]
    Unreadable {
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
}

impl Spec {
    /// Reads a specification file; refuses keys it does not know.
    pub fn from_toml(text: &str) -> Result<Self, SpecError> {
        let spec: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            SpecError::Unreadable {
                line: before.matches('\n').count() + 1,
                message: error.message().trim_end().replace('\n', " "),
            }
        })?;
        spec.size()?;
        Ok(spec)
    }

    /// Settles every figure, and refuses those that are out of bounds.
    pub(super) fn size(&self) -> Result<Size, SpecError> {
        let guests = within("guests", self.guests, GUESTS)?;
        // The first network has two clusters at least, so there are fewer networks than clusters.
        let most = self.clusters.unwrap_or(u32::MAX).saturating_sub(1).max(1);
        let networks = self.networks.unwrap_or(2.max(guests.div_ceil(20_000)).min(most));
        let networks = within("networks", networks, 1..=50)?;
        let clusters = self.clusters.unwrap_or(3.max(guests.div_ceil(10_000)).max(networks + 1));
        let clusters = within("clusters", clusters, networks + 1..=200)?;
        let nodes = self.nodes.unwrap_or((3 * clusters).max(guests.div_ceil(100)));
        let nodes = within("nodes", nodes, 3 * clusters..=2_000)?;
        // Every node may take two ports, and no network has less than two access switches.
        let least = (2 * networks).max((2 * nodes).div_ceil(NODE_PORTS) + networks);
        let switches = within("switches", self.switches.unwrap_or(least), least..=1_000)?;
        let hostnames = self.hostnames.unwrap_or(guests.div_ceil(10));
        let customers = self.customers.unwrap_or((guests / 20).clamp(12, 2_000));
        Ok(Size {
            seed: self.seed,
            guests,
            networks,
            clusters,
            nodes,
            switches,
            hostnames: within("hostnames", hostnames, 0..=100_000)?,
            customers: within("customers", customers, 12..=10_000)?,
        })
    }
}

fn within(key: &'static str, value: u32, bounds: RangeInclusive<u32>) -> Result<u32, SpecError> {
    if bounds.contains(&value) {
        return Ok(value);
    }
    Err(SpecError::OutOfBounds { key, value, least: *bounds.start(), most: *bounds.end() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let said = match Spec::from_toml(text) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(said.contains(expected), "{text}: {said}");
    }

    #[test]
    fn specifications_are_bounded_and_know_their_keys() {
        check("", "ok");
        check("seed = 7\nguests = 100000\nclusters = 5", "ok");
        check("guests = 79", "`guests` is 79: give 80 to 200000");
        check("seed = 3\nguests = -1", "line 2 of the specification cannot be read");
        check("gests = 100", "line 1 of the specification cannot be read: unknown field `gests`");
        check("clusters = 1", "`clusters` is 1: give 2 to 200");
        check("networks = 3\nclusters = 3", "`clusters` is 3: give 4 to 200");
        check("clusters = 4\nnodes = 11", "`nodes` is 11: give 12 to 2000");
        check("nodes = 100\nswitches = 3", "`switches` is 3: give 7 to 1000");
    }
}
