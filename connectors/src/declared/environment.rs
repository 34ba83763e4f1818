//! `*.conf` and `*.env`: lines `[export] KEY=value`, of which each IP literal is declared under the name KEY.

use std::net::IpAddr;
use std::sync::Arc;

use schema::fact::{AssignmentFact, IpRole, IpStatus, Seen};

use super::literal::{Word, word, words};
use super::parsed::{Parsed, reference};
use super::value::{self, Known, NoValue, name_length};

/// Bytes that the values of one file may have together, references followed.
const MOST_EXPANDED: usize = 8 << 20;
/// Longest name that is declared, and remembered for references.
const LONGEST_KEY: usize = 253;

/// Hosts and gateways name themselves by these: that no guest bears the address is as it should be.
const NOT_A_GUEST: &[&str] = &["PROXMOX_HOST_", "UDM_PRO_", "WAN_AGGREGATOR_"];

/// Reads a file; what is no assignment is passed over in silence.
pub(super) fn parse(file: &str, text: &str, network: &Arc<str>) -> Parsed {
    let mut parsed = Parsed::default();
    let mut known = Known::new();
    let mut expanded = 0;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let Some((key, rest)) = assignment(line) else { continue };
        let value = match value::read(rest, &known) {
            Ok(value) => value,
            Err(reason) => {
                // Later references see what a shell that we do not run would have put there: nothing that we know.
                known.remove(key);
                if reason == NoValue::TooLong {
                    parsed
                        .problem(number, "the value is longer than 64 KiB once its references are followed");
                }
                continue;
            }
        };
        expanded += value.len();
        if expanded > MOST_EXPANDED {
            parsed.problem(number, "the values so far have more than 8 MiB: what follows is not read");
            break;
        }
        for (position, address) in addresses(&value).into_iter().enumerate() {
            if !parsed.has_room(number) {
                return parsed;
            }
            parsed.assignments.push(declared(file, number, position, key, address, network));
        }
        known.insert(key.to_owned(), value);
    }
    parsed
}

/// `[export] KEY=`, and what stands behind it.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = match line.strip_prefix("export") {
        Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
        _ => line,
    };
    let length = name_length(line);
    let rest = line.get(length..)?.strip_prefix('=')?;
    (1..=LONGEST_KEY).contains(&length).then(|| (&line[..length], rest.trim_end()))
}

/// Each address once, in the order in which they stand.
fn addresses(value: &str) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for text in words(value) {
        if let Word::Address(address) = word(text)
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    found
}

fn declared(
    file: &str,
    line: usize,
    position: usize,
    key: &str,
    address: IpAddr,
    network: &Arc<str>,
) -> AssignmentFact {
    let says = |word: &str| key.split('_').any(|part| part.eq_ignore_ascii_case(word));
    AssignmentFact {
        reference: reference(file, line, position),
        address,
        network: network.clone(),
        hostname: Some(key.into()),
        vmid: None,
        cluster: None,
        mac: None,
        vlan: None,
        owner_team: None,
        service: None,
        role: if says("VIP") {
            IpRole::Vip
        } else if says("ANYCAST") {
            IpRole::Anycast
        } else {
            IpRole::Host
        },
        status: IpStatus::Active,
        declared_in: reference(file, line, 0),
        version: 1,
        not_a_guest: key == "NETWORK_GATEWAY" || NOT_A_GUEST.iter().any(|prefix| key.starts_with(prefix)),
        seen: Seen::default(),
    }
}
