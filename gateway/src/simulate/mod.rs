//! The simulated upstreams as real HTTP and HTTPS servers, one port each. Knows no kind of source by name: everything it
//! needs of them is in the catalog.

mod answer;
mod control;
pub mod faults;
mod server;
mod state;
#[cfg(test)]
mod tests;
mod tls;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use connectors::CATALOG;
use connectors::world::{Upstream, World};
use tokio::task::JoinSet;

use crate::clock::Clock;
use answer::Served;
use faults::Fault;
use state::State;
use tls::SelfSigned;

/// Running servers; they end when this is dropped.
pub struct Simulation {
    /// Where faults are switched on and the world is shown.
    pub control: SocketAddr,
    /// The servers, in the order of their ports.
    pub servers: Vec<Server>,
    state: Arc<State>,
    _tasks: JoinSet<()>,
}

/// One running server.
#[derive(Clone, Debug)]
pub struct Server {
    /// What it simulates.
    pub upstream: Upstream,
    /// `kind =`.
    pub kind: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
    /// Of its certificate, where it speaks TLS.
    pub fingerprint: Option<String>,
}

/// Why a simulation did not start.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The control address, or a port above it, is taken.
    #[error("cannot listen on {address}: {source}; choose another --listen")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// The system's word.
        source: std::io::Error,
    },
    /// There are not that many ports above the address.
    #[error("{wanted} servers do not fit above port {port}; choose a lower one")]
    Ports {
        /// Servers, the control address included.
        wanted: usize,
        /// The lowest.
        port: u16,
    },
    /// No certificate could be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(rcgen::Error),
    /// The certificate that was made is not accepted.
    #[error("cannot use the certificate: {0}")]
    Tls(rustls::Error),
}

impl Simulation {
    /// Serves a world. The control address is `listen`, the servers are on the ports above it; port 0: all on free ports.
    pub async fn start(world: World, listen: SocketAddr, clock: Clock) -> Result<Self, SimulateError> {
        Self::serve(world, listen, clock, |upstream| upstream.tls).await
    }

    /// The same with every server over TLS, those too whose real ones speak plain HTTP by default.
    pub async fn start_over_tls(
        world: World,
        listen: SocketAddr,
        clock: Clock,
    ) -> Result<Self, SimulateError> {
        Self::serve(world, listen, clock, |_| true).await
    }

    async fn serve(
        world: World,
        listen: SocketAddr,
        clock: Clock,
        over_tls: impl Fn(&Upstream) -> bool,
    ) -> Result<Self, SimulateError> {
        let tls = SelfSigned::generate()?;
        let simulated: Vec<_> = CATALOG
            .iter()
            .filter_map(|kind| kind.simulator.as_ref().map(|simulator| (kind.name, simulator)))
            .flat_map(|(kind, simulator)| {
                (simulator.upstreams)(&world)
                    .into_iter()
                    .map(move |upstream| (kind, simulator.answer, upstream))
            })
            .collect();
        let addresses = addresses(listen, simulated.len() + 1)?;
        let state = Arc::new(State::new(world, clock));
        let mut tasks = JoinSet::new();
        let mut servers = Vec::with_capacity(simulated.len());
        for ((kind, answer, mut upstream), address) in simulated.into_iter().zip(addresses) {
            let listener = server::bind(address)?;
            let address = listener.local_addr().map_err(|source| SimulateError::Bind { address, source })?;
            upstream.tls = over_tls(&upstream);
            let config = upstream.tls.then(|| tls.config.clone());
            let fingerprint = upstream.tls.then(|| tls.fingerprint.clone());
            servers.push(Server { upstream: upstream.clone(), kind, address, fingerprint });
            let served = Arc::new(Served { upstream, answer, state: Arc::clone(&state) });
            tasks.spawn(async move {
                if let Err(error) = server::run(served, listener, address, config).await {
                    tracing::error!(%error, "a simulated server could not come back");
                }
            });
        }
        let names = servers.iter().map(|server| server.upstream.name.clone()).collect();
        let router = control::router(Arc::clone(&state), names);
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .map_err(|source| SimulateError::Bind { address: listen, source })?;
        let control =
            listener.local_addr().map_err(|source| SimulateError::Bind { address: listen, source })?;
        tasks.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the control address of the simulation ended");
            }
        });
        Ok(Self { control, servers, state, _tasks: tasks })
    }

    /// Replaces all faults at once.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.state.set_faults(faults);
    }

    /// The world as it is now.
    pub fn world(&self) -> Arc<World> {
        self.state.world()
    }

    /// Requests since the start, over all servers.
    pub fn calls(&self) -> u64 {
        self.state.calls().values().sum()
    }

    /// The most requests that were under way at once: over all servers, and of one source.
    pub fn most_at_once(&self) -> (u32, u32) {
        self.state.most_at_once()
    }

    /// The `[[source]]` lines that lead to the servers, with the interval where one is given.
    pub fn configuration(&self, interval: Option<&str>) -> String {
        let mut text = String::new();
        let mut written: Vec<&str> = Vec::new();
        for server in &self.servers {
            let source = server.upstream.source.as_str();
            if written.contains(&source) {
                continue;
            }
            written.push(source);
            let urls: Vec<String> = self
                .servers
                .iter()
                .filter(|other| other.upstream.source == source)
                .map(Server::url)
                .collect();
            text.push_str(&stanza(server, &urls, interval));
        }
        text
    }

    /// The variables that those lines name, with the simulated secrets.
    pub fn environment(&self) -> Vec<(String, String)> {
        let all = self.servers.iter().flat_map(|server| server.upstream.environment.clone());
        // The servers of one cluster share theirs.
        all.collect::<BTreeMap<_, _>>().into_iter().collect()
    }
}

impl Server {
    /// Its base address.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.upstream.tls { "https" } else { "http" }, self.address)
    }
}

fn stanza(server: &Server, urls: &[String], interval: Option<&str>) -> String {
    let mut lines = vec![
        "[[source]]".to_owned(),
        format!("name = \"{}\"", server.upstream.source),
        format!("kind = \"{}\"", server.kind),
    ];
    let mut urls = urls.iter();
    lines.extend(urls.next().map(|url| format!("url = \"{url}\"")));
    let fallbacks: Vec<String> = urls.map(|url| format!("\"{url}\"")).collect();
    if !fallbacks.is_empty() {
        lines.push(format!("fallback_urls = [{}]", fallbacks.join(", ")));
    }
    lines.extend(server.fingerprint.iter().map(|print| format!("tls = {{ fingerprint = \"{print}\" }}")));
    lines.extend(interval.map(|interval| format!("interval = \"{interval}\"")));
    lines.extend(server.upstream.configuration.iter().cloned());
    lines.join("\n") + "\n\n"
}

/// The addresses of the servers: the ports above `listen`, or any free ones where its port is 0.
fn addresses(listen: SocketAddr, wanted: usize) -> Result<Vec<SocketAddr>, SimulateError> {
    let port = listen.port();
    if port == 0 {
        return Ok(vec![listen; wanted]);
    }
    (1..wanted)
        .map(|above| u16::try_from(above).ok().and_then(|above| port.checked_add(above)))
        .map(|port| port.map(|port| SocketAddr::new(listen.ip(), port)))
        .collect::<Option<Vec<_>>>()
        .ok_or(SimulateError::Ports { wanted, port })
}
