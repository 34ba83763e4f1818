//! The set of policies that holds at a moment, and its answers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use cedar_policy::{
    ActionConstraint, Authorizer, Decision, Effect, Entities, Policy, PolicySet, Request, Response,
};
use serde_json::Value;

use super::entities::{Asker, fixed};
use super::grants::{Grant, Half, Halves};
use super::load::{self, Base, Loaded};
use super::{Explanation, Permission, Place, PolicyError, Principal, Reads, Written};

/// What is permitted and forbidden; immutable, replaced whole. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Policies(Arc<Set>);

#[derive(Debug)]
struct Set {
    version: u64,
    authorizer: Authorizer,
    /// By [`Permission::index`]: only those that speak of it.
    by_permission: Vec<Concerning>,
    written: BTreeMap<String, Written>,
    warnings: Vec<PolicyError>,
    roles: Vec<String>,
    evaluations: AtomicU64,
}

#[derive(Debug, Default)]
struct Concerning {
    policies: PolicySet,
    reads: Reads,
    halves: Halves,
}

impl Policies {
    /// Those that come with the program.
    pub fn built_in() -> Self {
        static BUILT_IN: OnceLock<Policies> = OnceLock::new();
        let made = BUILT_IN.get_or_init(|| {
            Self::load(Vec::new(), Base::Extend)
                .expect("the policies are compiled in, and a test loads them with every build")
        });
        made.clone()
    }

    /// Those of an installation, from the names and texts of its `.cedar` and `.rules` files. Where one file is wrong, the
    /// whole set is refused, with all that is wrong.
    pub fn load(
        files: impl IntoIterator<Item = (String, String)>,
        base: Base,
    ) -> Result<Self, Vec<PolicyError>> {
        static VERSIONS: AtomicU64 = AtomicU64::new(1);
        let files: Vec<_> = files.into_iter().collect();
        let Loaded { policies, written, warnings } = load::load(&files, base)?;
        let policies: Vec<(Policy, Value)> = policies
            .into_iter()
            .map(|policy| {
                let json = policy.to_json().expect("a policy that was parsed from text has a JSON form");
                (policy, json)
            })
            .collect();
        let mut roles = Vec::new();
        for (_, json) in &policies {
            roles_of(json, &mut roles);
        }
        roles.sort();
        roles.dedup();
        let by_permission =
            Permission::ALL.iter().map(|permission| Concerning::of(*permission, &policies)).collect();
        Ok(Self(Arc::new(Set {
            version: VERSIONS.fetch_add(1, Ordering::Relaxed),
            authorizer: Authorizer::new(),
            by_permission,
            written,
            warnings,
            roles,
            evaluations: AtomicU64::new(0),
        })))
    }

    /// Differs between any two sets that one process has held.
    pub fn version(&self) -> u64 {
        self.0.version
    }

    /// What is odd about them, though not wrong: a policy that can never match, a name with look-alike letters.
    pub fn warnings(&self) -> &[PolicyError] {
        &self.0.warnings
    }

    /// The roles that policies name, in order.
    pub fn roles(&self) -> &[String] {
        &self.0.roles
    }

    /// How many decisions these policies were evaluated for; decisions from a cache are not among them.
    pub fn evaluations(&self) -> u64 {
        self.0.evaluations.load(Ordering::Relaxed)
    }

    /// What besides role set and place decides about a permission.
    pub fn depends_on(&self, what: Permission) -> Reads {
        self.0.by_permission[what.index()].reads
    }

    /// Whether a principal may do something at a place, to something that `owner` owns. Evaluates every time: whoever asks
    /// for many rows asks through [`super::Decisions`].
    pub fn permits(&self, who: &Principal, what: Permission, at: &Place, owner: Option<&str>) -> bool {
        self.decide(&Asker::of(who), what, at, owner)
    }

    /// Whether some policy forbids it outright: more than that none permits it. Evaluates every time.
    pub fn forbids(&self, who: &Principal, what: Permission, at: &Place, owner: Option<&str>) -> bool {
        let (request, entities) = Asker::of(who).question(what, at, owner);
        let response = self.evaluate(what, &request, &entities);
        // Cedar's reasons are the policies that decided: of a denial those that forbid, and none where none permits.
        let denied = response.decision() == Decision::Deny;
        (denied && response.diagnostics().reason().next().is_some())
            || self.has_broken_forbid(what, &response)
    }

