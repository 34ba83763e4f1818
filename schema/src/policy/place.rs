//! Where something stands: cloud, environment, cluster, node, and the groups of its source.

use std::str::FromStr;
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

/// A text that names no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no place: cloud:environment:cluster:node, with * for what is not set, then @group,group")]
pub struct NoPlace(String);

/// `cloud:environment:cluster:node`, narrower levels left out or `*` where not set, and `@group,group` where the source
/// is in groups.
impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (levels, groups) = text.split_once('@').unwrap_or((text, ""));
        let levels: Vec<&str> = levels.split(':').map(str::trim).collect();
        if levels.len() > 4 || levels.iter().any(|level| level.is_empty()) {
            return Err(NoPlace(text.to_owned()));
        }
        let level =
            |index: usize| levels.get(index).filter(|level| **level != "*").map(|level| Arc::from(*level));
        let mut groups: Vec<Arc<str>> =
            groups.split(',').map(str::trim).filter(|group| !group.is_empty()).map(Into::into).collect();
        groups.sort();
        Ok(Self {
            cloud: level(0),
            environment: level(1),
            cluster: level(2),
            node: level(3),
            groups: groups.into(),
        })
    }
}
