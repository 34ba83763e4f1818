//! The roles that come with the program, and what each may (docs/reference.md, Permissions).

use super::{Permission, Place, Principal};

/// What is permitted and forbidden; immutable, replaced whole.
#[derive(Clone, Debug)]
pub struct Policies {
    version: u64,
}

impl Policies {
    /// Those that come with the program.
    pub fn built_in() -> Self {
        Self { version: 0 }
    }

    /// Differs between any two sets that one process has held.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether a principal may do something at a place, to something that `owner` owns.
    pub fn permits(&self, who: &Principal, what: Permission, _at: &Place, _owner: Option<&str>) -> bool {
        use Permission as P;
        let domain = what.domain();
        who.roles.iter().any(|role| match &**role {
            "fleetgraph-reporter" => what == P::EventWrite,
            "fleetgraph-viewer" => what == P::InventoryRead,
            "fleetgraph-operator" => matches!(
                what,
                P::InventoryRead
                    | P::ChangeRead
                    | P::ChangeRequest
                    | P::SourceRefresh
                    | P::AgentRead
                    | P::GuestPower
                    | P::GuestSnapshot
                    | P::NodeLogs
            ),
            "fleetgraph-approver" => {
                matches!(what, P::InventoryRead | P::ChangeRead | P::ChangeApprove) || domain == "guest"
            }
            "fleetgraph-network" => matches!(what, P::InventoryRead | P::IpamWrite),
            "fleetgraph-billing" => matches!(what, P::InventoryRead | P::OrganizationRead | P::BillingRead),
            "fleetgraph-auditor" => matches!(what, P::InventoryRead | P::AuditRead | P::ChangeRead),
            "fleetgraph-publisher" => matches!(what, P::InventoryRead | P::OperationPublish),
            "sankofa-it-admin" => who.mfa || what == P::InventoryRead,
            _ => false,
        })
    }

    /// Whether the principal would be permitted with a second factor, and is not without.
    pub fn lifted_by_second_factor(
        &self,
        who: &Principal,
        what: Permission,
        at: &Place,
        owner: Option<&str>,
    ) -> bool {
        !who.mfa && self.permits(&Principal { mfa: true, ..who.clone() }, what, at, owner)
    }
}
