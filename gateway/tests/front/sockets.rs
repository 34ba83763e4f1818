//! graphql-transport-ws from outside, as scripts: `>` is sent, `<` is expected, letter for letter but for `extensions`.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::kit::{ANOTHERS, RENEWED, Server, TOKEN};

/// Longer than anything that is promised here takes.
const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");
pub(crate) const INIT: &str =
    r#"> {"type":"connection_init","payload":{"authorization":"Bearer a.good.token"}}"#;
pub(crate) const ACK: &str = r#"< {"type":"connection_ack"}"#;

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Upgrades; an HTTP answer is the error.
    pub(crate) async fn open(
        server: &Server,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, (u16, String)> {
        let mut request =
            format!("ws://{}/graphql", server.address).into_client_request().expect("an address");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header's value"));
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tungstenite::Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err((response.status().as_u16(), String::from_utf8_lossy(body).into_owned()))
            }
            // This client's library asks no server again that agrees to none of its protocols.
            Err(tungstenite::Error::Protocol(error)) => Err((101, error.to_string())),
            Err(error) => panic!("{error}"),
        }
    }

    /// Of the protocol, and greeted.
    pub(crate) async fn greeted(server: &Server) -> Self {
        let mut socket = Self::open(server, &[PROTOCOL]).await.expect("an upgrade");
        socket.play(&[INIT, ACK]).await;
        socket
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.0.send(message).await.expect("it is open");
    }

    /// The next message as `< {...}`, or `< close CODE`.
    pub(crate) async fn next(&mut self) -> String {
        tokio::time::timeout(PATIENCE, self.heard()).await.expect("in time")
    }

    async fn heard(&mut self) -> String {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    let mut said: Value = serde_json::from_str(&text).expect("JSON");
                    if said["type"] == "next" {
                        let payload = said["payload"].as_object_mut().expect("an answer");
                        let extensions = payload.remove("extensions").expect("every answer bears them");
                        assert!(extensions["freshness"].is_object(), "{text}");
                    }
                    return format!("< {said}");
                }
                Some(Ok(Message::Close(frame))) => {
                    return format!("< close {}", frame.map_or(0, |frame| u16::from(frame.code)));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => return format!("< {other:?}"),
            }
        }
    }

    /// Says a line, and hears what comes next.
    pub(crate) async fn answer(&mut self, line: &str) -> String {
        self.send(Message::text(line.trim_start_matches("> "))).await;
        self.next().await
    }

    pub(crate) async fn play(&mut self, script: &[&str]) {
        for (at, line) in script.iter().enumerate() {
            match line.strip_prefix("> ") {
                Some(text) => self.send(Message::text(text)).await,
                None => {
                    assert_eq!(
                        canonical(&self.next().await),
                        canonical(line),
                        "line {at} of {}",
                        cut(script)
                    );
                }
            }
        }
    }
}

/// A script as it is shown: some lines are a megabyte.
fn cut(script: &[&str]) -> String {
    script.iter().map(|line| line.chars().take(200).chain(['\n']).collect::<String>()).collect()
}

/// With the members of objects in one order.
fn canonical(line: &str) -> String {
    let Some(Ok(value)) = line.strip_prefix("< ").map(serde_json::from_str::<Value>) else {
        return line.to_owned();
    };
    let mut value = value;
    value.sort_all_objects();
    value.to_string()
}

