//! A finding: what was declared, what was found instead, and on whose word.

use std::sync::Arc;

use crate::{ObjectId, Timestamp};

/// One disagreement between what people wrote down and what is, or between two things that are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which kind and what about: the finding's identity across collections.
    pub key: FindingKey,
    /// How bad it is.
    pub severity: Severity,
    /// The object at whose place it counts, where there is one.
    pub about: Option<ObjectId>,
    /// The objects besides that its texts name; who may not see one of them is not shown the texts. `None` of a finding that
    /// is remembered from before they were kept.
    pub names: Option<Vec<ObjectId>>,
    /// What was written down.
    pub declared: Option<Box<str>>,
    /// What was found.
    pub observed: Option<Box<str>>,
    /// A sentence for people.
    pub message: Box<str>,
    /// The sources that it rests on, by name, in order; without their word it can neither be confirmed nor resolved.
    pub sources: Vec<Arc<str>>,
    /// The age of the oldest of them.
    pub seen: Timestamp,
}

/// What makes two findings the same one. Ordered by kind, then subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingKey {
    /// Which rule.
    pub kind: DriftKind,
    /// What it is about, in words that name it for good: `10.0.0.5 (default)`, `pve-lab/117`.
    pub subject: Box<str>,
}

impl FindingKey {
    /// The finding's id, as clients hold it.
    pub fn id(&self) -> ObjectId {
        ObjectId::DriftFinding { kind: self.kind.name().into(), subject: self.subject.clone() }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Will bite.
    Warning,
    /// Bites.
    Error,
}

macro_rules! drift_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal,)+) => {
        /// The rules of drift, each with the name that it has in the schema and in the database.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DriftKind { $($(#[doc = $doc])+ $kind,)+ }

        impl DriftKind {
            /// All of them, in the schema's order.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// Its name in the schema and in the database.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }
        }
    };
}

drift_kinds! {
    /// Two running guests hold one address that nobody declared to be shared.
    DuplicateGuestIp = "DUPLICATE_GUEST_IP",
    /// Two guests of one network are configured with one MAC.
    DuplicateMac = "DUPLICATE_MAC",
    /// A running guest holds an address that nobody wrote down.
    GuestIpNotDeclared = "GUEST_IP_NOT_DECLARED",
    /// Somebody wrote down an address that nothing bears.
    DeclaredIpNotOnGuest = "DECLARED_IP_NOT_ON_GUEST",
    /// The address is written down for one guest and held by another.
    VmidIpMismatch = "VMID_IP_MISMATCH",
    /// A guest is written down that no cluster has.
    GuestOnlyDeclared = "GUEST_ONLY_DECLARED",
    /// A cluster has a guest that nobody wrote down.
    GuestOnlyLive = "GUEST_ONLY_LIVE",
    /// A name is forwarded to an address that nothing bears.
    UpstreamWithoutGuest = "UPSTREAM_WITHOUT_GUEST",
    /// A name is forwarded to a guest that does not run.
    UpstreamGuestStopped = "UPSTREAM_GUEST_STOPPED",
    /// A name is written down at one address and forwarded to another.
    HostnameUpstreamMismatch = "HOSTNAME_UPSTREAM_MISMATCH",
    /// A certificate in use has ended or soon will.
    CertificateExpiring = "CERTIFICATE_EXPIRING",
    /// A node hangs on another port than the port map says.
    PortMapMismatch = "PORT_MAP_MISMATCH",
    /// A guest's interface is tagged for another VLAN than its address is written down in.
    VlanMismatch = "VLAN_MISMATCH",
    /// Two organizations claim one guest.
    OwnerConflict = "OWNER_CONFLICT",
}

impl std::str::FromStr for DriftKind {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name).ok_or(())
    }
}
