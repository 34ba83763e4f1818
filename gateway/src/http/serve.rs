//! Serving the router on a listener, with bounds on what a connection may hold before a request has begun.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum_server::Handle;

/// Bytes that the HTTP parser buffers for one connection: the header lines of 32 KB that are answered in words, and as
/// much again for a request line, so that the answer comes from us and not from the parser.
const CONNECTION_BUFFER: usize = 64 * 1024;

/// How long a client may take for its header lines.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// Serves until `handle` is told to shut down; `handle.graceful_shutdown(Some(limit))` lets open requests finish.
pub async fn serve(listener: TcpListener, router: Router, handle: Handle<SocketAddr>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut server = axum_server::from_tcp(listener)?.handle(handle);
    server
        .http_builder()
        .http1()
        .timer(hyper_util::rt::TokioTimer::new())
        .max_buf_size(CONNECTION_BUFFER)
        .header_read_timeout(HEADER_TIME);
    server.serve(router.into_make_service_with_connect_info::<SocketAddr>()).await
}
