//! Proxmox VE's API as a simulated cluster answers it: one server for each of its API addresses, HTTPS, API tokens.
//!
//! Statuses, reason phrases and error bodies are those of Proxmox' own HTTP server: 401 has its text in the reason phrase
//! alone, a missing guest is 500, an unknown path or method 501, a dead node 595, an unknown one 596.

mod cluster;
mod guest;
mod interfaces;
mod node;
mod query;
mod reply;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{Method, Request, Response, header};
use schema::Timestamp;
use schema::fact::{GuestKind, GuestStatus};

use crate::world::{Ask, Cluster, Guest, Node, Sample, Simulator, Upstream, World};

use self::reply::Refusal;

/// How Proxmox VE is simulated.
pub(crate) const SIMULATOR: Simulator = Simulator { upstreams, answer, samples };

/// Where the API begins; whatever lies outside is the web pages', which are not simulated.
const ROOT: &str = "/api2/json";

/// What an answer is made from.
struct At<'a> {
    world: &'a World,
    cluster: &'a Cluster,
    /// The node whose server was asked.
    server: &'a str,
    now: Timestamp,
}

fn upstreams(world: &World) -> Vec<Upstream> {
    world.clusters.iter().flat_map(servers).collect()
}

fn servers(cluster: &Cluster) -> impl Iterator<Item = Upstream> {
    let variable = format!("{}_TOKEN", cluster.source.to_uppercase().replace('-', "_"));
    let token = format!("{}={}", cluster.token.id, cluster.token.secret);
    let configuration = vec![
        format!("token = {{ env = \"{variable}\" }}"),
        format!("cloud = \"{}\"", cluster.cloud),
        format!("environment = \"{}\"", cluster.environment),
        format!("network = \"{}\"", cluster.network),
    ];
    cluster.api.iter().map(move |server| Upstream {
        name: server.name.clone(),
        source: cluster.source.clone(),
        tls: true,
        configuration: configuration.clone(),
        environment: vec![(variable.clone(), token.clone())],
    })
}

fn answer(ask: &Ask<'_>) -> Response<Bytes> {
    reply::response(respond(ask))
}

fn respond(ask: &Ask<'_>) -> Result<Vec<u8>, Refusal> {
    let cluster = ask.world.cluster(&ask.upstream.source).ok_or_else(Refusal::unreachable)?;
    let server = cluster.api.iter().find(|server| server.name == ask.upstream.name);
    let server = server.map_or("", |server| server.node.as_str());
    if cluster.node(server).is_some_and(|(_, node)| !node.online) {
        return Err(Refusal::unreachable());
    }
    let path = ask.request.uri().path();
    let Some(path) = path.strip_prefix(ROOT) else {
        return Err(Refusal::no_file(path));
    };
    let method = ask.request.method();
    if path == "/access/ticket" && method == Method::POST {
        return Err(Refusal::ticket());
    }
    authenticate(ask.request, cluster)?;
    let at = At { world: ask.world, cluster, server, now: ask.now };
    if method != Method::GET {
        return Err(Refusal::not_implemented(method, path));
    }
    route(&at, path, ask.request.uri().query())
}

/// Proxmox takes a ticket, which is not simulated, or an API token.
fn authenticate(request: &Request<Bytes>, cluster: &Cluster) -> Result<(), Refusal> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = header.and_then(|value| value.strip_prefix("PVEAPIToken=")) else {
        let ticket = request.headers().get(header::COOKIE).and_then(|value| value.to_str().ok());
        let ticket = ticket.is_some_and(|cookie| cookie.contains("PVEAuthCookie="));
        return Err(Refusal::unauthorized(if ticket {
            "permission denied - invalid PVE ticket".to_owned()
        } else {
            "No ticket".to_owned()
        }));
    };
    let (id, secret) = token.split_once('=').unwrap_or((token, ""));
    let (user, name) = id.split_once('!').unwrap_or((id, ""));
    let (right_user, right_name) = cluster.token.id.split_once('!').unwrap_or((&cluster.token.id, ""));
    if user != right_user {
        Err(Refusal::unauthorized(format!("no such user ('{user}')")))
    } else if name != right_name {
        Err(Refusal::unauthorized(format!("no such token '{name}' for user '{user}'")))
    } else if secret != cluster.token.secret {
        Err(Refusal::unauthorized("invalid token value!".to_owned()))
    } else {
        Ok(())
    }
}

