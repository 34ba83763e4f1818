//! Records of the settings: the site, networks, port profiles, port forwards.

use std::net::IpAddr;

use schema::fact::{Protocol, VlanState};
use serde_json::{Value, json};

use crate::world::{Network, Vlan};

/// The only site.
pub(super) fn site(network: &Network) -> Value {
    json!({
        "_id": network.controller.site_id, "name": network.controller.site, "desc": title(network),
        "attr_hidden_id": "default", "attr_no_delete": true, "role": "readonly"
    })
}

/// As people call the site.
pub(super) fn title(network: &Network) -> String {
    let mut name = network.name.clone();
    name[..1].make_ascii_uppercase();
    name
}

/// The networks that are on the controller; what is only planned, or gone, is not.
pub(super) fn in_use(network: &Network) -> impl Iterator<Item = &Vlan> {
    network.vlans.iter().filter(|vlan| vlan.state == VlanState::Current)
}

/// `rest/networkconf`
pub(super) fn networks(network: &Network) -> Vec<Value> {
    let site = &network.controller.site_id;
    let wan = json!({
        "_id": reference_of(network, "wan"), "site_id": site, "name": "Internet 1", "purpose": "wan",
        "wan_networkgroup": "WAN", "wan_type": "dhcp", "attr_no_delete": true, "attr_hidden_id": "WAN"
    });
    let own = in_use(network).map(|vlan| {
        let tagged = vlan.id != 1;
        let mut record = json!({
            "_id": vlan.reference, "site_id": site, "name": vlan.name, "purpose": "corporate", "enabled": true,
            "networkgroup": "LAN", "vlan_enabled": tagged,
            "ip_subnet": format!("{}/{}", router(vlan), vlan.cidr.prefix_len()),
            "dhcpd_enabled": true, "ipv6_interface_type": "none", "domain_name": "example.lan"
        });
        if tagged {
            record["vlan"] = json!(vlan.id);
        } else {
            record["attr_hidden_id"] = json!("LAN");
            record["attr_no_delete"] = json!(true);
        }
        record
    });
    std::iter::once(wan).chain(own).collect()
}

/// The gateway's address in a network, its first; the controller writes the network so.
fn router(vlan: &Vlan) -> IpAddr {
    vlan.cidr.hosts().next().unwrap_or(vlan.cidr.network())
}

/// `rest/portconf`: the one that ports have where nobody chose another.
pub(super) fn profiles(network: &Network) -> Vec<Value> {
    let native = in_use(network).find(|vlan| vlan.id == 1).map(|vlan| vlan.reference.as_str());
    vec![json!({
        "_id": reference_of(network, "portconf"), "site_id": network.controller.site_id, "name": "All",
        "forward": "all", "native_networkconf_id": native, "poe_mode": "auto", "op_mode": "switch",
        "autoneg": true, "attr_no_delete": true, "attr_no_edit": true, "attr_hidden_id": "All"
    })]
}

/// `rest/portforward`
pub(super) fn forwards(network: &Network) -> Vec<Value> {
    let forwards = network.port_forwards.iter().map(|forward| {
        json!({
            "_id": forward.reference, "site_id": network.controller.site_id, "name": forward.name,
            "enabled": forward.enabled, "proto": protocol(forward.protocol), "src": "any", "log": false,
            "pfwd_interface": "wan", "destination_ip": "any", "dst_port": forward.public_port,
            "fwd": forward.forward_address.to_string(), "fwd_port": forward.forward_port
        })
    });
    forwards.collect()
}

fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::TcpUdp => "tcp_udp",
    }
}

/// The `_id` of something that is on every controller and in no world.
pub(super) fn reference_of(network: &Network, what: &str) -> String {
    super::hex(&format!("{}\n{what}", network.controller.site_id))[..24].to_owned()
}
