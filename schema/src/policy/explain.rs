//! Why somebody may or may not.

use std::fmt;
use std::sync::Arc;

use super::Grant;

/// A policy, as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Written {
    /// The file.
    pub file: Arc<str>,
    /// From 1.
    pub line: usize,
    /// Its annotation `@id`, where it has one.
    pub name: Option<String>,
    /// The policy or the rule.
    pub text: String,
}

/// `roles.cedar:4 (viewer)`
impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        self.name.as_ref().map_or(Ok(()), |name| write!(f, " ({name})"))
    }
}

/// One decision, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The answer.
    pub permitted: bool,
    /// Where permitted, the policies that permit; else those that forbid. Empty: none permits.
    pub decided_by: Vec<Written>,
    /// Policies that could not be evaluated, and why.
    pub errors: Vec<String>,
    /// It would be permitted with a second factor.
    pub lifted_by_second_factor: bool,
    /// What policies say of this principal and permission at any place.
    pub elsewhere: Vec<Grant>,
}
