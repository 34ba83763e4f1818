//! The enumerations of the joined chain.

use super::enumeration;

enumeration! {
    /// What a host of a proxy does.
    ProxyKind = "schema::fact::ProxyKind" {
        Proxy,
        Redirection,
        Dead,
        Stream,
    }
}

enumeration! {
    /// Why a guest has no address.
    IpReason = "schema::fact::IpReason" {
        /// The guest agent is not enabled in the configuration.
        AgentOff,
        /// It is enabled and silent.
        AgentError,
        Stopped,
        DhcpUnknown,
        NoPermission,
    }
}

enumeration! {
    /// A virtual machine or a container.
    GuestKind = "schema::fact::GuestKind" {
        Qemu,
        Lxc,
    }
}

enumeration! {
    /// Proxmox' word for a guest.
    GuestStatus = "schema::fact::GuestStatus" {
        Running,
        Stopped,
        Paused,
        Suspended,
        Unknown,
    }
}

enumeration! {
    /// Whence an interface's address is known; the best rule of each interface counts alone.
    AddressOrigin = "schema::fact::AddressOrigin" {
        GuestAgent,
        ContainerInterfaces,
        StaticConfig,
        ClientTable,
        CloudInit,
        Declared,
    }
}

enumeration! {
    /// Proxmox' word for a hypervisor.
    NodeStatus = "schema::fact::NodeStatus" {
        Online,
        Offline,
        Unknown,
    }
}

enumeration! {
    /// What became of a path: the first that holds of AMBIGUOUS, BROKEN, COMPLETE, PARTIAL.
    PathState = "schema::view::PathState" {
        Complete,
        Partial,
        Broken,
        Ambiguous,
    }
}

enumeration! {
    /// The five hops of a path, in order.
    HopKind = "schema::view::HopKind" {
        ProxyHost,
        Address,
        Guest,
        Node,
        SwitchPort,
    }
}

enumeration! {
    /// What became of a hop.
    HopState = "schema::view::HopState" {
        Resolved,
        Missing,
        Ambiguous,
        Overridden,
    }
}

enumeration! {
    /// The rules of the join.
    JoinRule = "schema::view::JoinRule" {
        DomainName,
        Location,
        Redirection,
        Stream,
        PortForward,
        LiteralAddress,
        GuestName,
        NodeName,
        DeclaredName,
        GuestAgent,
        ContainerInterfaces,
        StaticConfig,
        ClientTable,
        CloudInit,
        Declared,
        NodeAddress,
        Vip,
        Placement,
        Lldp,
        NodeClient,
        AgentMac,
        GuestMacs,
        PortMap,
        ClientPort,
        Override,
        /// What a MISSING hop looked for, in detail.
        NotFound,
    }
}