    /// Whether the principal would be permitted with a second factor, and is not without.
    pub fn lifted_by_second_factor(
        &self,
        who: &Principal,
        what: Permission,
        at: &Place,
        owner: Option<&str>,
    ) -> bool {
        let proven = || Principal { mfa: true, ..who.clone() };
        !who.mfa
            && self.depends_on(what).mfa
            && self.permits(&proven(), what, at, owner)
            && !self.permits(who, what, at, owner)
    }

    /// Why a principal may or may not.
    pub fn explain(&self, who: &Principal, what: Permission, at: &Place, owner: Option<&str>) -> Explanation {
        let (request, entities) = Asker::of(who).question(what, at, owner);
        let response = self.evaluate(what, &request, &entities);
        let reasons = response.diagnostics().reason();
        let mut decided_by: Vec<Written> =
            reasons.filter_map(|id| self.0.written.get(AsRef::<str>::as_ref(id)).cloned()).collect();
        decided_by.sort();
        Explanation {
            permitted: self.allows(what, &response),
            decided_by,
            errors: response.diagnostics().errors().map(ToString::to_string).collect(),
            lifted_by_second_factor: self.lifted_by_second_factor(who, what, at, owner),
            elsewhere: self.grants_of(&Asker::of(who), who, what),
        }
    }

    /// What policies permit the principal or forbid it, and where: from the policies themselves, so at any place.
    pub fn grants(&self, who: &Principal) -> Vec<Grant> {
        let asker = Asker::of(who);
        Permission::ALL.iter().flat_map(|permission| self.grants_of(&asker, who, *permission)).collect()
    }

    fn grants_of(&self, asker: &Asker, who: &Principal, what: Permission) -> Vec<Grant> {
        self.0.by_permission[what.index()].halves.grants(&self.0.authorizer, asker, who, what)
    }

    pub(super) fn decide(&self, who: &Asker, what: Permission, at: &Place, owner: Option<&str>) -> bool {
        let (request, entities) = who.question(what, at, owner);
        self.allows(what, &self.evaluate(what, &request, &entities))
    }

    fn evaluate(&self, what: Permission, request: &Request, entities: &Entities) -> Response {
        self.0.evaluations.fetch_add(1, Ordering::Relaxed);
        self.0.authorizer.is_authorized(request, &self.0.by_permission[what.index()].policies, entities)
    }

    /// Cedar passes over a policy that fails while it is evaluated (an overflow; the validator rules out the rest). That is
    /// right for a permit; a forbid that cannot be evaluated forbids.
    fn allows(&self, what: Permission, response: &Response) -> bool {
        response.decision() == Decision::Allow && !self.has_broken_forbid(what, response)
    }

    fn has_broken_forbid(&self, what: Permission, response: &Response) -> bool {
        let policies = &self.0.by_permission[what.index()].policies;
        let forbids = |error: &cedar_policy::AuthorizationError| {
            let cedar_policy::AuthorizationError::PolicyEvaluationError(error) = error;
            policies.policy(error.policy_id()).is_none_or(|policy| policy.effect() == Effect::Forbid)
        };
        response.diagnostics().errors().any(forbids)
    }
}

impl Concerning {
    fn of(permission: Permission, all: &[(Policy, Value)]) -> Self {
        let concerning = all.iter().filter(|(policy, _)| concerns(policy, permission));
        let mut made = Self::default();
        for (policy, json) in concerning {
            made.reads = made.reads.and(Reads::of(json));
            if let Some(half) = Half::of(policy, json) {
                made.halves.add(half);
            }
            made.policies
                .add(policy.clone())
                .expect("ids were found unique when the whole set was validated");
        }
        made
    }
}

/// Whether a policy's head leaves the permission in; its conditions may still leave it out.
fn concerns(policy: &Policy, permission: Permission) -> bool {
    let action = fixed().action(permission);
    let within = |group: &cedar_policy::EntityUid| group == action || fixed().is_in(action, group);
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(one) => one == *action,
        ActionConstraint::In(several) => several.iter().any(within),
    }
}

fn roles_of(value: &Value, roles: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let (Some("Role"), Some(id)) =
                (members.get("type").and_then(Value::as_str), members.get("id").and_then(Value::as_str))
            {
                roles.push(id.to_owned());
            }
            members.values().for_each(|member| roles_of(member, roles));
        }
        Value::Array(values) => values.iter().for_each(|value| roles_of(value, roles)),
        _ => {}
    }
}
