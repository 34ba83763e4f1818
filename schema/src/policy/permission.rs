//! The permissions that the schema and the mutations ask for, by the names that policies and clients write.

/// A permission that nobody has heard of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no permission")]
pub struct UnknownPermission(pub String);

macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $permission:ident = $name:literal,)+) => {
        /// What somebody may want to do (docs/reference.md, Permissions), written `domain:verb`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission { $($(#[doc = $doc])+ $permission,)+ }

        impl Permission {
            /// All of them, in the order of their names.
            pub const ALL: &[Self] = &[$(Self::$permission),+];

            /// As it is written in policies, in the schema and in errors.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$permission => $name,)+ }
            }
        }
    };
}

permissions! {
    /// Invite, accept and revoke host agents.
    AgentAdmin = "agent:admin",
    /// See host agents.
    AgentRead = "agent:read",
    /// Read the audit log.
    AuditRead = "audit:read",
    /// See entitlements and invoices.
    BillingRead = "billing:read",
    /// Approve or reject a change.
    ChangeApprove = "change:approve",
    /// See changes and jobs.
    ChangeRead = "change:read",
    /// Ask for a change.
    ChangeRequest = "change:request",
    /// Report an event.
    EventWrite = "event:write",
    /// Resize a guest.
    GuestConfigure = "guest:configure",
    /// Make a guest.
    GuestCreate = "guest:create",
    /// Move a guest to another node.
    GuestMigrate = "guest:migrate",
    /// Start, stop and reboot a guest.
    GuestPower = "guest:power",
    /// Take a guest back to a snapshot.
    GuestRollback = "guest:rollback",
    /// Make a snapshot or a backup of a guest.
    GuestSnapshot = "guest:snapshot",
    /// See the fleet.
    InventoryRead = "inventory:read",
    /// Assign addresses, acknowledge drift, decide a hop by hand.
    IpamWrite = "ipam:write",
    /// Run a command on a node.
    NodeExec = "node:exec",
    /// Read a node's logs.
    NodeLogs = "node:logs",
    /// Publish and retire persisted operations.
    OperationPublish = "operation:publish",
    /// See organizations.
    OrganizationRead = "organization:read",
    /// Have a source collected now.
    SourceRefresh = "source:refresh",
}

impl Permission {
    /// The part before the colon.
    pub fn domain(self) -> &'static str {
        self.name().split_once(':').map_or(self.name(), |(domain, _)| domain)
    }

    /// Its position in [`Self::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }
}

impl std::str::FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|permission| permission.name() == name);
        found.ok_or_else(|| UnknownPermission(name.to_owned()))
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
