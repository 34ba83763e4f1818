//! What a policy reads: how far a decision can be shared between callers and things.

use serde_json::Value;

/// Which attributes, besides the role set and the place, decide. A decision may be kept by exactly those.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of a key that is there or is not")]
pub struct Reads {
    /// Whether a second factor is proven.
    pub mfa: bool,
    /// The groups with their paths.
    pub groups: bool,
    /// Who it is.
    pub subject: bool,
    /// The principal's organization.
    pub organization: bool,
    /// Whom the thing belongs to.
    pub owner: bool,
}

impl Reads {
    /// Of a policy in Cedar's JSON form. What is in doubt counts as read: that costs a decision, never a wrong one.
    pub(super) fn of(policy: &Value) -> Self {
        let mut reads = Self::default();
        reads.walk(policy);
        reads
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            mfa: self.mfa | other.mfa,
            groups: self.groups | other.groups,
            subject: self.subject | other.subject,
            organization: self.organization | other.organization,
            owner: self.owner | other.owner,
        }
    }

    fn walk(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                match members.get("attr") {
                    Some(Value::String(name)) => self.attribute(name),
                    // `has a.b` names a path.
                    Some(Value::Array(names)) => {
                        for name in names.iter().filter_map(Value::as_str) {
                            self.attribute(name);
                        }
                    }
                    _ => {}
                }
                match members.get("type").and_then(Value::as_str) {
                    Some("User") => self.subject = true,
                    Some("Group") => self.groups = true,
                    _ => {}
                }
                members.values().for_each(|member| self.walk(member));
            }
            Value::Array(values) => values.iter().for_each(|value| self.walk(value)),
            _ => {}
        }
    }

    fn attribute(&mut self, name: &str) {
        match name {
            "mfa" => self.mfa = true,
            "groups" => self.groups = true,
            "organization" => self.organization = true,
            "owner" => self.owner = true,
            // Roles, and what is made of them; levels and groups of the place.
            _ => {}
        }
    }
}
