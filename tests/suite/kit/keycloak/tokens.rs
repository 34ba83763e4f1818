//! The token endpoint and introspection, as a front end, a service and the gateway use them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::{Realm, encoded};
use crate::kit::http::Answer;

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

/// What a client got.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    /// Empty where the grant gives none.
    pub(crate) refresh: String,
    /// Empty where the grant gives none.
    pub(crate) id: String,
}

/// What a token says, unverified.
pub(crate) fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).expect("a token has three parts");
    let bytes = URL_SAFE_NO_PAD.decode(body).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

impl Realm {
    /// Asks for tokens; whatever the answer.
    pub(crate) async fn grant(&self, form: &[(&str, &str)]) -> Answer {
        self.client.ask("POST", &self.endpoint("token"), &FORM, encoded(form)).await
    }

    /// The tokens of a grant that must succeed.
    pub(crate) async fn tokens(&self, form: &[(&str, &str)]) -> Tokens {
        let answer = self.grant(form).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let text = |name: &str| answer.body[name].as_str().unwrap_or_default().to_owned();
        Tokens { access: text("access_token"), refresh: text("refresh_token"), id: text("id_token") }
    }

    /// New tokens for a refresh token of a public client.
    pub(crate) async fn refresh(&self, client: &str, tokens: &Tokens) -> Tokens {
        self.tokens(&[
            ("grant_type", "refresh_token"),
            ("client_id", client),
            ("refresh_token", &tokens.refresh),
        ])
        .await
    }

    /// The service account's token.
    pub(crate) async fn service_account(&self) -> Tokens {
        let grant = ("grant_type", "client_credentials");
        self.tokens(&[grant, ("client_id", "fleetgraph-bi"), ("client_secret", "secret-bi")]).await
    }

    /// What Keycloak says of a token to the gateway's client.
    pub(crate) async fn introspect(&self, token: &str) -> Value {
        let form = [("client_id", "fleetgraph"), ("client_secret", "secret-fleetgraph"), ("token", token)];
        let path = self.endpoint("token/introspect");
        let answer = self.client.ask("POST", &path, &FORM, encoded(&form)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// The keys that its tokens are checked with, by id.
    pub(crate) async fn key_ids(&self) -> Vec<String> {
        let answer = self.client.get(&self.endpoint("certs")).await;
        let keys = answer.body["keys"].as_array().expect("a list of keys").iter();
        keys.filter_map(|key| Some(key["kid"].as_str()?.to_owned())).collect()
    }
}
