//! How the address of a guest is known, and who else has it.

use schema::Mac;
use schema::fact::{GuestStatus, IpRole};

use super::{EDGE, Wanted, to, to_guests};
use crate::world::generate::Draft;
use crate::world::generate::clients::{Row, Sighting};
use crate::world::generate::draw::Draw;
use crate::world::generate::plan;
use crate::world::{Agent, ClientIs, Configured, InnerInterface, LeadsTo, Written};

pub(super) fn add(draft: &mut Draft, draw: &mut Draw) {
    known(draft, draw);
    not_running(draft, draw);
    shared(draft, draw);
    inner(draft, draw);
}

fn known(draft: &mut Draft, draw: &mut Draw) {
    draft.serve("app.example.org", 8080, Wanted::vm("app", 10), draw);
    draft.case("plain", "a VM whose agent answers, on a node heard by LLDP", &["app.example.org"]);
    draft.serve("wiki.example.org", 3000, Wanted::container("wiki", 11).on(0, 1), draw);
    draft.case("static-container", "its address is in its configuration", &["wiki.example.org"]);
    let dhcp = Wanted { configured: Configured::Dhcp, ..Wanted::container("chat", 12) };
    draft.serve("chat.example.org", 8065, dhcp.on(0, 2), draw);
    draft.case("dhcp-container", "only its interfaces tell its address", &["chat.example.org"]);
    for (case, says, name, guest, host, agent) in [
        ("agent-off", "a VM on DHCP, known by the client table alone", "print", "print", 13, Agent::Off),
        ("agent-silent", "its agent is enabled and does not run", "erp", "erp", 14, Agent::Silent),
        (
            "agent-unsupported",
            "its agent answers 200 with an error",
            "rdp",
            "windows",
            15,
            Agent::Unsupported,
        ),
    ] {
        let name = format!("{name}.example.org");
        draft.serve(&name, 8080, Wanted { agent, ..Wanted::vm(guest, host) }, draw);
        draft.case(case, says, &[&name]);
    }
    let cloud_init =
        Wanted { agent: Agent::Off, configured: Configured::Static, ..Wanted::vm("builder", 16) };
    let at = draft.serve("ci.example.org", 8080, cloud_init, draw);
    draft.sightings.insert(at, Sighting::Unseen);
    draft.case("cloud-init", "nothing but cloud-init's settings tells its address", &["ci.example.org"]);
    let at =
        draft.serve("ghost.example.org", 80, Wanted { agent: Agent::Off, ..Wanted::vm("ghost", 17) }, draw);
    draft.sightings.insert(at, Sighting::Unseen);
    draft.case("invisible", "it runs, and nothing tells its address", &["ghost.example.org"]);
    let six = draft.add_guest(Wanted::vm("six", 25), draw);
    draft.add_address(six, plan::address6(1, 25));
    let literal = format!("[{}]", plan::address6(1, 25));
    draft.add_host(EDGE, &["v6.example.org"], to(&literal, 80, LeadsTo::Guests(vec![six])));
    draft.case("ipv6", "the host leads to an IPv6 address", &["v6.example.org"]);
}

fn not_running(draft: &mut Draft, draw: &mut Draw) {
    let stopped = Wanted { status: GuestStatus::Stopped, ..Wanted::container("legacy", 18) };
    draft.serve("legacy.example.org", 80, stopped, draw);
    draft.case("stopped", "the guest is stopped", &["legacy.example.org"]);
    let (status, configured) = (GuestStatus::Paused, Configured::Static);
    draft.serve("paused.example.org", 80, Wanted { configured, status, ..Wanted::vm("paused", 19) }, draw);
    draft.case("paused", "the guest is paused", &["paused.example.org"]);
}

fn shared(draft: &mut Draft, draw: &mut Draw) {
    let new = draft.add_guest(Wanted::vm("files", 20), draw);
    let old = Wanted { status: GuestStatus::Stopped, ..Wanted::container("files-old", 20) };
    let old = draft.add_guest(old, draw);
    let address = plan::address(1, 20);
    draft.add_host(EDGE, &["files.example.org"], to_guests(address, 80, vec![new, old]));
    draft.case(
        "shared-with-stopped",
        "a stopped guest has the running one's address",
        &["files.example.org"],
    );

    let first = draft.add_guest(Wanted::vm("shop-a", 21), draw);
    let second = draft.add_guest(Wanted::vm("shop-b", 21).on(1, 0), draw);
    let address = plan::address(1, 21);
    draft.add_host(EDGE, &["shop.example.org"], to_guests(address, 80, vec![first, second]));
    draft.case("duplicate-address", "two running guests have one address", &["shop.example.org"]);

    let first = draft.add_guest(Wanted::vm("sso-a", 22), draw);
    let second = draft.add_guest(Wanted::vm("sso-b", 23).on(0, 1), draw);
    let vip = plan::address(1, 24);
    draft.add_address(first, vip);
    draft.add_address(second, vip);
    draft.add_host(EDGE, &["sso.example.org"], to(&vip, 8443, LeadsTo::Vip(vec![first, second])));
    draft.write_down(Written::Conf, vip, "KEYCLOAK_VIP", IpRole::Vip);
    let row = Row {
        mac: Mac([0, 0, 0x5e, 0, 1, 24]),
        address: Some(vip),
        hostname: None,
        vlan: 1,
        port: draft.clusters[0].nodes[0].active_port(),
        active: true,
        is: ClientIs::Other,
    };
    draft.enter(0, row, draw);
    draft.case("vip", "a virtual address on two guests, declared; its MAC is VRRP's", &["sso.example.org"]);
}

fn inner(draft: &mut Draft, draw: &mut Draw) {
    let worker = draft.serve("k8s.example.org", 443, Wanted::vm("k8s-1", 26), draw);
    let other = draft.add_guest(Wanted::vm("k8s-2", 27).on(0, 1), draw);
    for at in [worker, other] {
        let address = plan::address(172, 1);
        let docker = std::net::IpAddr::from([172, 17, 0, 1]);
        let everywhere = Mac([0xee; 6]);
        let guests = &mut draft.clusters[at.cluster].guests;
        let Some(guest) = guests.iter_mut().find(|guest| guest.vmid == at.vmid) else { continue };
        for (name, mac, address) in [
            ("docker0", Mac([0x02, 0x42, 0xac, 0x11, 0, 1]), docker),
            ("cali0a1b2c3d4e5", everywhere, address),
        ] {
            guest.inner.push(InnerInterface { name: name.into(), mac, address });
        }
    }
    draft.add_host(EDGE, &["docker.example.org"], to("172.17.0.1", 80, LeadsTo::Nothing));
    draft.case(
        "inner-address",
        "docker0 and cali interfaces repeat on every guest, one with the MAC ee:ee:ee:ee:ee:ee",
        &["k8s.example.org", "docker.example.org"],
    );
}
