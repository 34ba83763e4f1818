//! Decisions that were made once, for everybody to whom they apply.

#![expect(
    clippy::disallowed_types,
    reason = "looked up by key, millions of times a second; their order never shows"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use super::entities::Asker;
use super::{Permission, Place, Policies, Principal, Reads};

/// Remembered decisions, shared by all requests. Each is kept by the version of the policies, the role set, the permission,
/// the place, and what else the policies about that permission read ([`Policies::depends_on`]): nothing else decides.
#[derive(Debug)]
pub struct Decisions {
    sharing: Mutex<BTreeMap<Sharing, Arc<Kept>>>,
    most_sharing: usize,
    most_kept: usize,
}

/// Whoever agrees in all of this gets the same answers about the permissions that read no more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sharing {
    version: u64,
    reads: Reads,
    roles: BTreeSet<Arc<str>>,
    mfa: Option<bool>,
    groups: Option<BTreeSet<Arc<str>>>,
    subject: Option<Arc<str>>,
    organization: Option<Arc<str>>,
}

impl Sharing {
    fn of(policies: &Policies, who: &Principal, reads: Reads) -> Self {
        Self {
            version: policies.version(),
            reads,
            roles: who.roles.clone(),
            mfa: reads.mfa.then_some(who.mfa),
            groups: reads.groups.then(|| who.groups.clone()),
            subject: reads.subject.then(|| Arc::clone(&who.subject)),
            organization: who.organization.clone().filter(|_| reads.organization),
        }
    }
}

/// What, where, and whose, where that decides.
type Question = (Permission, Place, Option<Arc<str>>);

#[derive(Debug)]
struct Kept {
    asker: Asker,
    decisions: RwLock<HashMap<Question, bool>>,
}

impl Default for Decisions {
    /// Enough for a thousand kinds of caller, and for each the places of a large fleet.
    fn default() -> Self {
        Self::bounded(1_000, 50_000)
    }
}

impl Decisions {
    /// At most so many sets of callers that share their decisions, and so many decisions of each.
    pub fn bounded(most_sharing: usize, most_kept: usize) -> Self {
        Self { sharing: Mutex::default(), most_sharing, most_kept }
    }

    /// Decisions about one principal by one set of policies, for the length of a request.
    pub fn asking(self: &Arc<Self>, policies: Policies, who: Arc<Principal>) -> Asking {
        Asking {
            decisions: Arc::clone(self),
            policies,
            who,
            by_permission: std::array::from_fn(|_| OnceLock::new()),
            proven: OnceLock::new(),
        }
    }

    fn kept(&self, policies: &Policies, who: &Principal, reads: Reads) -> Arc<Kept> {
        let key = Sharing::of(policies, who, reads);
        let mut sharing = self.sharing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = sharing.get(&key) {
            return Arc::clone(kept);
        }
        if sharing.len() >= self.most_sharing {
            // Those of earlier policies first: nobody will ask for them again. Requests under way hold their own.
            sharing.retain(|other, _| other.version >= key.version);
            if sharing.len() >= self.most_sharing {
                sharing.clear();
            }
        }
        let kept = Arc::new(Kept { asker: Asker::of(who), decisions: RwLock::default() });
        sharing.insert(key, Arc::clone(&kept));
        kept
    }
}

/// One principal's decisions, by the policies of one moment. Made for a request, by [`Decisions::asking`].
#[derive(Debug)]
pub struct Asking {
    decisions: Arc<Decisions>,
    policies: Policies,
    who: Arc<Principal>,
    /// By [`Permission::index`]; found when it is first asked for.
    by_permission: [OnceLock<Arc<Kept>>; Permission::ALL.len()],
    /// The same principal with a second factor.
    proven: OnceLock<Arc<Asking>>,
}

impl Asking {
    /// As [`Policies::permits`], evaluated at most once for all who share the answer.
    pub fn permits(&self, what: Permission, at: &Place, owner: Option<&str>) -> bool {
        let reads = self.policies.depends_on(what);
        let kept = self.by_permission[what.index()]
            .get_or_init(|| self.decisions.kept(&self.policies, &self.who, reads));
        let owner = owner.filter(|_| reads.owner);
        let key = (what, at.clone(), owner.map(Arc::from));
        if let Some(decided) = kept.decisions.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return *decided;
        }
        // Evaluated under the lock: whoever asks the same meanwhile waits some microseconds instead of evaluating too.
        let mut decisions = kept.decisions.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(decided) = decisions.get(&key) {
            return *decided;
        }
        if decisions.len() >= self.decisions.most_kept {
            decisions.clear();
        }
        let decided = self.policies.decide(&kept.asker, what, at, owner);
        decisions.insert(key, decided);
        decided
    }

    /// As [`Policies::forbids`].
    pub fn forbids(&self, what: Permission, at: &Place, owner: Option<&str>) -> bool {
        self.policies.forbids(&self.who, what, at, owner)
    }

    /// As [`Policies::lifted_by_second_factor`].
    pub fn lifted_by_second_factor(&self, what: Permission, at: &Place, owner: Option<&str>) -> bool {
        !self.permits(what, at, owner)
            && self.proven(what).is_some_and(|proven| proven.permits(what, at, owner))
    }

    /// The same principal with a second factor; `None` where there is one already, or it decides nothing about this.
    pub fn proven(&self, what: Permission) -> Option<&Arc<Asking>> {
        let matters = !self.who.mfa && self.policies.depends_on(what).mfa;
        matters.then(|| {
            self.proven.get_or_init(|| {
                let who = Principal { mfa: true, ..Principal::clone(&self.who) };
                Arc::new(self.decisions.asking(self.policies.clone(), Arc::new(who)))
            })
        })
    }

    /// The policies that it goes by.
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// Who it is about.
    pub fn principal(&self) -> &Arc<Principal> {
        &self.who
    }
}
