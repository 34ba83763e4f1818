//! Hosts that lead to a name instead of an address.

use schema::fact::{GuestStatus, IpRole};

use super::{EDGE, Wanted, to};
use crate::world::generate::Draft;
use crate::world::generate::clients::Sighting;
use crate::world::generate::draw::Draw;
use crate::world::generate::plan;
use crate::world::{Agent, LeadsTo, NodeAt, Written};

pub(super) fn add(draft: &mut Draft, draw: &mut Draw) {
    let guest = draft.add_guest(Wanted::vm("grafana", 40), draw);
    draft.add_host(EDGE, &["metrics.example.org"], to("Grafana", 3000, LeadsTo::Guests(vec![guest])));
    draft.case("guest-name", "forward_host is a guest's name, in another case", &["metrics.example.org"]);

    let first = draft.add_guest(Wanted::vm("postgres", 41), draw);
    let second = draft.add_guest(Wanted::vm("postgres", 42).on(1, 0), draw);
    draft.add_host(EDGE, &["db.example.org"], to("postgres", 8081, LeadsTo::Guests(vec![first, second])));
    draft.case("ambiguous-name", "two running guests bear the name", &["db.example.org"]);

    let running = draft.add_guest(Wanted::vm("cms", 43), draw);
    let stopped = Wanted { status: GuestStatus::Stopped, ..Wanted::container("cms", 44) };
    let stopped = draft.add_guest(stopped, draw);
    draft.add_host(EDGE, &["cms.example.org"], to("cms", 80, LeadsTo::Guests(vec![running, stopped])));
    draft.case("name-of-running-and-stopped", "the running bearer wins", &["cms.example.org"]);

    draft.add_host(EDGE, &["lost.example.org"], to("no-such-host", 80, LeadsTo::Nothing));
    draft.case("unknown-name", "nothing here bears the name", &["lost.example.org"]);
    draft.add_host(EDGE, &["self.example.org"], to("127.0.0.1", 8080, LeadsTo::Nothing));
    draft.add_host(EDGE, &["localhost.example.org"], to("localhost", 8080, LeadsTo::Nothing));
    draft.case("loopback", "the proxy's own machine", &["self.example.org", "localhost.example.org"]);

    let node = NodeAt { cluster: 0, node: 1 };
    let name = draft.clusters[0].nodes[1].name.clone();
    draft.add_host(EDGE, &["console.example.org"], to(&name, 8006, LeadsTo::Node(node)));
    draft.case("node-name", "forward_host is a node's name", &["console.example.org"]);

    let fax = plan::address(0, 3 * 256 + 21);
    draft.write_down(Written::Ipam, fax, "fax-gateway", IpRole::Host);
    draft.add_host(EDGE, &["fax.example.org"], to("fax-gateway", 80, LeadsTo::Written(fax)));
    draft.case(
        "written-name",
        "the name is written down, and nothing bears its address",
        &["fax.example.org"],
    );

    let batch = draft.add_guest(Wanted { agent: Agent::Off, ..Wanted::vm("batch", 45) }, draw);
    draft.sightings.insert(batch, Sighting::Unseen);
    draft.add_host(EDGE, &["batch.example.org"], to("batch", 80, LeadsTo::Guests(vec![batch])));
    draft.case("name-without-address", "the bearer's address is unknown", &["batch.example.org"]);
}
