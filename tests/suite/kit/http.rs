//! A client as a stranger writes one: it knows addresses, paths and JSON.

use std::net::SocketAddr;

use http::HeaderMap;
use serde_json::{Value, json};

/// Asks one server.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    base: String,
    connections: reqwest::Client,
    token: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// The body, where it is JSON.
    pub(crate) body: Value,
}

impl Client {
    /// A client of the server at an address.
    pub(crate) fn new(address: SocketAddr) -> Self {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self {
            base: format!("http://{address}"),
            connections: client.build().expect("a client"),
            token: None,
        }
    }

    /// The same, bearing a token wherever a request has no `authorization` of its own.
    pub(crate) fn bearing(self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self }
    }

    /// One request.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let method = method.parse().expect("a method");
        let mut request = self.connections.request(method, format!("{}{path}", self.base)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token
            && headers.iter().all(|(name, _)| *name != "authorization")
        {
            request = request.bearer_auth(token);
        }
        let mut response = request.send().await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.expect("a whole answer") {
            bytes.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(bytes).expect("answers are UTF-8");
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer { status, headers, text, body }
    }

    /// A GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    /// `POST /graphql`, with variables, asking for the media type of GraphQL over HTTP.
    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Answer {
        let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.ask("POST", "/graphql", &headers, body).await
    }

    /// The data of an answer that has no errors.
    pub(crate) async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.graphql(query, variables).await;
        assert_eq!((answer.status, answer.code()), (200, None), "{query}\n{}", answer.text);
        answer.body["data"].take()
    }
}

impl Answer {
    /// The code of the first error, if there is one.
    pub(crate) fn code(&self) -> Option<&str> {
        let error = self.body["errors"].get(0)?;
        Some(error["extensions"]["code"].as_str().unwrap_or("none"))
    }

    /// The sentence of the first error.
    pub(crate) fn message(&self) -> &str {
        self.body["errors"][0]["message"].as_str().unwrap_or_default()
    }

    /// `extensions.freshness`.
    pub(crate) fn freshness(&self) -> &Value {
        &self.body["extensions"]["freshness"]
    }
}
