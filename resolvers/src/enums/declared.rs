//! The enumerations of declared truth, drift and billing, and those by which lists are ordered.

use super::enumeration;

enumeration! {
    /// Whether a VLAN is in use.
    VlanState = "schema::fact::VlanState" {
        Current,
        Planned,
        Retired,
    }
}

enumeration! {
    /// What an address is for. VIP and ANYCAST may stand on several machines.
    IpRole = "schema::fact::IpRole" {
        Host,
        Vip,
        Anycast,
        Gateway,
        Infrastructure,
    }
}

enumeration! {
    /// Whether an assignment is in force.
    IpStatus = "schema::fact::IpStatus" {
        Active,
        Reserved,
        Deprecated,
        Migrating,
    }
}

enumeration! {
    /// The rules of drift.
    DriftKind = "schema::drift::DriftKind" {
        DuplicateGuestIp,
        DuplicateMac,
        GuestIpNotDeclared,
        DeclaredIpNotOnGuest,
        VmidIpMismatch,
        GuestOnlyDeclared,
        GuestOnlyLive,
        UpstreamWithoutGuest,
        UpstreamGuestStopped,
        HostnameUpstreamMismatch,
        CertificateExpiring,
        PortMapMismatch,
        VlanMismatch,
        OwnerConflict,
    }
}

enumeration! {
    /// Where a finding stands. Missing data never resolves one: it becomes UNKNOWN.
    FindingState = "schema::drift::FindingState" {
        Open,
        Acknowledged,
        Resolved,
        Unknown,
    }
}

enumeration! {
    /// How bad something is.
    Severity = "schema::drift::Severity" {
        Info,
        Warning,
        Error,
    }
}

enumeration! {
    /// The state of a subscription.
    EntitlementStatus = "schema::fact::EntitlementStatus" {
        Trialing,
        Active,
        PastDue,
        Paused,
        Incomplete,
        Canceled,
        Expired,
        Unpaid,
    }
}

enumeration! {
    /// What paths are ordered by.
    PathOrderField {
        Hostname,
        Address,
        Vmid,
        Node,
        State,
    }
}

enumeration! {
    /// What guests are ordered by.
    GuestOrderField {
        Vmid,
        Name,
        Node,
        Status,
        CpuUsage,
        MemoryUsed,
    }
}

enumeration! {
    /// Which way a list runs.
    Direction {
        Asc,
        Desc,
    }
}
