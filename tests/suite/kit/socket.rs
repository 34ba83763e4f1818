//! A WebSocket client of the gateway: greets, subscribes, and reads what comes.

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::gateway::PATIENCE;

/// An open socket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What came.
#[derive(Debug, PartialEq)]
pub(crate) enum Came {
    /// A message of the protocol.
    Message(Value),
    /// The socket was closed, for this reason.
    Closed(u16),
}

impl Socket {
    /// Upgrades, and says who it is; what the server says to that is read next.
    pub(crate) async fn open(address: SocketAddr, token: &str) -> Self {
        let mut request = format!("ws://{address}/graphql").into_client_request().expect("an address");
        let protocol = "graphql-transport-ws".parse().expect("a header's value");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, _) = tokio_tungstenite::connect_async(request).await.expect("an upgrade");
        let mut socket = Self(socket);
        let payload = json!({ "authorization": format!("Bearer {token}") });
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        socket
    }

    /// The same, welcomed.
    pub(crate) async fn greeted(address: SocketAddr, token: &str) -> Self {
        let mut socket = Self::open(address, token).await;
        assert_eq!(socket.next().await, Came::Message(json!({ "type": "connection_ack" })));
        socket
    }

    /// Asks for an operation under an id.
    pub(crate) async fn ask(&mut self, id: &str, query: &str) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
    }

    /// Brings another token of the same person.
    pub(crate) async fn renew(&mut self, token: &str) {
        let payload = json!({ "authorization": format!("Bearer {token}") });
        self.say(json!({ "type": "ping", "payload": payload })).await;
    }

    /// Whatever comes next, in time.
    pub(crate) async fn next(&mut self) -> Came {
        tokio::time::timeout(PATIENCE, self.heard()).await.expect("something comes")
    }

    async fn heard(&mut self) -> Came {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Came::Message(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Came::Closed(frame.map_or(0, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The data of the next answer, which has no errors.
    pub(crate) async fn data(&mut self) -> Value {
        match self.next().await {
            Came::Message(mut message) if message["type"] == "next" => {
                assert_eq!(message["payload"]["errors"], Value::Null, "{message}");
                message["payload"]["data"].take()
            }
            other => panic!("no answer: {other:?}"),
        }
    }

    /// Reads answers until one is as wanted.
    pub(crate) async fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let reading = async {
            loop {
                last = self.data().await;
                if wanted(&last) {
                    return;
                }
            }
        };
        let read = tokio::time::timeout(PATIENCE, reading).await;
        assert!(read.is_ok(), "{what} did not come: {last}");
        last
    }

    /// Reads to the end: the codes of errors by operation, and the code of the close frame.
    pub(crate) async fn end(&mut self) -> (Vec<(String, String)>, u16) {
        let mut errors = Vec::new();
        loop {
            match self.next().await {
                Came::Closed(code) => return (errors, code),
                Came::Message(message) if message["type"] == "error" => {
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    let code = text(&message["payload"][0]["extensions"]["code"]);
                    errors.push((text(&message["id"]), code));
                }
                // What was under way may come before; once it ends, nothing more does.
                Came::Message(message) => assert!(errors.is_empty(), "after {errors:?}: {message}"),
            }
        }
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("it is open");
    }
}
