//! Where something stands: cloud, environment, cluster, node, and the groups of its source.

use std::sync::Arc;

/// A place, from the widest level to the narrowest. A level that is not set is matched only by a wildcard.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Of the source.
    pub cloud: Option<Arc<str>>,
    /// Of the source; of an IPAM's row, its subnet's.
    pub environment: Option<Arc<str>>,
    /// The name of a Proxmox source.
    pub cluster: Option<Arc<str>>,
    /// A node of that cluster.
    pub node: Option<Arc<str>>,
    /// The groups that the source is in, in order.
    pub groups: Arc<[Arc<str>]>,
}

/// `cloud:environment:cluster:node`, with `*` for what is not set.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let level = |level: &Option<Arc<str>>| level.clone().unwrap_or_else(|| "*".into());
        let [cloud, environment] = [level(&self.cloud), level(&self.environment)];
        write!(f, "{cloud}:{environment}:{}:{}", level(&self.cluster), level(&self.node))
    }
}
