//! The simulated servers as a client sees them: up, bent by a fault, gone, back.

use std::net::SocketAddr;

use connectors::Limits;
use connectors::http::{Call, Client, Tls};
use connectors::world::{Spec, World};
use http::Method;

use super::Simulation;
use super::faults::{Effect, Fault};

async fn simulation() -> Simulation {
    let world = World::generate(&Spec { guests: 80, ..Spec::default() }).expect("a small world");
    Simulation::start(world, SocketAddr::from(([127, 0, 0, 1], 0)), crate::clock::system())
        .await
        .expect("free ports")
}

fn client(simulation: &Simulation) -> (Client, String) {
    let server =
        simulation.servers.iter().max_by_key(|server| server.upstream.tls).expect("there are servers");
    let tls = server.fingerprint.clone().map_or(Tls::System, Tls::Fingerprint);
    let url = server.url().parse().expect("a URL");
    let client = Client::new(vec![url], &tls, Limits::default()).expect("a client");
    (client, server.upstream.name.clone())
}

async fn status(client: &Client) -> Result<u16, String> {
    let call = Call { method: Method::GET, path: "/nothing-here".into(), headers: Vec::new(), body: None };
    client.call(call).await.map(|answer| answer.status.as_u16()).map_err(|error| format!("{:?}", error.code))
}

#[tokio::test]
async fn a_server_answers_is_bent_goes_and_comes_back() {
    let simulation = simulation().await;
    let (client, name) = client(&simulation);
    let plain = status(&client).await;
    assert!(plain.is_ok(), "{plain:?}");
    let fault = |effect| vec![Fault { upstream: Some(name.clone()), path: None, effect }];

    let effect = Effect::Status { status: 595, reason: None, body: String::new(), headers: Vec::new() };
    simulation.set_faults(fault(effect));
    assert_eq!(status(&client).await, Ok(595));

    // From the word on: not one request gets through while the port is being closed.
    simulation.set_faults(fault(Effect::Down));
    assert_eq!(status(&client).await, Err("Unreachable".to_owned()));
    assert_eq!(status(&client).await, Err("Unreachable".to_owned()));

    simulation.set_faults(Vec::new());
    let mut back = status(&client).await;
    while back.is_err() {
        tokio::task::yield_now().await;
        back = status(&client).await;
    }
    assert_eq!(back, plain);
}

#[tokio::test]
async fn what_it_prints_is_a_configuration() {
    let simulation = simulation().await;
    let text = simulation.configuration(Some("1s"));
    let environment = crate::config::Environment::new(simulation.environment().into_iter());
    let config = crate::config::Config::parse(std::path::Path::new("simulated.toml"), &text, &environment);
    let config = config.unwrap_or_else(|error| panic!("{error}\n{text}"));
    let sources: std::collections::BTreeSet<_> =
        simulation.servers.iter().map(|server| server.upstream.source.clone()).collect();
    assert_eq!(config.sources.len(), sources.len());
    let variables = simulation.environment();
    let names: std::collections::BTreeSet<_> = variables.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), variables.len(), "{variables:?}");
    crate::app::build(&config.sources, std::path::Path::new("simulated.toml"), &environment, None)
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
}
