//! The awkward cases, in every world by default and by the same names: what a joiner gets wrong first.

mod addresses;
mod forwards;
mod hosts;
mod names;
mod places;

use std::net::IpAddr;

use schema::fact::{GuestKind, GuestStatus, IpRole, IpStatus};

use super::generate::draw::Draw;
use super::generate::{Draft, guests, plan};
use super::{Agent, Assignment, Case, Configured, Forward, GuestAt, LeadsTo, ProxyHost, Written};

/// Adds them all. The proxies are there already, each on a guest of its own.
pub(super) fn add(draft: &mut Draft, draw: &mut Draw) {
    addresses::add(draft, draw);
    places::add(draft, draw);
    names::add(draft, draw);
    hosts::add(draft);
    forwards::add(draft, draw);
}

/// The proxy of the first network, at which nearly all cases are.
const EDGE: usize = 0;
/// The second proxy of the first network.
const INNER: usize = 1;

/// A guest that a case needs; what is not said is as of an ordinary virtual machine.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) cluster: usize,
    pub(super) node: usize,
    pub(super) kind: GuestKind,
    /// The last part of its address, 10.1.0.x; 0: none.
    pub(super) host: u32,
    pub(super) agent: Agent,
    pub(super) configured: Configured,
    pub(super) status: GuestStatus,
}

impl<'a> Wanted<'a> {
    /// A virtual machine on the first node of the first cluster, at 10.1.0.`host`, whose agent answers.
    pub(super) fn vm(name: &'a str, host: u32) -> Self {
        Self {
            name,
            cluster: 0,
            node: 0,
            kind: GuestKind::Qemu,
            host,
            agent: Agent::Answers,
            configured: Configured::Nothing,
            status: GuestStatus::Running,
        }
    }

    /// A container there, with a static address.
    pub(super) fn container(name: &'a str, host: u32) -> Self {
        let configured = Configured::Static;
        Self { kind: GuestKind::Lxc, agent: Agent::Off, configured, ..Self::vm(name, host) }
    }

    /// The same on another node.
    pub(super) fn on(self, cluster: usize, node: usize) -> Self {
        Self { cluster, node, ..self }
    }
}

impl Draft {
    /// Adds a guest; the first of each cluster has VMID 100.
    pub(super) fn add_guest(&mut self, wanted: Wanted<'_>, draw: &mut Draw) -> GuestAt {
        let vmid = 100 + u32::try_from(self.clusters[wanted.cluster].guests.len()).unwrap_or(0);
        let addresses = if wanted.host == 0 { Vec::new() } else { vec![plan::address(1, wanted.host)] };
        let nic = self.nic(1, addresses, wanted.configured);
        let mut guest = guests::bare(vmid, wanted.name.to_owned(), wanted.kind, wanted.node, vec![nic], draw);
        (guest.agent, guest.status) = (wanted.agent, wanted.status);
        self.clusters[wanted.cluster].guests.push(guest);
        GuestAt { cluster: wanted.cluster, vmid }
    }

    /// Adds an address to a guest's first interface.
    fn add_address(&mut self, at: GuestAt, address: IpAddr) {
        let guests = &mut self.clusters[at.cluster].guests;
        if let Some(guest) = guests.iter_mut().find(|guest| guest.vmid == at.vmid) {
            guest.nics[0].addresses.push(address);
        }
    }

    /// Adds an enabled host to a proxy.
    pub(super) fn add_host(&mut self, proxy: usize, names: &[&str], forward: Forward) -> &mut ProxyHost {
        let hosts = &mut self.proxies[proxy].proxy_hosts;
        let id = u32::try_from(hosts.len()).unwrap_or(0) + 1;
        hosts.push(ProxyHost {
            id,
            domain_names: names.iter().map(|name| (*name).to_owned()).collect(),
            enabled: true,
            forward,
            ssl_forced: true,
            certificate: None,
            access_list: None,
            locations: Vec::new(),
        });
        let last = hosts.len() - 1;
        &mut hosts[last]
    }

    /// A guest with a host of one name that leads to its address.
    fn serve(&mut self, name: &str, port: u16, wanted: Wanted<'_>, draw: &mut Draw) -> GuestAt {
        let at = self.add_guest(wanted, draw);
        self.add_host(EDGE, &[name], to_guests(plan::address(1, wanted.host), port, vec![at]));
        at
    }

    /// Writes an address down in the first network.
    fn write_down(&mut self, written: Written, address: IpAddr, name: &str, role: IpRole) -> &mut Assignment {
        self.write_down_in(0, written, address, name, role)
    }

    /// Writes an address down.
    pub(super) fn write_down_in(
        &mut self,
        site: usize,
        written: Written,
        address: IpAddr,
        name: &str,
        role: IpRole,
    ) -> &mut Assignment {
        let assignments = &mut self.sites[site].network.assignments;
        assignments.push(Assignment {
            written,
            address,
            hostname: Some(name.to_owned()),
            vmid: None,
            cluster: None,
            mac: None,
            owner_team: None,
            service: None,
            role,
            status: IpStatus::Active,
        });
        let last = assignments.len() - 1;
        &mut assignments[last]
    }

    /// Records a case.
    pub(super) fn case(&mut self, name: &'static str, says: &'static str, shows_at: &[&str]) {
        let shows_at = shows_at.iter().map(|at| (*at).to_owned()).collect();
        self.cases.push(Case { name, says, shows_at });
    }
}

/// Where a host leads: plain HTTP to an address or a name.
pub(super) fn to(host: &(impl ToString + ?Sized), port: u16, leads_to: LeadsTo) -> Forward {
    Forward { scheme: "http".into(), host: host.to_string(), port, leads_to }
}

/// Plain HTTP to the address of these guests.
pub(super) fn to_guests(address: IpAddr, port: u16, guests: Vec<GuestAt>) -> Forward {
    to(&address, port, LeadsTo::Guests(guests))
}
