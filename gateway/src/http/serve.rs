//! Serving the router on a listener, with bounds on what a connection may hold and how long it may stand still.

use std::future::Ready;
use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::accept::Accept;
use hyper_util::rt::TokioTimer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tokio_io_timeout::TimeoutStream;

/// Bytes that the HTTP parser buffers for one connection: more than the 48 KiB of header lines that `graphql.limits.headers`
/// may let through, so that the answer to somewhat more comes from us and not from the parser.
const CONNECTION_BUFFER: usize = 64 * 1024;

/// Connections at once, more than sockets and streams and the requests beside them need.
const MOST_CONNECTIONS: usize = 8_000;

/// How long a client may take for its header lines, the first byte included.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// How a client of HTTP/2 begins (RFC 9113, 3.4). While that is what comes, no parser runs that has a limit; and hyper-util
/// would serve it, whatever it is told, where connections may be upgraded.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A client that takes nothing of what is written to it for so long is gone, whatever it was that it asked for.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);

/// Serves until `handle` is told to shut down; `handle.graceful_shutdown(Some(limit))` lets open requests finish.
///
/// HTTP/1.1 alone: without TLS no client asks for another version, and whoever says that it will may say it without end.
pub async fn serve(listener: TcpListener, router: Router, handle: Handle<SocketAddr>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(Patient { room: Arc::new(Semaphore::new(MOST_CONNECTIONS)) })
        .handle(handle);
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .max_buf_size(CONNECTION_BUFFER)
        .header_read_timeout(HEADER_TIME);
    server.serve(router.into_make_service_with_connect_info::<SocketAddr>()).await
}

/// Takes connections for as long as their clients say and take something, and no more than so many.
#[derive(Clone)]
struct Patient {
    room: Arc<Semaphore>,
}

impl<S> Accept<TcpStream, S> for Patient {
    type Stream = Connection;
    type Service = S;
    type Future = Ready<io::Result<(Connection, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        // It is closed at once: there is nobody to read its request.
        let room = Arc::clone(&self.room).try_acquire_owned().map_err(io::Error::other);
        // Events are small and wanted at once.
        let taken = room.and_then(|room| stream.set_nodelay(true).map(|()| Connection::new(stream, room)));
        std::future::ready(taken.map(|connection| (connection, service)))
    }
}

/// A connection that ends where nothing of what is written to it is taken, where it does not begin, or begins in HTTP/2.
struct Connection {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    /// What is left of the preface of HTTP/2, for as long as that is what comes.
    preface: Option<&'static [u8]>,
    /// When it must have begun by.
    begins: Pin<Box<Sleep>>,
    _room: OwnedSemaphorePermit,
}

impl Connection {
    fn new(stream: TcpStream, room: OwnedSemaphorePermit) -> Self {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(TAKEN_WITHIN));
        let begins = Box::pin(tokio::time::sleep(HEADER_TIME));
        Self { stream: Box::pin(stream), preface: Some(PREFACE), begins, _room: room }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let Poll::Ready(read) = self.stream.as_mut().poll_read(cx, buf) else {
            // Once it has begun the parser has a limit of its own, and whoever listens need not say anything.
            if self.preface.is_some() {
                ready!(self.begins.as_mut().poll(cx));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            return Poll::Pending;
        };
        read?;
        for &byte in &buf.filled()[before..] {
            let Some(left) = self.preface else { break };
            self.preface = match left.split_first() {
                Some((&next, left)) if next == byte && !left.is_empty() => Some(left),
                Some((&next, _)) if next == byte => {
                    return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
                }
                _ => None,
            };
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
