//! What a proxy can do besides forwarding one name to one place.

use super::{EDGE, INNER, to_guests};
use crate::world::generate::Draft;
use crate::world::{DeadHost, Forward, GuestAt, Location, Redirection};

pub(super) fn add(draft: &mut Draft) {
    let app = draft.proxies[EDGE].proxy_hosts[0].forward.clone();
    let wiki = draft.proxies[EDGE].proxy_hosts[1].forward.clone();
    several(draft, &app, &wiki);
    locations(draft, &app, &wiki);
    redirections(draft);
    draft.add_host(EDGE, &["old.example.org"], app).enabled = false;
    draft.case("disabled-host", "configured, and serves nothing", &["old.example.org"]);
    let names = vec!["gone.example.org".to_owned()];
    let dead = DeadHost { id: 1, domain_names: names, enabled: true, certificate: None };
    draft.proxies[EDGE].dead_hosts.push(dead);
    draft.case("dead-host", "answers 404 by intent", &["gone.example.org"]);
}

fn several(draft: &mut Draft, app: &Forward, wiki: &Forward) {
    draft.add_host(EDGE, &["clash.example.org"], app.clone());
    draft.add_host(EDGE, &["clash.example.org"], wiki.clone());
    draft.case("name-at-two-hosts", "two enabled hosts of one proxy claim it", &["clash.example.org"]);
    draft.add_host(EDGE, &["split.example.org"], app.clone());
    let inner = GuestAt { cluster: 1, vmid: 100 };
    let address = draft.guest(inner).nics[0].addresses[0];
    draft.add_host(INNER, &["split.example.org"], to_guests(address, 81, vec![inner]));
    draft.case("split-horizon", "two proxies bear the name", &["split.example.org"]);
    draft.add_host(EDGE, &["*.apps.example.org"], wiki.clone());
    draft.case("wildcard", "a wildcard is kept as such", &["*.apps.example.org"]);
    draft.add_host(EDGE, &["Intranet.Example.org", "intra.example.org"], wiki.clone());
    draft.case(
        "several-names",
        "one host bears two names, one in mixed case",
        &["intranet.example.org", "intra.example.org"],
    );
}

fn locations(draft: &mut Draft, app: &Forward, wiki: &Forward) {
    let location = |path: &str, forward: &Forward, forward_path: &str| Location {
        path: path.into(),
        forward: forward.clone(),
        forward_path: forward_path.into(),
    };
    let other_port = Forward { port: 9090, ..app.clone() };
    draft.add_host(EDGE, &["portal.example.org"], app.clone()).locations = vec![
        location("/wiki", wiki, ""),
        location("/metrics", &other_port, "/v2"),
        location("/static", app, ""),
    ];
    draft.case(
        "locations",
        "two locations have targets of their own, a third has its host's",
        &["portal.example.org", "portal.example.org/wiki", "portal.example.org/metrics"],
    );
}

fn redirections(draft: &mut Draft) {
    for (name, target) in [
        ("www.example.org", "app.example.org"),
        ("home.example.org", "www.example.org"),
        ("far.example.org", "twin.example.org"),
        ("loop-a.example.org", "loop-b.example.org"),
        ("loop-b.example.org", "loop-a.example.org"),
        ("away.example.org", "www.example.net"),
        ("retired.example.org", "old.example.org"),
        ("port.example.org", "App.example.org:443"),
    ] {
        let redirections = &mut draft.proxies[EDGE].redirections;
        redirections.push(Redirection {
            id: u32::try_from(redirections.len()).unwrap_or(0) + 1,
            domain_names: vec![name.to_owned()],
            enabled: true,
            target: target.to_owned(),
            code: 301,
            certificate: None,
        });
    }
    draft.case("redirection", "it goes on at another name", &["www.example.org", "port.example.org"]);
    draft.case("redirection-chain", "at a name that is a redirection", &["home.example.org"]);
    draft.case("redirection-elsewhere", "at a name of another proxy", &["far.example.org"]);
    draft.case("redirection-loop", "two lead to each other", &["loop-a.example.org", "loop-b.example.org"]);
    draft.case("redirection-away", "at a name that no proxy bears", &["away.example.org"]);
    draft.case("redirection-to-disabled", "at a disabled host", &["retired.example.org"]);
}
