//! Many sockets, and slow ones: what one client may take, and what it cannot take from others.

use std::time::Duration;

use fleetgraph::http::Limits;
use tokio_tungstenite::tungstenite::Message;

use crate::kit::{READY, Server, TOKEN};
use crate::sockets::{ACK, INIT, PROTOCOL, Socket};

/// Longer than a session takes to cut a client that takes nothing, and shorter than what would cut it anyway.
const CUT_WITHIN: Duration = Duration::from_secs(20);

/// A socket whose client takes nothing any more.
async fn flooded(server: &Server) -> Socket {
    let mut slow = Socket::greeted(server).await;
    slow.play(&[r#"> {"id":"1","type":"subscribe","payload":{"query":"subscription{flood}"}}"#]).await;
    server.flood_stands_still().await;
    slow
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_slows_nobody_else() {
    let server = Server::start();
    let _slow = flooded(&server).await;
    let mut quick = Socket::greeted(&server).await;
    quick
        .play(&[
            r#"> {"id":"1","type":"subscribe","payload":{"query":"subscription{count(to:1)}"}}"#,
            r#"< {"type":"next","id":"1","payload":{"data":{"count":1}}}"#,
        ])
        .await;
    // And its end comes although nothing can be written to it.
    server.end_token(TOKEN);
    quick.play(&[r#"< {"type":"complete","id":"1"}"#, "< close 4401"]).await;
    drop(quick);
    assert!(server.front.stop(CUT_WITHIN).await, "the slow one is cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_does_not_hold_up_the_end_of_the_program() {
    let server = Server::start();
    let _slow = flooded(&server).await;
    assert!(server.front.stop(CUT_WITHIN).await, "it is cut");
}

#[tokio::test]
async fn who_has_not_said_who_it_is_keeps_nobody_out() {
    let server = Server::start();
    let mut silent = Vec::new();
    // More than may wait at one address, which behind a proxy is everybody's: whoever came first gives way.
    for _ in 0..300 {
        silent.push(Socket::open(&server, &[PROTOCOL]).await.expect("an upgrade"));
    }
    Socket::open(&server, &[PROTOCOL]).await.expect("an upgrade").play(&[INIT, ACK]).await;
    // Of those that are left one, too; those that gave way were closed without a word.
    silent.pop().expect("the last").play(&[INIT, ACK]).await;
}

#[tokio::test]
async fn nobody_takes_the_places_of_all() {
    let server = Server::start();
    let mut held = Vec::new();
    for _ in 0..100 {
        held.push(Socket::greeted(&server).await);
    }
    let mut one_more = Socket::open(&server, &[PROTOCOL]).await.expect("an upgrade");
    one_more.play(&[INIT, "< close 1013"]).await;
    let mut anothers = Socket::open(&server, &[PROTOCOL]).await.expect("an upgrade");
    anothers
        .play(&[r#"> {"type":"connection_init","payload":{"authorization":"Bearer anothers"}}"#, ACK])
        .await;
    // A place is free again once its socket has gone.
    drop(held.pop());
    while Socket::open(&server, &[PROTOCOL]).await.expect("an upgrade").answer(INIT).await != ACK {}
}

#[tokio::test]
async fn limits_are_those_of_a_post() {
    let three = std::num::NonZeroU32::new(3).expect("more than none");
    let server = Server::with(Limits { requests_per_minute: three, ..Limits::default() }, READY);
    let mut socket = Socket::greeted(&server).await;
    for id in ["1", "2"] {
        socket
            .send(Message::text(format!(
                r#"{{"id":"{id}","type":"subscribe","payload":{{"query":"{{hello}}"}}}}"#
            )))
            .await;
        assert!(socket.next().await.contains("hello"));
        assert!(socket.next().await.contains("complete"));
    }
    socket
        .play(&[
            r#"> {"id":"3","type":"subscribe","payload":{"query":"{hello}"}}"#,
            r#"< {"type":"error","id":"3","payload":[{"message":"more requests than 3 a minute: ask again later, or for less","extensions":{"code":"LIMIT_EXCEEDED"}}]}"#,
        ])
        .await;

    // Whoever is refused there has no socket.
    let one = std::num::NonZeroU32::MIN;
    let server = Server::with(Limits { requests_per_minute: one, ..Limits::default() }, READY);
    let mut socket = Socket::greeted(&server).await;
    let mut another = Socket::open(&server, &[PROTOCOL]).await.expect("an upgrade");
    another.play(&[INIT, "< close 1013"]).await;
    // Whoever has one stays signed in, and is refused what it asks for there.
    let renewal = r#"> {"type":"ping","payload":{"authorization":"Bearer renewed"}}"#;
    socket.play(&[renewal, r#"< {"type":"pong"}"#]).await;
    server.end_token(TOKEN);
    socket.play(&[r#"> {"type":"ping"}"#, r#"< {"type":"pong"}"#]).await;

    // Each event costs what its operation does; whoever has used up its minute waits for the next.
    let server = Server::with(Limits { complexity_per_minute: three, ..Limits::default() }, READY);
    let mut socket = Socket::greeted(&server).await;
    socket
        .play(&[
            r#"> {"id":"1","type":"subscribe","payload":{"query":"subscription{count(to:9)}"}}"#,
            r#"< {"type":"next","id":"1","payload":{"data":{"count":1}}}"#,
            r#"< {"type":"next","id":"1","payload":{"data":{"count":2}}}"#,
            r#"< {"type":"next","id":"1","payload":{"data":{"count":3}}}"#,
            r#"< {"type":"next","id":"1","payload":{"data":{"count":4}}}"#,
            r#"> {"type":"ping"}"#,
            r#"< {"type":"pong"}"#,
        ])
        .await;

    let server = Server::start();
    let mut socket = Socket::greeted(&server).await;
    let too_deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(40_000), "]".repeat(40_000));
    socket
        .play(&[
            &format!(
                r#"> {{"id":"v","type":"subscribe","payload":{{"query":"{{hello}}","variables":{too_deep}}}}}"#
            ),
            r#"< {"type":"error","id":"v","payload":[{"message":"40001 levels in the variables; the limit is 32","extensions":{"code":"LIMIT_EXCEEDED"}}]}"#,
        ])
        .await;
    let deep = format!("{}hello{}", "{node".repeat(15) + "{", "}".repeat(16));
    socket
        .play(&[
            &format!(r#"> {{"id":"1","type":"subscribe","payload":{{"query":"{deep}"}}}}"#),
            r#"< {"type":"error","id":"1","payload":[{"message":"16 levels of fields (depth); the limit is 15","extensions":{"code":"LIMIT_EXCEEDED"}}]}"#,
        ])
        .await;
    let subscribe = |id: usize, query: &str| {
        format!(r#"> {{"id":"{id}","type":"subscribe","payload":{{"query":"{query}"}}}}"#)
    };
    for id in 0..50 {
        socket.play(&[&subscribe(id, "subscription{never}")]).await;
        server.watched.notified().await;
    }
    // Wherever they run.
    let mut another = Socket::greeted(&server).await;
    another
        .play(&[
            &subscribe(50, "subscription{never}"),
            r#"< {"type":"error","id":"50","payload":[{"message":"50 subscriptions of yours are open here, the most there may be: end some, or come again later","extensions":{"code":"LIMIT_EXCEEDED"}}]}"#,
        ])
        .await;
    for id in 50..100 {
        socket.play(&[&subscribe(id, "{forever}")]).await;
    }
    socket
        .play(&[
            &subscribe(100, "{hello}"),
            r#"< {"type":"error","id":"100","payload":[{"message":"100 operations run on this socket; that is the limit","extensions":{"code":"LIMIT_EXCEEDED"}}]}"#,
        ])
        .await;
    // One that is completed makes room.
    socket.play(&[r#"> {"type":"complete","id":"0"}"#]).await;
    while !another.answer(&subscribe(51, "subscription{count(to:0)}")).await.contains("complete") {}
}
