//! A table of VMIDs: one entry a row, with its addresses or without.

use std::sync::Arc;

use schema::fact::{AssignmentFact, DeclaredGuestFact, IpRole, IpStatus, Seen};

use super::literal::{Word, word, words};
use super::markdown::{Row, Table, says_nothing};
use super::parsed::{Parsed, reference};

/// What Proxmox accepts as a VMID.
const VMIDS: std::ops::RangeInclusive<u32> = 100..=999_999_999;

struct Columns {
    vmid: Option<usize>,
    address: Option<usize>,
    hostname: Option<usize>,
    cluster: Option<usize>,
    role: Option<usize>,
    status: Option<usize>,
}

/// Reads the table where it is one of VMIDs and addresses.
pub(super) fn read(file: &str, table: &Table, network: &Arc<str>, parsed: &mut Parsed) {
    let columns = Columns {
        vmid: table.column(&["vmid"]),
        address: table.column(&["ip", "ip address", "address"]),
        hostname: table.column(&["hostname", "name"]),
        cluster: table.column(&["cluster"]),
        role: table.column(&["role"]),
        status: table.column(&["status"]),
    };
    if columns.vmid.is_none() || columns.address.is_none() {
        return;
    }
    for row in &table.rows {
        read_row(file, row, &columns, network, parsed);
    }
}

fn read_row(file: &str, row: &Row, columns: &Columns, network: &Arc<str>, parsed: &mut Parsed) {
    let vmid = match row.said(columns.vmid) {
        None => None,
        Some(text) => match number(text) {
            Some(vmid) => Some(vmid),
            None => return parsed.problem(row.line, format!("{} is no VMID", shown(text))),
        },
    };
    let cell = row.cell(columns.address);
    let mut addresses = Vec::new();
    let mut unread = None;
    if !says_nothing(cell) {
        for text in words(cell) {
            match word(text) {
                Word::Address(address) if !addresses.contains(&address) => addresses.push(address),
                Word::Address(_) => {}
                Word::NoMachine | Word::Misspelt => unread = Some(text),
                // A remark beside an address is one; alone it should have been an address.
                Word::Other if says_nothing(text) => {}
                Word::Other => unread = unread.or(addresses.is_empty().then_some(text)),
            }
        }
    }
    if let Some(text) = unread.filter(|text| addresses.is_empty() || word(text) != Word::Other) {
        parsed.problem(row.line, format!("{} is no address of a machine", shown(text)));
    }
    if !parsed.has_room(row.line) {
        return;
    }
    let cluster = row.said(columns.cluster).map(Into::into).filter(|_| vmid.is_some());
    let hostname = row.said(columns.hostname).map(Into::into);
    let declared_in = reference(file, row.line, 0);
    if let (true, Some(vmid)) = (addresses.is_empty(), vmid) {
        // Also where the cell cannot be read: the guest is written down all the same.
        let (reference, seen) = (declared_in.clone(), Seen::default());
        parsed.guests.push(DeclaredGuestFact { reference, vmid, cluster, hostname, declared_in, seen });
        return;
    }
    for (position, address) in addresses.into_iter().enumerate() {
        if !parsed.has_room(row.line) {
            return;
        }
        parsed.assignments.push(AssignmentFact {
            reference: reference(file, row.line, position),
            address,
            network: network.clone(),
            hostname: hostname.clone(),
            vmid,
            cluster: cluster.clone(),
            mac: None,
            vlan: None,
            owner_team: None,
            service: None,
            role: role(row.cell(columns.role)),
            status: status(row.cell(columns.status)),
            declared_in: declared_in.clone(),
            version: 1,
            // Somebody wrote down that it has no VMID.
            not_a_guest: vmid.is_none(),
            seen: Seen::default(),
        });
    }
}

/// Digits alone: `parse` would take "+105".
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|vmid| plain && VMIDS.contains(vmid))
}

/// By the words of the cell. Tables also say "web server" there: whatever is no word of ours is one machine's.
fn role(cell: &str) -> IpRole {
    let says = |word: &str| spoken(cell).any(|spoken| spoken.eq_ignore_ascii_case(word));
    if says("vip") {
        IpRole::Vip
    } else if says("anycast") {
        IpRole::Anycast
    } else if says("gateway") {
        IpRole::Gateway
    } else if says("infrastructure") {
        IpRole::Infrastructure
    } else {
        IpRole::Host
    }
}

/// By the words of the cell. Tables also say "running" there: whatever is no word of ours is in force.
fn status(cell: &str) -> IpStatus {
    let says =
        |words: &[&str]| spoken(cell).any(|spoken| words.contains(&spoken.to_ascii_lowercase().as_str()));
    if says(&["migrating"]) {
        IpStatus::Migrating
    } else if says(&["deprecated", "decommissioned", "retired"]) {
        IpStatus::Deprecated
    } else if says(&["reserved", "planned"]) {
        IpStatus::Reserved
    } else {
        IpStatus::Active
    }
}

fn spoken(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(|letter: char| !letter.is_alphanumeric())
}

/// What was written, for a sentence: not all of it.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() { format!("\"{short}...\"") } else { format!("\"{short}\"") }
}
