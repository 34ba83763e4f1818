//! A world that can be changed, without a database: it notes what it is asked, in order, and is joined anew.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use resolvers::{Access, Act, Attempt, Because, Change, Done, NotDone, RequestContext, Unconfirmed};
use schema::drift::{Acknowledgement, DriftKind, Finding, acknowledge, track};
use schema::policy::{Base, Decisions, Policies, Principal};
use schema::source::{Failure, ProblemCode};
use schema::view::{Inputs, Overrides, join};
use schema::{ObjectId, Timestamp};
use serde_json::Value;

use crate::fleet;

/// Three roles of an installation: one that sees all and changes what stands on a node, one that sees what stands on that node
/// and changes all, and one that changes all but what stands on it.
const RULES: &str = "role hands may read:*:*:*
role hands may manage:baremetal:lab:pve1
role narrow may read:baremetal:lab:pve1
role narrow may manage:*:*:*
role barred may read:*:*:*
role barred may manage:*:*:*
role barred may not ipam:write:baremetal:lab:pve1
";

/// People of one organization: whatever it owns is theirs, wherever it stands, and nothing else.
const OWNERS: &str = r#"permit (
  principal in Role::"acme",
  action in [Action::"inventory:read", Action::"ipam:write"],
  resource
)
when { resource has owner && resource.owner == "Acme" };
"#;

/// How the world takes what is asked of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As it should.
    #[default]
    Well,
    /// The issuer no longer takes the token.
    Inactive,
    /// The issuer does not answer.
    Unreachable,
    /// The role was taken away since the token was made.
    Demoted,
    /// The audit log takes nothing.
    Unwritable,
    /// Sources fail.
    SourcesFail,
    /// Every finding is resolved.
    Resolved,
}

/// One caller's world.
#[derive(Debug)]
pub(crate) struct World {
    roles: &'static [&'static str],
    mood: Mood,
    policies: Policies,
    known: Mutex<Known>,
    /// What was asked, in order.
    pub(crate) asked: Mutex<Vec<String>>,
    /// Of attempts that came to nothing, what they were to come to.
    pub(crate) sought: Mutex<Vec<Value>>,
}

#[derive(Debug, Default)]
struct Known {
    overrides: Overrides,
    words: Vec<Acknowledgement>,
    refreshed: Vec<Box<str>>,
}

impl World {
    pub(crate) fn new(roles: &'static [&'static str], mood: Mood) -> Arc<Self> {
        let files = [("lab.rules", RULES), ("owners.cedar", OWNERS)];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let policies = Policies::load(files, Base::Extend).expect("rules that are right");
        Arc::new(Self {
            roles,
            mood,
            policies,
            known: Mutex::default(),
            asked: Mutex::default(),
            sought: Mutex::default(),
        })
    }

    /// What a request reads that begins now.
    pub(crate) fn request(self: &Arc<Self>) -> RequestContext {
        let context = self.context(self.roles);
        let access = context.access.clone().acting(Arc::clone(self) as _);
        RequestContext::new(context.view, context.findings, context.now, access)
    }

    fn note(&self, what: String) {
        self.asked.lock().expect("no panic").push(what);
    }

    fn context(&self, roles: &[&str]) -> RequestContext {
        let known = self.known.lock().expect("no panic");
        let mut sources = fleet::sources();
        for source in &mut sources {
            if known.refreshed.contains(&(*source.info.name).into()) {
                refresh(source, self.mood == Mood::SourcesFail);
            }
        }
        let base = fleet::context(sources.clone());
        let mut findings = base.findings.to_vec();
        for tracked in &mut findings {
            concerning(&mut tracked.finding);
        }
        acknowledge(&mut findings, &known.words, base.now);
        if self.mood == Mood::Resolved {
            findings = track(findings, vec![], &|_| true, base.now);
        }
        let principal = Principal::with_roles("ada", roles.iter().copied(), true);
        let view = Arc::new(join(&Inputs { sources, overrides: known.overrides.clone() }));
        let access =
            Access::of(Arc::new(Decisions::default()).asking(self.policies.clone(), Arc::new(principal)));
        RequestContext::new(view, findings.into(), base.now, access)
    }
}

/// What the findings of this fleet are about: two guests of one address on two nodes, and one guest.
fn concerning(finding: &mut Finding) {
    let guest = |vmid| ObjectId::Guest { cluster: "pve-lab".into(), vmid };
    let (about, names) = match finding.key.kind {
        DriftKind::DuplicateGuestIp => {
            let address =
                ObjectId::IpAddress { network: "default".into(), address: fleet::address("10.0.1.30") };
            (address, vec![guest(105), guest(106)])
        }
        _ => (guest(101), vec![guest(101)]),
    };
    finding.about = Some(about);
    finding.names = Some(names);
}

/// An object's members by name: whether they keep the order in which they were made depends on what else is built.
fn in_order(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<String, Value> = members.into_iter().collect();
            Value::Object(sorted.into_iter().map(|(name, value)| (name, in_order(value))).collect())
        }
        other => other,
    }
}

fn refresh(held: &mut schema::Held, fails: bool) {
    let later = Timestamp::from_millis(fleet::READ.millis() + 4000);
    held.last_attempt = Some(later);
    if fails {
        held.failure = Some(Failure {
            code: ProblemCode::Unreachable,
            message: "no connection".into(),
            since: later,
            attempts: 1,
            next_attempt: None,
        });
    } else if let Some(snapshot) = &mut held.snapshot {
        Arc::make_mut(snapshot).collected_at = later;
    }
}

#[async_trait]
impl Act for World {
    async fn begin(&self) -> Result<RequestContext, Unconfirmed> {
        match self.mood {
            Mood::Inactive => Err(Unconfirmed::Inactive),
            Mood::Unreachable => Err(Unconfirmed::Unreachable),
            Mood::Demoted => Ok(self.context(&["fleetgraph-viewer"])),
            _ => Ok(self.context(self.roles)),
        }
    }

    async fn refused(&self, attempt: Attempt, because: Because) {
        self.note(format!("{} {} {because:?}", attempt.action, attempt.target));
        self.sought.lock().expect("no panic").push(attempt.after.unwrap_or_default());
    }

    async fn carry_out(
        &self,
        confirmed: &RequestContext,
        attempt: Attempt,
        change: Change,
    ) -> Result<Done, NotDone> {
        if self.mood == Mood::Unwritable {
            return Err(NotDone::NotWrittenDown);
        }
        let values = |value: Option<Value>| in_order(value.unwrap_or_default()).to_string();
        self.note(format!(
            "{} {} at {} {:?}: {} -> {}",
            attempt.action,
            attempt.target,
            attempt.place.expect("a target that is there"),
            attempt.reason.unwrap_or_default(),
            values(attempt.before),
            values(attempt.after)
        ));
        {
            let mut known = self.known.lock().expect("no panic");
            match change {
                Change::Refresh(name) => known.refreshed.push(name),
                Change::Override { path, hop, decided: Some(decided) } => {
                    known.overrides.set(path, hop, decided);
                }
                Change::Override { path, hop, decided: None } => {
                    known.overrides.clear(&path, hop);
                }
                Change::Acknowledge(key, word) => {
                    known.words.push(Acknowledgement { key, word, at: confirmed.now });
                }
            }
        }
        let after = self.context(self.roles);
        let access = confirmed.access.clone();
        let context = RequestContext::new(after.view, after.findings, after.now, access);
        Ok(Done { context, collected: true })
    }
}