#[tokio::test]
async fn a_socket_speaks_the_protocol_to_the_letter() {
    const COUNT: &str = r#"> {"id":"1","type":"subscribe","payload":{"query":"subscription{count(to:2)}"}}"#;
    const NEVER: &str = r#"> {"id":"n","type":"subscribe","payload":{"query":"subscription{never}"}}"#;
    let server = Server::start();
    for script in [
        // Greeting.
        &[INIT, ACK][..],
        &[r#"> {"type":"ping"}"#, r#"< {"type":"pong"}"#, INIT, ACK],
        &[
            r#"> {"type":"ping","payload":{"a":[1]}}"#,
            r#"< {"type":"pong","payload":{"a":[1]}}"#,
            r#"> {"type":"pong"}"#,
            r#"> {"type":"complete","id":"1"}"#,
            INIT,
            ACK,
        ],
        &[r#"> {"type":"connection_init","payload":{"Authorization":"bearer  a.good.token"}}"#, ACK],
        &[r#"> {"type":"connection_init"}"#, "< close 4401"],
        &[r#"> {"type":"connection_init","payload":{}}"#, "< close 4401"],
        &[r#"> {"type":"connection_init","payload":{"authorization":"Bearer forged"}}"#, "< close 4401"],
        &[r#"> {"type":"connection_init","payload":{"authorization":"Basic a.good.token"}}"#, "< close 4401"],
        &[r#"> {"type":"connection_init","payload":{"authorization":"a.good.token"}}"#, "< close 4401"],
        &[INIT, ACK, INIT, "< close 4429"],
        &[COUNT, "< close 4401"],
        // What is no message.
        &["> ", "< close 4400"],
        &["> {}", "< close 4400"],
        &[INIT, ACK, "> hello", "< close 4400"],
        &[INIT, ACK, r#"> {"type":"start","id":"1","payload":{"query":"{hello}"}}"#, "< close 4400"],
        &[INIT, ACK, r#"> {"type":"subscribe","id":"1","payload":{}}"#, "< close 4400"],
        &[INIT, ACK, r#"> {"type":"subscribe","payload":{"query":"{hello}"}}"#, "< close 4400"],
        // Operations.
        &[
            INIT,
            ACK,
            COUNT,
            r#"< {"type":"next","id":"1","payload":{"data":{"count":1}}}"#,
            r#"< {"type":"next","id":"1","payload":{"data":{"count":2}}}"#,
            r#"< {"type":"complete","id":"1"}"#,
            // An id is free again once it is complete.
            r#"> {"id":"1","type":"subscribe","payload":{"query":"query A{hello}query B{port(number:1)}","operationName":"B"}}"#,
            r#"< {"type":"next","id":"1","payload":{"data":{"port":1}}}"#,
            r#"< {"type":"complete","id":"1"}"#,
            r#"> {"id":"1","type":"subscribe","payload":{"query":"mutation{rename}"}}"#,
            r#"< {"type":"next","id":"1","payload":{"data":{"rename":true}}}"#,
            r#"< {"type":"complete","id":"1"}"#,
        ],
        &[INIT, ACK, NEVER, NEVER, "< close 4409"],
        &[
            INIT,
            ACK,
            NEVER,
            r#"> {"type":"complete","id":"n"}"#,
            NEVER,
            r#"> {"id":"2","type":"subscribe","payload":{"query":"{hello}"}}"#,
            r#"< {"type":"next","id":"2","payload":{"data":{"hello":"hello "}}}"#,
            r#"< {"type":"complete","id":"2"}"#,
        ],
        // Refused, and the socket goes on.
        &[
            INIT,
            ACK,
            r#"> {"id":"1","type":"subscribe","payload":{"query":"{nothing}"}}"#,
            r#"< {"type":"error","id":"1","payload":[{"message":"Unknown field \"nothing\" on type \"Query\".","locations":[{"line":1,"column":2}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#,
            r#"> {"id":"1","type":"subscribe","payload":{"query":"subscription{nothing}"}}"#,
            r#"< {"type":"error","id":"1","payload":[{"message":"Unknown field \"nothing\" on type \"Subscription\".","locations":[{"line":1,"column":14}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#,
            r#"> {"id":"1","type":"subscribe","payload":{"query":"{"}}"#,
            r#"< {"type":"error","id":"1","payload":[{"message":"Syntax error: expected a field, a fragment or `}`, found the end","locations":[{"line":1,"column":2}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#,
            r#"> {"id":"1","type":"subscribe","payload":{"query":"{costly}"}}"#,
            r#"< {"type":"error","id":"1","payload":[{"message":"250001 points of complexity; the limit is 250000","extensions":{"code":"LIMIT_EXCEEDED"}}]}"#,
            r#"> {"id":"1","type":"subscribe","payload":{"query":"{hello missing}"}}"#,
            r#"< {"type":"next","id":"1","payload":{"data":{"hello":"hello ","missing":null},"errors":[{"message":"No source answered","locations":[{"line":1,"column":8}],"path":["missing"],"extensions":{"code":"SOURCE_FAILED"}}]}}"#,
            r#"< {"type":"complete","id":"1"}"#,
        ],
        // A panic costs its own operation alone.
        &[
            INIT,
            ACK,
            r#"> {"id":"1","type":"subscribe","payload":{"query":"subscription{explodes}"}}"#,
            r#"< {"type":"next","id":"1","payload":{"data":{"explodes":1}}}"#,
            r#"< {"type":"error","id":"1","payload":[{"message":"Internal error","extensions":{"code":"INTERNAL"}}]}"#,
            r#"> {"id":"1","type":"subscribe","payload":{"query":"{bug}"}}"#,
            r#"< {"type":"error","id":"1","payload":[{"message":"Internal error","extensions":{"code":"INTERNAL"}}]}"#,
            COUNT,
            r#"< {"type":"next","id":"1","payload":{"data":{"count":1}}}"#,
        ],
    ] {
        Socket::open(&server, &[PROTOCOL]).await.expect("an upgrade").play(script).await;
    }
}

#[tokio::test]
async fn what_is_no_handshake_is_answered_in_words() {
    let server = Server::start();
    let authorization = |token: &str| format!("Bearer {token}");
    for (token, expected) in [(TOKEN, 101), ("forged", 401)] {
        let headers = [PROTOCOL, ("authorization", &authorization(token))];
        let status = Socket::open(&server, &headers).await.map_or_else(|(status, _)| status, |_| 101);
        assert_eq!(status, expected, "{token}");
    }
    for (headers, expected) in [
        (&[("connection", "upgrade"), ("upgrade", "h2c")][..], "400 BAD_USER_INPUT"),
        (&[("connection", "upgrade"), ("upgrade", "websocket")], "400 BAD_USER_INPUT"),
        (
            &[("connection", "upgrade"), ("upgrade", "websocket"), ("authorization", "Bearer forged")],
            "401 UNAUTHENTICATED",
        ),
    ] {
        assert_eq!(server.ask("GET /graphql", headers, "").await.verdict(), expected, "{headers:?}");
    }
    // Asked for no protocol that is spoken here: an upgrade, because a browser shows no status of one that fails.
    for protocol in ["", "sec-websocket-protocol: graphql-ws\r\n"] {
        assert_eq!(upgraded_and_closed(&server, protocol).await, 4406, "{protocol}");
    }
}

/// The code of the frame that closes a socket at once. By hand, since this client's library ends a handshake in which the
/// server agrees to none of its protocols.
async fn upgraded_and_closed(server: &Server, protocol: &str) -> u16 {
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    let handshake = format!(
        "GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{protocol}\r\n"
    );
    stream.write_all(handshake.as_bytes()).await.expect("it is open");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.expect("more of the header lines"));
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&answer));
    // RFC 6455, 5.2: FIN and the opcode of a close frame, a length, and the code.
    assert_eq!(stream.read_u8().await.expect("a frame"), 0x88);
    let _length = stream.read_u8().await.expect("a length");
    stream.read_u16().await.expect("a code")
}

#[tokio::test]
async fn header_and_greeting_must_not_differ() {
    let server = Server::start();
    let bearing = format!("Bearer {TOKEN}");
    for (script, why) in [
        (&[r#"> {"type":"connection_init"}"#, ACK][..], "the header's token is enough"),
        (&[INIT, ACK], "the same twice"),
        (
            &[r#"> {"type":"connection_init","payload":{"authorization":"Bearer renewed"}}"#, "< close 4401"],
            "two that are good and differ",
        ),
    ] {
        let headers = [PROTOCOL, ("authorization", &*bearing)];
        let mut socket = Socket::open(&server, &headers).await.unwrap_or_else(|_| panic!("{why}"));
        socket.play(script).await;
    }
}

#[tokio::test]
async fn what_is_no_text_of_ours_closes_the_socket() {
    let server = Server::start();
    let whole = format!(r#"{{"type":"pong","payload":{{"a":"{}"}}}}"#, "x".repeat(1024 * 1024 - 34));
    for (message, expected) in [
        (Message::binary(&br#"{"type":"ping"}"#[..]), "< close 4400"),
        (Message::text("x".repeat(1024 * 1024 + 1)), "< close 1009"),
        (Message::text(whole), r#"< {"type":"pong"}"#),
    ] {
        let mut socket = Socket::greeted(&server).await;
        let bytes = message.len();
        socket.send(message).await;
        if expected.contains("pong") {
            socket.play(&[r#"> {"type":"ping"}"#]).await;
        }
        assert_eq!(canonical(&socket.next().await), canonical(expected), "{bytes} bytes");
    }
}

#[tokio::test]
async fn a_client_that_says_nothing_is_not_waited_for() {
    let server = Server::start();
    let mut socket = Socket::open(&server, &[PROTOCOL]).await.expect("an upgrade");
    assert_eq!(socket.next().await, "< close 4408");
}

#[tokio::test]
async fn a_client_that_closes_is_answered() {
    let server = Server::start();
    let mut socket = Socket::greeted(&server).await;
    let normal = tungstenite::protocol::CloseFrame { code: 1000.into(), reason: "bye".into() };
    socket.send(Message::Close(Some(normal))).await;
    assert_eq!(socket.next().await, "< close 1000");
}

#[tokio::test]
async fn a_token_is_renewed_for_its_own_subject() {
    let server = Server::start();
    for (token, expected) in
        [(RENEWED, r#"< {"type":"pong"}"#), (ANOTHERS, "< close 4401"), ("forged", "< close 4401")]
    {
        let renewal = format!(r#"> {{"type":"ping","payload":{{"authorization":"Bearer {token}"}}}}"#);
        Socket::greeted(&server).await.play(&[&renewal, expected]).await;
    }
}

#[tokio::test]
async fn a_socket_ends_with_its_token_and_each_operation_hears_it() {
    let server = Server::start();
    let mut socket = Socket::greeted(&server).await;
    let mut renewed = Socket::greeted(&server).await;
    let renewal = r#"> {"type":"ping","payload":{"authorization":"Bearer renewed"}}"#;
    let never = r#"> {"id":"1","type":"subscribe","payload":{"query":"subscription{never}"}}"#;
    socket.play(&[never]).await;
    renewed.play(&[never, renewal, r#"< {"type":"pong"}"#]).await;
    server.end_token(TOKEN);
    let ended = r#"< {"type":"error","id":"1","payload":[{"message":"The token has expired or was revoked","extensions":{"code":"UNAUTHENTICATED"}}]}"#;
    socket.play(&[ended, "< close 4401"]).await;
    // It speaks for a token that has not ended.
    renewed.play(&[r#"> {"type":"ping"}"#, r#"< {"type":"pong"}"#]).await;
    server.end_token(RENEWED);
    renewed.play(&[ended, "< close 4401"]).await;
    // Nor does it begin again.
    Socket::open(&server, &[PROTOCOL]).await.expect("an upgrade").play(&[INIT, "< close 4401"]).await;
}

#[tokio::test]
async fn the_end_of_the_program_asks_to_come_again() {
    let server = Server::start();
    let mut silent = Socket::open(&server, &[PROTOCOL]).await.expect("an upgrade");
    let mut watching = Socket::greeted(&server).await;
    watching.play(&[r#"> {"id":"1","type":"subscribe","payload":{"query":"subscription{never}"}}"#]).await;
    let mut asking = Socket::greeted(&server).await;
    asking.play(&[r#"> {"id":"1","type":"subscribe","payload":{"query":"{until}"}}"#]).await;
    server.started.notified().await;
    let front = server.front.clone();
    let stopping = tokio::spawn(async move { front.stop(PATIENCE).await });
    silent.play(&["< close 1012"]).await;
    watching.play(&["< close 1012"]).await;
    // A query that has begun is finished first; what comes meanwhile is asked again elsewhere.
    asking.play(&[r#"> {"id":"2","type":"subscribe","payload":{"query":"{hello}"}}"#]).await;
    server.release.notify_one();
    asking
        .play(&[
            r#"< {"type":"next","id":"1","payload":{"data":{"until":1}}}"#,
            r#"< {"type":"complete","id":"1"}"#,
            "< close 1012",
        ])
        .await;
    assert!(stopping.await.expect("no panic"), "all have ended");
    let refused = Socket::open(&server, &[PROTOCOL]).await.err().expect("no new ones");
    assert_eq!(refused.0, 429, "{}", refused.1);
}