fn route(at: &At<'_>, path: &str, query: Option<&str>) -> Result<Vec<u8>, Refusal> {
    let unknown = || Refusal::not_implemented(&Method::GET, path);
    let mut steps = path.split('/').skip(1);
    let mut next = || steps.next();
    match (next(), next(), next(), next(), next(), next(), next()) {
        (Some("version"), None, ..) => {
            query::only(query, &[])?;
            cluster::version(at)
        }
        (Some("cluster"), Some("status"), None, ..) => {
            query::only(query, &[])?;
            cluster::status(at)
        }
        (Some("cluster"), Some("resources"), None, ..) => cluster::resources(at, query),
        (Some("access"), Some("permissions"), None, ..) => cluster::permissions(at, query),
        (Some("nodes"), None, ..) => {
            query::only(query, &[])?;
            cluster::nodes(at)
        }
        (
            Some("nodes"),
            Some(name),
            Some(list @ ("version" | "status" | "network" | "qemu" | "lxc")),
            None,
            ..,
        ) => {
            let (number, node) = live_node(at, name)?;
            match list {
                "network" => node::network(at, node, query),
                "qemu" => {
                    guest::list(at, number, GuestKind::Qemu, query::only(query, &["full"])?.has("full"))
                }
                "lxc" => query::only(query, &[]).and_then(|_| guest::list(at, number, GuestKind::Lxc, false)),
                other => {
                    query::only(query, &[])?;
                    if other == "status" { node::status(at, node) } else { cluster::version(at) }
                }
            }
        }
        (Some("nodes"), Some(name), Some(kind @ ("qemu" | "lxc")), Some(vmid), Some(part), last, None) => {
            let (number, _) = live_node(at, name)?;
            let kind = if kind == "qemu" { GuestKind::Qemu } else { GuestKind::Lxc };
            let what = guest::What::of(kind, part, last).ok_or_else(unknown)?;
            let vmid = query::vmid(vmid)?;
            what.check(query)?;
            let found = at.cluster.guest(vmid).filter(|guest| guest.node == number && guest.kind == kind);
            let guest = found.ok_or_else(|| Refusal::no_guest(name, kind, vmid))?;
            guest::answer(at, guest, what)
        }
        _ => Err(unknown()),
    }
}

/// A request about a node goes to that node; what happens then is up to it.
fn live_node<'a>(at: &At<'a>, name: &str) -> Result<(usize, &'a Node), Refusal> {
    match at.cluster.node(name) {
        None => Err(Refusal::no_node(name)),
        Some((_, node)) if !node.online => Err(Refusal::unreachable()),
        Some(found) => Ok(found),
    }
}

impl At<'_> {
    /// Seconds since it was started; none where it does not run.
    fn uptime(&self, guest: &Guest) -> u64 {
        if self.active(guest) { self.now.since(guest.started_at).as_secs() } else { 0 }
    }

    /// It has a process: a paused machine has one too.
    fn active(&self, guest: &Guest) -> bool {
        matches!(self.cluster.status_of(guest), GuestStatus::Running | GuestStatus::Paused)
    }

    /// Before version 9 errors stand in the reason phrase alone, and some rights and fields have other names.
    fn before_nine(&self) -> bool {
        before_nine(self.cluster)
    }
}

fn before_nine(cluster: &Cluster) -> bool {
    cluster.version.starts_with("8.") || cluster.version.starts_with("7.")
}

fn samples(world: &World) -> Vec<Sample> {
    let mut samples = Vec::new();
    for cluster in &world.clusters {
        let Some(upstream) = servers(cluster).next() else { continue };
        let mut paths = vec![
            "/version".to_owned(),
            "/cluster/status".to_owned(),
            "/cluster/resources".to_owned(),
            "/cluster/resources?type=vm".to_owned(),
            "/access/permissions".to_owned(),
            "/nodes".to_owned(),
        ];
        for (number, node) in cluster.nodes.iter().enumerate().filter(|(_, node)| node.online) {
            let name = &node.name;
            for part in ["version", "status", "network", "qemu", "qemu?full=1", "lxc"] {
                paths.push(format!("/nodes/{name}/{part}"));
            }
            for guest in cluster.guests.iter().filter(|guest| guest.node == number) {
                paths.extend(guest::sample_paths(before_nine(cluster), name, guest));
            }
        }
        let token = format!("PVEAPIToken={}={}", cluster.token.id, cluster.token.secret);
        for path in paths {
            let request = Request::get(format!("{ROOT}{path}"))
                .header(header::AUTHORIZATION, &token)
                .body(Bytes::new());
            samples.extend(request.ok().map(|request| (upstream.clone(), request)));
        }
    }
    samples
}
