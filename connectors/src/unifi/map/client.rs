//! Clients: what they have now, and where they hang, judged by who saw them last and not by flags that lag.

use schema::fact::{ClientFact, Seen};
use schema::{Facts, Mac, Timestamp, address};

use super::vlan::Vlans;
use super::{Problems, Reading};
use crate::unifi::wire;

/// By this much a switch's word may be older than the newest in the table and still be fresh. Switches report every 10
/// to 30 s; a table entry ages out of a switch after 300 s.
const FRESH_SECONDS: i64 = 300;

/// Maps clients. One without a MAC (it comes by VPN) is no machine on a port and is left out.
pub(super) fn map(
    clients: &Reading<wire::Client>,
    vlans: &Vlans<'_>,
    facts: &mut Facts,
    problems: &mut Problems,
) {
    problems.unread("client", &clients.list);
    // The controller's own clock, told by its newest word: ours may differ.
    let newest = clients.list.good.iter().filter_map(last_seen).max().unwrap_or_default();
    for client in &clients.list.good {
        let Some(written) = client.mac.as_deref() else { continue };
        match written.parse() {
            Ok(mac) => facts.clients.push(fact(client, mac, newest, clients.seen, vlans, problems)),
            Err(_) => problems.bad(format!("client {}", wire::printable(written)), "its MAC is none".into()),
        }
    }
}

fn fact(
    client: &wire::Client,
    mac: Mac,
    newest: i64,
    seen: Seen,
    vlans: &Vlans<'_>,
    problems: &mut Problems,
) -> ClientFact {
    let subject = format!("client {mac}");
    let wired = is_wired(client, newest);
    let port = client.sw_mac.as_deref().zip(client.sw_port).filter(|_| wired);
    let port = port.and_then(|(switch, port)| {
        let parsed = switch.parse().ok();
        if parsed.is_none() {
            let written = wire::printable(switch);
            problems.bad(subject.clone(), format!("its switch `{written}` is no MAC"));
        }
        Some((parsed?, port))
    });
    let ip = problems.address(&subject, client.ip.as_deref()).or_else(|| {
        let addresses = client.ipv6_addresses.iter().filter_map(|text| text.parse().ok());
        addresses.map(address::canonical).find(|ip| address::names_a_machine(*ip))
    });
    ClientFact {
        mac,
        address: ip,
        hostname: client.name.as_deref().or(client.hostname.as_deref()).map(Into::into),
        vlan: vlan(client, vlans),
        wired,
        port,
        last_seen: last_seen(client).map(Timestamp::from_seconds),
        seen,
    }
}

/// By cable, where a switch's word on its port is fresh and no access point has seen it later; else as the flag says.
/// A client that both saw at the same second is told by the flag: a switch sees all that an access point carries.
fn is_wired(client: &wire::Client, newest: i64) -> bool {
    let by_switch = client.seen_by_switch.filter(|_| client.sw_mac.is_some() && client.sw_port.is_some());
    let flag = client.is_wired.unwrap_or(client.ap_mac.is_none());
    match (by_switch, client.seen_by_access_point) {
        (Some(switch), Some(radio)) if switch != radio => switch > radio,
        (Some(switch), None) if newest.saturating_sub(switch) <= FRESH_SECONDS => true,
        (None, Some(radio)) if newest.saturating_sub(radio) <= FRESH_SECONDS => false,
        _ => flag,
    }
}

/// The latest of the several times at which something saw it.
fn last_seen(client: &wire::Client) -> Option<i64> {
    [client.last_seen, client.seen_by_switch, client.seen_by_access_point, client.seen_by_gateway]
        .into_iter()
        .flatten()
        .max()
}

/// The tag that was seen, else its network's VLAN, else what the gateway saw.
fn vlan(client: &wire::Client, vlans: &Vlans<'_>) -> Option<u16> {
    let seen = client.vlan.filter(|vlan| (1..=4094).contains(vlan));
    seen.or_else(|| vlans.of_network(client.network_id.as_deref()?))
        .or(client.gw_vlan.filter(|vlan| (1..=4094).contains(vlan)))
}
