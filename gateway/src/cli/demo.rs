//! `fleetgraph demo`: the gateway on a simulated fleet.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;

use connectors::world::Spec;

use super::{Failure, output};
use crate::demo::{Demo, DemoError};
use crate::shutdown;

/// The query that a newcomer pastes; the README has its answer.
const FIRST_QUERY: &str = include_str!("../demo/first_query.graphql");

/// The query that shows what a role is, asked with each of the tokens; the README has its answers.
const SECOND_QUERY: &str = include_str!("../demo/second_query.graphql");

/// Runs the gateway on a simulated fleet: simulated upstreams, a private database, nothing left behind.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  fleetgraph demo --guests 500")]
pub(super) struct Arguments {
    /// How many guests the simulated fleet has.
    #[arg(long, default_value_t = Spec::default().guests, value_parser = super::guests())]
    guests: u32,
    /// Where the gateway answers.
    #[arg(long, default_value = "127.0.0.1:4000")]
    listen: SocketAddr,
    /// How many gateways share the fleet; more than one is not built yet.
    #[arg(long, default_value_t = 1)]
    replicas: u32,
}

pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.replicas != 1 {
        return Err(Failure::new("several replicas are not built yet", "leave --replicas out"));
    }
    if !arguments.listen.ip().is_loopback() {
        return Err(Failure::new(
            format!(
                "{} is not a loopback address, and the demo gives tokens to whoever asks",
                arguments.listen
            ),
            "use --listen 127.0.0.1:4000",
        ));
    }
    crate::descriptors::raise_limit();
    output::progress("starting a simulated fleet, a private database and the gateway");
    let spec = Spec { guests: arguments.guests, ..Spec::default() };
    let starting = Demo::start(&spec, arguments.listen, crate::clock::system());
    let mut stop = pin!(shutdown::requested());
    let Some(started) = shutdown::or_started(stop.as_mut(), starting, Demo::stop).await else {
        return Ok(ExitCode::SUCCESS);
    };
    let demo = started?;
    let told = output::result(&greeting(&demo));
    if told.is_ok() {
        stop.await;
        output::progress("stopping");
    }
    demo.stop().await;
    told.map(|()| ExitCode::SUCCESS)
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Start(error) => error.into(),
            other => Self::new(other.to_string(), "fleetgraph demo --help tells what can be set"),
        }
    }
}

fn greeting(demo: &Demo) -> String {
    let address = demo.gateway.address();
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\nfleetgraph answers on http://{address}\n\n  \
         explorer       http://{address}/graphiql\n  \
         GraphQL        http://{address}/graphql\n  \
         break things   http://{control}/faults   (docs/simulator.md)\n\n\
         Three tokens, good for {hours} hours; `fleetgraph token --help` tells how to get others:\n\n  \
         viewer         {viewer}\n\n  \
         operator       {operator}\n\n  \
         administrator  {administrator}\n\n\
         In the explorer, paste one under \"Headers\", below the query: {{\"Authorization\": \"Bearer TOKEN\"}}\n\
         From a shell:\n\n  \
         curl -s http://{address}/graphql -H 'content-type: application/json' -H 'authorization: Bearer {viewer}' \\\n    \
         -d '{{\"query\":\"{{ sources {{ name state }} }}\"}}'\n\n\
         The console is not built yet. The issuer of these tokens ends with the demo, and so do they.\n\
         The fleet is simulated, and collected every few seconds. The source {broken} was switched off on purpose, so that\n\
         you see what stale data look like. Paste this into the explorer:\n\n{FIRST_QUERY}\n\
         And this, with each of the three tokens:\n\n{SECOND_QUERY}\n\
         Ctrl-C stops everything.\n",
        control = demo.simulation.control,
        broken = demo.broken,
        hours = crate::demo::LIFE / 3600,
        viewer = demo.issuer.token("demo-viewer", &["fleetgraph-viewer"], false),
        operator = demo.issuer.token("demo-operator", &["fleetgraph-operator"], false),
        administrator = demo.issuer.token("demo-administrator", &["sankofa-it-admin"], true),
    );
    text
}
