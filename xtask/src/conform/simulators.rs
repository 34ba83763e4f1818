//! The simulators' answers against the official schemas.

use std::path::Path;

use connectors::CATALOG;
use connectors::world::{Ask, Spec, World};

use super::endpoint;
use super::official::Official;

pub(super) fn check(folder: &Path, complaints: &mut Vec<String>) -> String {
    let world = match World::generate(&Spec::default()) {
        Ok(world) => world,
        Err(error) => {
            complaints.push(format!("the simulated world cannot be made: {error}"));
            return String::new();
        }
    };
    let official = match Official::read(folder) {
        Ok(official) => official,
        Err(error) => {
            complaints.push(error);
            return String::new();
        }
    };
    let (mut by_schema, mut by_parser) = (0, 0);
    for kind in CATALOG {
        let Some(simulator) = &kind.simulator else { continue };
        for (upstream, request) in (simulator.samples)(&world) {
            let ask = Ask {
                world: &world,
                upstream: &upstream,
                session_epoch: 0,
                now: world.epoch,
                request: &request,
            };
            let response = (simulator.answer)(&ask);
            let named = format!("simulated {} {} {}", kind.name, request.method(), request.uri());
            if !response.status().is_success() {
                complaints.push(format!("{named}: answered with {}", response.status()));
                continue;
            }
            let (method, path) = (request.method().as_str(), request.uri().path());
            if let Some(parser) = endpoint::parser(kind.name, method, path) {
                by_parser += 1;
                if let Err(error) = (parser.parse)(response.body()) {
                    complaints.push(format!("{named}: the connector cannot read it: {error}"));
                }
            }
            match official.check(kind.name, method, path, response.body()) {
                None => {}
                Some(found) => {
                    by_schema += 1;
                    complaints
                        .extend(found.into_iter().take(5).map(|complaint| format!("{named}: {complaint}")));
                }
            }
        }
    }
    format!(
        "{by_parser} simulated answers read by the connectors' parsers, {by_schema} checked against official schemas"
    )
}
