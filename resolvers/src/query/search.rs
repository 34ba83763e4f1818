//! Search: by what people remember of a thing (a name, a VMID, an address, a MAC).

use crate::RequestContext;
use crate::filter::contains;
use crate::objects::{
    ClusterNode, Guest, Hostname, IpAddress, Many as _, Organization, ProxyHost, SearchHit, Switch,
};

/// How well a text is met; best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Met {
    Exactly,
    AtItsBeginning,
    Within,
}

/// The best hits, in the order of how well they meet the text, then of the types in the schema, then of their lists.
pub(super) fn search<'v>(context: &'v RequestContext, text: &str, first: usize) -> Vec<SearchHit<'v>> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut hits: Vec<(Met, SearchHit<'v>)> = Vec::new();
    let view = &context.view;
    let vmid: Option<u32> = text.parse().ok();
    let mac = text.parse().ok();
    for hostname in Hostname::all(context, view.hostnames().iter()) {
        hits.extend(met(hostname.name(), text).map(|met| (met, SearchHit::Hostname(hostname))));
    }
    for host in ProxyHost::all(context, view.proxy_hosts().iter()) {
        let borne = host.domain_names().into_iter().chain(host.forward_host());
        let named = borne.filter_map(|name| met(name, text)).min();
        hits.extend(named.map(|met| (met, SearchHit::ProxyHost(host))));
    }
    if could_be_an_address(text) {
        for address in IpAddress::all(context, view.addresses().iter()) {
            let found = met(&address.address().0.to_string(), text);
            hits.extend(found.map(|met| (met, SearchHit::IpAddress(address))));
        }
    }
    for guest in Guest::all(context, view.guests().iter()) {
        let fact = guest.fact();
        let numbered =
            vmid == Some(fact.vmid) || (mac.is_some() && fact.nics.iter().any(|nic| nic.mac == mac));
        let found = if numbered { Some(Met::Exactly) } else { met(&fact.name, text) };
        hits.extend(found.map(|met| (met, SearchHit::Guest(guest))));
    }
    for node in ClusterNode::all(context, view.nodes().iter()) {
        hits.extend(met(node.name(), text).map(|met| (met, SearchHit::ClusterNode(node))));
    }
    for switch in Switch::all(context, view.switches().iter()) {
        let found =
            if mac == Some(switch.fact().mac) { Some(Met::Exactly) } else { met(switch.name(), text) };
        hits.extend(found.map(|met| (met, SearchHit::Switch(switch))));
    }
    for organization in Organization::all(context, view.organizations().iter()) {
        hits.extend(met(organization.name(), text).map(|met| (met, SearchHit::Organization(organization))));
    }
    hits.sort_by_key(|(met, _)| *met);
    hits.into_iter().take(first).map(|(_, hit)| hit).collect()
}

fn met(name: &str, text: &str) -> Option<Met> {
    let beginning = name.as_bytes().get(..text.len());
    if beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(text.as_bytes())) {
        return Some(if name.len() == text.len() { Met::Exactly } else { Met::AtItsBeginning });
    }
    contains(name, text).then_some(Met::Within)
}

/// Addresses are put into words only for a text that could be part of one.
fn could_be_an_address(text: &str) -> bool {
    text.contains(['.', ':'])
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'))
}
