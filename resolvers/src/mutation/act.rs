//! What mutations need of the world, as whoever serves them provides it: resolvers change nothing by themselves.

use std::fmt;

use async_trait::async_trait;
use schema::ObjectId;
use schema::drift::{Acknowledged, FindingKey};
use schema::policy::{Permission, Place};
use schema::view::{HopKind, Override};
use serde_json::Value;

use crate::RequestContext;

/// One request's way to change something.
#[async_trait]
pub trait Act: fmt::Debug + Send + Sync {
    /// What is known at this moment, read with the rights that the issuer confirms at this moment. Asked before each
    /// mutation: the one before it may have changed what is known, and the caller may have lost a role.
    async fn begin(&self) -> Result<RequestContext, Unconfirmed>;

    /// Writes down an attempt that comes to nothing. That it cannot be written changes nothing for the caller.
    async fn refused(&self, attempt: Attempt, because: Because);

    /// Writes the attempt down, then does it, then writes down what came of it. Where the first fails, nothing is done.
    /// What is known after it is read with the rights of `confirmed`.
    async fn carry_out(
        &self,
        confirmed: &RequestContext,
        attempt: Attempt,
        change: Change,
    ) -> Result<Done, NotDone>;
}

/// The caller is not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unconfirmed {
    /// The token is no longer good.
    Inactive,
    /// The issuer cannot be asked.
    Unreachable,
}

/// What somebody wants to do, as it is written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// The mutation's name.
    pub action: &'static str,
    /// What it takes.
    pub permission: Permission,
    /// The id of the target, as it was sent.
    pub target: String,
    /// Where the target stands, where it is there.
    pub place: Option<Place>,
    /// As given by the caller.
    pub reason: Option<String>,
    /// What stands there.
    pub before: Option<Value>,
    /// What is to stand there.
    pub after: Option<Value>,
}

/// Why an attempt comes to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// The caller may not.
    Denied(String),
    /// The caller might, but it cannot be done.
    Failed(String),
}

/// A change of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Have a source collected now, by its name.
    Refresh(Box<str>),
    /// Decide a hop of a path by hand; `None`: back to what the sources say.
    Override {
        /// The path.
        path: ObjectId,
        /// Which of its hops.
        hop: HopKind,
        /// Where it leads.
        decided: Option<Override>,
    },
    /// Say that a finding is known.
    Acknowledge(FindingKey, Acknowledged),
}

/// A change that was made.
#[derive(Clone, Debug)]
pub struct Done {
    /// What is known after it.
    pub context: RequestContext,
    /// Of a refresh: whether the source was collected for it.
    pub collected: bool,
}

/// A change that was not made, or was made and is not yet known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// The audit log did not take the attempt.
    NotWrittenDown,
    /// It cannot be kept, and why.
    Invalid(String),
    /// What it needs did not answer, and why.
    Unavailable(String),
}
