//! A gateway that takes the tokens of a realm, configured as docs/keycloak/setup.sh says.

use std::time::Duration;

use connectors::connector::SecretAt;
use connectors::world::Spec;
use fleetgraph::app::Gateway;
use fleetgraph::config::{Auth, Mfa};
use tempfile::TempDir;

use crate::kit::gateway::Running;
use crate::kit::http::Client;
use crate::kit::keycloak::Realm;
use crate::kit::socket::Socket;

/// A simulated fleet, and the gateway on it.
pub(super) struct House {
    pub(super) gateway: Gateway,
    running: Running,
    _secrets: TempDir,
}

impl House {
    pub(super) async fn of(realm: &Realm) -> Self {
        let secrets = tempfile::tempdir().expect("a folder");
        let secret = secrets.path().join("client-secret");
        std::fs::write(&secret, "secret-fleetgraph").expect("room");
        let auth = Auth {
            issuer: realm.issuer(),
            audience: vec!["fleetgraph".to_owned()],
            client_id: "fleetgraph".to_owned(),
            client_secret: Some(SecretAt::File(secret)),
            clients: None,
            logout_audience: Some(vec!["fleetgraph-web".to_owned()]),
            mfa: Mfa {
                acr: vec!["2".to_owned()],
                amr: vec!["otp".to_owned()],
                max_age: Some(Duration::from_mins(15)),
            },
            jwks_url: None,
            ca: None,
            clock_skew: Duration::from_secs(5),
            max_token_life: Duration::from_hours(1),
            policy_dir: None,
        };
        let running = Running::start_with(&Spec { guests: 80, ..Spec::default() }, "24h", Vec::new).await;
        let gateway = running.another_with(|config| config.auth = Some(auth)).await;
        Self { gateway, running, _secrets: secrets }
    }

    /// Whoever a token speaks for.
    pub(super) fn bearing(&self, token: &str) -> Client {
        Client::new(self.gateway.address()).bearing(token)
    }

    /// A socket of theirs that watches the fleet.
    pub(super) async fn watching(&self, token: &str) -> Socket {
        let mut socket = Socket::greeted(self.gateway.address(), token).await;
        socket.ask("status", "subscription { fleetStatus { guests { total } } }").await;
        socket.data().await;
        socket
    }

    /// Where Keycloak is to send logout tokens.
    pub(super) fn logout_url(&self) -> String {
        format!("http://{}/auth/backchannel-logout", self.gateway.address())
    }

    pub(super) async fn stop(self) {
        self.gateway.stop().await;
        self.running.stop().await;
    }
}
