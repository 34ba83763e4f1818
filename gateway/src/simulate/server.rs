//! One simulated server on its port: up, or gone while the fault `down` says so.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio::task::JoinHandle;

use super::SimulateError;
use super::answer::Served;

/// Serves until the task is dropped; while the fault `down` meets it, its port is closed.
pub(super) async fn run(
    served: Arc<Served>,
    mut listener: TcpListener,
    address: SocketAddr,
    tls: Option<RustlsConfig>,
) -> Result<(), SimulateError> {
    let (state, name) = (&served.state, &served.upstream.name);
    loop {
        let handle = Handle::new();
        let serving =
            AbortOnDrop(tokio::spawn(serve(Arc::clone(&served), listener, tls.clone(), handle.clone())));
        state.until_down(name, true).await;
        handle.shutdown();
        drop(serving);
        state.until_down(name, false).await;
        listener = bind(address)?;
    }
}

/// Ends a server with its task: connections are cut, the port is free.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) fn bind(address: SocketAddr) -> Result<TcpListener, SimulateError> {
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|source| SimulateError::Bind { address, source })
}

async fn serve(
    served: Arc<Served>,
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    handle: Handle<SocketAddr>,
) {
    let name = served.upstream.name.clone();
    let router = Router::new().fallback(move |request: Request| {
        let served = Arc::clone(&served);
        async move { served.serve(request).await }
    });
    let service = router.into_make_service();
    let outcome = match tls {
        Some(tls) => match axum_server::from_tcp_rustls(listener, tls) {
            Ok(bound) => bound.handle(handle).serve(service).await,
            Err(error) => Err(error),
        },
        None => match axum_server::from_tcp(listener) {
            Ok(bound) => bound.handle(handle).serve(service).await,
            Err(error) => Err(error),
        },
    };
    if let Err(error) = outcome {
        tracing::error!(upstream = name, %error, "a simulated server ended");
    }
}
