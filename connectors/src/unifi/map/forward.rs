//! Port forwards of the gateway.

use schema::Facts;
use schema::fact::{PortForwardFact, Protocol};

use super::{Problems, Reading};
use crate::unifi::wire::{self, PortForward};

/// Maps port forwards. One whose ports cannot be read forwards we know not what, and is a problem; one that leads to
/// something that is no address (a name, nothing at all) is kept without it.
pub(super) fn map(forwards: &Reading<PortForward>, facts: &mut Facts, problems: &mut Problems) {
    problems.unread("port forward", &forwards.list);
    for forward in &forwards.list.good {
        let name = forward.name.as_deref().unwrap_or(&forward.id);
        let subject = format!("port forward {}", wire::printable(name));
        let (Some(protocol), Some(public_port)) =
            (protocol(forward.proto.as_deref()), ports(forward.dst_port.as_deref()))
        else {
            problems.bad(subject, "its protocol or public port cannot be read".into());
            continue;
        };
        let Some(forward_port) =
            forward.fwd_port.as_deref().map_or(Some(public_port.clone()), |text| ports(Some(text)))
        else {
            problems.bad(subject, "the port that it leads to cannot be read".into());
            continue;
        };
        if forward.fwd.is_none() {
            problems.bad(subject.clone(), "it leads to no address".into());
        }
        facts.port_forwards.push(PortForwardFact {
            reference: forward.id.as_str().into(),
            name: forward.name.as_deref().map(Into::into),
            enabled: forward.enabled != Some(false),
            protocol,
            public_port,
            forward_address: problems.address(&subject, forward.fwd.as_deref()),
            forward_port,
            seen: forwards.seen,
        });
    }
}

fn protocol(word: Option<&str>) -> Option<Protocol> {
    match word {
        Some("tcp") => Some(Protocol::Tcp),
        Some("udp") => Some(Protocol::Udp),
        Some("tcp_udp") | None => Some(Protocol::TcpUdp),
        Some(_) => None,
    }
}

/// A port, a list or a range, without the blanks that people put between: `80, 443` is `80,443`.
fn ports(text: Option<&str>) -> Option<Box<str>> {
    let items = text?.split(',').map(|item| {
        let mut ends = item.split('-').map(|end| end.trim().parse::<u16>().ok().filter(|port| *port > 0));
        match (ends.next()??, ends.next(), ends.next()) {
            (port, None, _) => Some(port.to_string()),
            (first, Some(last), None) => {
                last.filter(|last| first <= *last).map(|last| format!("{first}-{last}"))
            }
            _ => None,
        }
    });
    Some(items.collect::<Option<Vec<_>>>()?.join(",").into())
}
