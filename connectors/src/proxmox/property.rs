//! Proxmox' property strings: `virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20`, `ip=10.0.0.5/24,gw=10.0.0.1`, `1,type=virtio`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use schema::Mac;
use schema::address::canonical;
use serde_json::Value;

use super::wire;

/// What is read of a guest's configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct GuestConfig {
    /// By their number: `net0` first, `net10` after `net2`.
    pub(super) nics: Vec<NicConfig>,
    /// QEMU's guest agent is enabled.
    pub(super) agent: bool,
    /// `netN` and `ipconfigN` that cannot be read, and why; never what stands there.
    pub(super) unread: Vec<String>,
}

/// One `netN`, with the `ipconfigN` that goes with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct NicConfig {
    pub(super) name: String,
    pub(super) mac: Option<Mac>,
    pub(super) bridge: Option<String>,
    pub(super) vlan_tag: Option<u16>,
    /// Addresses that are written down: in `netN` of a container, in `ipconfigN` of a virtual machine.
    pub(super) addresses: Vec<IpAddr>,
    /// An address is to come from DHCP or router advertisements.
    pub(super) dynamic: bool,
}

impl GuestConfig {
    pub(super) fn read(config: &wire::Config) -> Self {
        let text = |key: &str| config.get(key).map(as_text);
        let mut numbers: Vec<u32> = config.keys().filter_map(|key| numbered(key, "net")).collect();
        numbers.sort_unstable();
        let mut read =
            Self { agent: text("agent").is_some_and(|text| agent_enabled(&text)), ..Self::default() };
        for number in numbers {
            let name = format!("net{number}");
            let mut nic = NicConfig { name: name.clone(), ..NicConfig::default() };
            let lines = [text(&name), text(&format!("ipconfig{number}"))];
            let mut problems = Vec::new();
            for line in lines.iter().flatten() {
                problems.extend(nic.take(line));
            }
            read.unread.extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
            read.nics.push(nic);
        }
        read
    }
}

impl NicConfig {
    /// Takes in one property string; returns what could not be read of it.
    fn take(&mut self, line: &str) -> Vec<&'static str> {
        let mut problems = Vec::new();
        for (key, value) in pairs(line) {
            match key {
                "bridge" => self.bridge = Some(value.to_owned()),
                "tag" => match value.parse::<u16>() {
                    Ok(tag) if (1..=4094).contains(&tag) => self.vlan_tag = Some(tag),
                    _ => problems.push("its VLAN tag is no number from 1 to 4094"),
                },
                "ip" | "ip6" => match value {
                    "dhcp" | "auto" => self.dynamic = true,
                    "manual" | "" => {}
                    _ => match address(value) {
                        Some(address) => self.addresses.push(address),
                        None => problems.push("its address is no address"),
                    },
                },
                // Of a virtual machine the key is the model: virtio=MAC, e1000=MAC, ...
                "hwaddr" | "macaddr" => match value.parse() {
                    Ok(mac) => self.mac = Some(mac),
                    Err(_) => problems.push("its MAC is no MAC"),
                },
                _ if self.mac.is_none() => self.mac = value.parse().ok(),
                _ => {}
            }
        }
        problems
    }
}

/// An address, with or without prefix length, in its one form.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let bare = text.parse::<IpAddr>().ok();
    bare.or_else(|| text.parse::<IpNet>().ok().map(|net| net.addr())).map(canonical)
}

/// Tags are separated by `;`, by older versions by `,` or blanks.
pub(super) fn tags(text: &str) -> Box<[Box<str>]> {
    text.split([';', ',', ' ']).filter(|tag| !tag.is_empty()).map(Into::into).collect()
}

/// `agent` is `1`, `enabled=1,fstrim_cloned_disks=1`, `1,type=virtio`; 0 or absent: not enabled.
fn agent_enabled(text: &str) -> bool {
    let mut parts = text.split(',').map(str::trim);
    let first = parts.clone().next().unwrap_or_default();
    let enabled = parts.find_map(|part| part.strip_prefix("enabled=")).unwrap_or(first);
    matches!(enabled, "1" | "yes" | "on" | "true")
}

fn pairs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split(',').filter_map(|part| part.split_once('=')).map(|(key, value)| (key.trim(), value.trim()))
}

/// The number in `net12`.
fn numbered(key: &str, prefix: &str) -> Option<u32> {
    let digits = key.strip_prefix(prefix)?;
    let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "1".to_owned(),
        other => other.to_string(),
    }
}

/// The interfaces by MAC; of several that share one (VLANs and bridges on top of an interface) all addresses count.
pub(super) fn addresses_by_mac(interfaces: &[wire::Interface]) -> BTreeMap<Mac, Vec<IpAddr>> {
    let mut found: BTreeMap<Mac, Vec<IpAddr>> = BTreeMap::new();
    for interface in interfaces {
        let mac = interface.hardware_address.as_ref().or(interface.hwaddr.as_ref());
        let Some(mac) = mac.and_then(|mac| mac.parse::<Mac>().ok()) else { continue };
        let listed = interface.ip_addresses.iter().flatten().filter_map(|one| one.ip_address.as_deref());
        let single = interface.inet.iter().chain(&interface.inet6).map(String::as_str);
        let known = found.entry(mac).or_default();
        for address in listed.chain(single).filter_map(address) {
            if !known.contains(&address) {
                known.push(address);
            }
        }
    }
    found
}
