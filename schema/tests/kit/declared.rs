//! Reads what people wrote down from text.

use schema::fact::*;

use super::{Line, parse};

/// `subnet CIDR [vlan=REF] [network=N]`
pub(super) fn subnet(line: &Line<'_>, seen: Seen) -> SubnetFact {
    SubnetFact {
        reference: line.word(1).into(),
        cidr: parse(line.word(1)),
        network: line.option("network").unwrap_or("default").into(),
        name: None,
        vlan: line.option("vlan").map(Box::from),
        environment: None,
        seen,
    }
}

/// `written REF VMID [name=N] [cluster=N] [in=PLACE]`
pub(super) fn guest(line: &Line<'_>, seen: Seen) -> DeclaredGuestFact {
    DeclaredGuestFact {
        reference: line.word(1).into(),
        vmid: parse(line.word(2)),
        cluster: line.option("cluster").map(Box::from),
        hostname: line.option("name").map(Box::from),
        declared_in: line.option("in").unwrap_or("plan").into(),
        seen,
    }
}

/// `vlan REF ID NAME [planned|retired]`
pub(super) fn vlan(line: &Line<'_>, seen: Seen) -> VlanFact {
    VlanFact {
        reference: line.word(1).into(),
        vlan_id: parse(line.word(2)),
        name: line.word(3).into(),
        state: match (line.flag("planned"), line.flag("retired")) {
            (true, _) => VlanState::Planned,
            (_, true) => VlanState::Retired,
            _ => VlanState::Current,
        },
        seen,
    }
}

/// `declared REF IP [name=N] [vmid=N] [cluster=N] [vlan=REF] [vip|anycast|gateway|infrastructure]
/// [reserved|deprecated|migrating] [notaguest] [in=PLACE] [network=N]`
pub(super) fn assignment(line: &Line<'_>, seen: Seen) -> AssignmentFact {
    let roles = [
        ("vip", IpRole::Vip),
        ("anycast", IpRole::Anycast),
        ("gateway", IpRole::Gateway),
        ("infrastructure", IpRole::Infrastructure),
    ];
    let statuses = [
        ("reserved", IpStatus::Reserved),
        ("deprecated", IpStatus::Deprecated),
        ("migrating", IpStatus::Migrating),
    ];
    AssignmentFact {
        reference: line.word(1).into(),
        address: parse(line.word(2)),
        network: line.option("network").unwrap_or("default").into(),
        hostname: line.option("name").map(Box::from),
        vmid: line.number("vmid"),
        cluster: line.option("cluster").map(Box::from),
        mac: None,
        vlan: line.option("vlan").map(Box::from),
        owner_team: None,
        service: None,
        role: roles.into_iter().find(|(word, _)| line.flag(word)).map_or_else(Default::default, |it| it.1),
        status: statuses
            .into_iter()
            .find(|(word, _)| line.flag(word))
            .map_or_else(Default::default, |it| it.1),
        declared_in: line.option("in").unwrap_or("plan").into(),
        version: 1,
        not_a_guest: line.flag("notaguest"),
        seen,
    }
}

/// `cable REF SWITCH PORT NODE [cluster=N]`
pub(super) fn cable(line: &Line<'_>, seen: Seen) -> PortMapFact {
    PortMapFact {
        reference: line.word(1).into(),
        switch: line.word(2).into(),
        port: parse(line.word(3)),
        node: line.word(4).into(),
        cluster: line.option("cluster").map(Box::from),
        panel: None,
        nic: None,
        lag: None,
        vlan: None,
        speed_mbps: None,
        declared_in: "cables".into(),
        seen,
    }
}
