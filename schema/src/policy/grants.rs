//! What policies permit somebody or forbid, and where, read from the policies themselves.
//!
//! A policy is taken apart at load: what it says of the place becomes a pattern; the rest, which only the principal can
//! fulfil, is kept as a policy of its own and evaluated when somebody asks.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use cedar_policy::{Authorizer, Effect, Policy, PolicyId, PolicySet};
use serde_json::{Value, json};

use super::entities::Asker;
use super::{Permission, Place, Principal};

/// One thing that policies permit or forbid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// What.
    pub permission: Permission,
    /// At which places. A condition that no pattern can express leaves it wider than the policy is.
    pub place: PlacePattern,
    /// Forbidden, which wins over any permit.
    pub forbidden: bool,
}

/// Places, by level; `None` matches any, and `*` within a level any letters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlacePattern {
    /// The cloud.
    pub cloud: Option<Arc<str>>,
    /// The environment.
    pub environment: Option<Arc<str>>,
    /// The cluster.
    pub cluster: Option<Arc<str>>,
    /// The node.
    pub node: Option<Arc<str>>,
    /// Only sources in one of these groups; empty: any.
    pub sources: Vec<Arc<str>>,
}

/// `cloud:environment:cluster:node`, with `*` for any; and `@group,group` where only what the sources of these groups gave.
impl fmt::Display for PlacePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = |level: &Option<Arc<str>>| level.clone().unwrap_or_else(|| "*".into());
        let [cloud, environment] = [level(&self.cloud), level(&self.environment)];
        write!(f, "{cloud}:{environment}:{}:{}", level(&self.cluster), level(&self.node))?;
        if self.sources.is_empty() { Ok(()) } else { write!(f, "@{}", self.sources.join(",")) }
    }
}

/// A policy, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Half {
    place: PlacePattern,
    /// Which attribute of the principal names the groups of sources.
    sources: Option<String>,
    forbidden: bool,
    /// The principal's part; permits whatever the policy's effect is.
    policy: Policy,
}

impl Half {
    /// `None` where the rest is no policy, which would be a mistake in this file.
    pub(super) fn of(policy: &Policy, json: &Value) -> Option<Self> {
        let mut half = Self {
            place: PlacePattern::default(),
            sources: None,
            forbidden: policy.effect() == Effect::Forbid,
            policy: policy.clone(),
        };
        half.note(&json!({ "in": { "right": { "Value": { "__entity": json["resource"]["entity"] } } } }));
        let mut conditions = Vec::new();
        for condition in json["conditions"].as_array().into_iter().flatten() {
            if condition["kind"] == "when" {
                let kept = half.conjuncts(&condition["body"]);
                conditions.extend(kept.into_iter().map(|body| json!({ "kind": "when", "body": body })));
            } else if !mentions(condition, "resource") {
                conditions.push(condition.clone());
            }
        }
        let principal = json!({
            "effect": "permit",
            "principal": json["principal"],
            "action": json["action"],
            "resource": { "op": "All" },
            "conditions": conditions,
        });
        half.policy = Policy::from_json(Some(policy.id().clone()), principal).ok()?;
        Some(half)
    }

    /// The parts of a conjunction that speak of the principal alone; the others narrow the place where they can.
    fn conjuncts(&mut self, body: &Value) -> Vec<Value> {
        if let Some(both) = body.get("&&") {
            let mut kept = self.conjuncts(&both["left"]);
            kept.extend(self.conjuncts(&both["right"]));
            return kept;
        }
        if !mentions(body, "resource") {
            return vec![body.clone()];
        }
        self.note(body);
        // `principal.audit.containsAny(resource.sources)`: the principal's part is that there are any.
        let of_sources = &body["containsAny"];
        let attribute = of_sources["left"]["."]["attr"].as_str();
        match attribute {
            Some(attribute) if of_sources["right"]["."]["attr"] == "sources" => {
                self.sources = Some(attribute.to_owned());
                vec![json!({ "!": { "arg": { "isEmpty": { "arg": of_sources["left"] } } } })]
            }
            _ => Vec::new(),
        }
    }

    /// Narrows the pattern by a condition on the place.
    fn note(&mut self, body: &Value) {
        let entity = &body["in"]["right"]["Value"]["__entity"];
        let entity = if entity.is_null() { &body["in"]["right"]["__entity"] } else { entity };
        if let (Some(level), Some(id)) = (entity["type"].as_str(), entity["id"].as_str()) {
            if level == "Sources" {
                self.place.sources.push(id.into());
            } else {
                self.narrow(&level.to_lowercase(), id.to_owned());
            }
        }
        let equal = &body["=="];
        if let (Some(level), Some(text)) =
            (equal["left"]["."]["attr"].as_str(), equal["right"]["Value"].as_str())
        {
            self.narrow(level, text.to_owned());
        }
        let like = &body["like"];
        if let (Some(level), Some(parts)) = (like["left"]["."]["attr"].as_str(), like["pattern"].as_array()) {
            let parts = parts.iter().map(|part| part["Literal"].as_str().unwrap_or("*"));
            self.narrow(level, parts.collect());
        }
    }

    fn narrow(&mut self, level: &str, pattern: String) {
        let place = &mut self.place;
        let level = match level {
            "cloud" => &mut place.cloud,
            "environment" => &mut place.environment,
            "cluster" => &mut place.cluster,
            "node" => &mut place.node,
            _ => return,
        };
        *level = Some(pattern.into());
    }
}

/// Whether an expression reads a variable.
fn mentions(value: &Value, variable: &str) -> bool {
    match value {
        Value::Object(members) => {
            members.get("Var").is_some_and(|name| name == variable)
                || members.values().any(|member| mentions(member, variable))
        }
        Value::Array(values) => values.iter().any(|value| mentions(value, variable)),
        _ => false,
    }
}

/// The halves of the policies that speak of one permission.
#[derive(Debug, Default)]
pub(super) struct Halves {
    policies: PolicySet,
    by_id: BTreeMap<PolicyId, Half>,
}

impl Halves {
    pub(super) fn add(&mut self, half: Half) {
        let id = half.policy.id().clone();
        self.policies
            .add(half.policy.clone())
            .expect("ids were found unique when the whole set was validated");
        self.by_id.insert(id, half);
    }

    pub(super) fn grants(
        &self,
        authorizer: &Authorizer,
        asker: &Asker,
        who: &Principal,
        what: Permission,
    ) -> Vec<Grant> {
        let (request, entities) = asker.question(what, &Place::default(), None);
        let response = authorizer.is_authorized(&request, &self.policies, &entities);
        let fulfilled = response.diagnostics().reason().filter_map(|id| self.by_id.get(id));
        let mut grants: Vec<Grant> = fulfilled
            .map(|half| {
                let mut place = half.place.clone();
                if let Some(attribute) = &half.sources {
                    let roles = who.roles.iter();
                    let named =
                        roles.filter_map(|role| role.strip_prefix(attribute.as_str())?.strip_prefix('@'));
                    place.sources.extend(named.map(Into::into));
                }
                Grant { permission: what, place, forbidden: half.forbidden }
            })
            .collect();
        grants.sort();
        grants.dedup();
        grants
    }
}
