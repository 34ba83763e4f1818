//! A real server on loopback for tests, which answers as it is told to and misbehaves on the wire as real ones do.

mod simulated;

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use url::Url;

pub(crate) use simulated::{Simulated, built, collected};

/// A server that lives as long as this value.
pub(crate) struct Server {
    /// Where it answers.
    pub(crate) url: Url,
    /// Its certificate in DER, where it speaks TLS.
    pub(crate) certificate: Option<Vec<u8>>,
    received: Arc<Mutex<Vec<Received>>>,
    task: JoinHandle<()>,
}

/// One request, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Answers; the first string is status and reason phrase, `200 OK`.
    Answer(&'static str, Vec<(&'static str, String)>, Vec<u8>),
    /// Reads the request and never answers.
    Hang,
    /// Announces a long body and sends one byte of it at a time, without end.
    Drip,
    /// Closes the connection without a word.
    Cut,
    /// Announces a body, sends half of it and closes.
    CutInBody(Vec<u8>),
    /// Announces this many bytes of JSON string and sends them.
    Huge { announced: bool, bytes: usize },
}

impl Reply {
    /// 200 with a JSON body.
    pub(crate) fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::with("200 OK", body)
    }

    /// Any status with a JSON body.
    pub(crate) fn with(status: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer(status, vec![("content-type", "application/json".to_owned())], body.into())
    }
}

type Handler = Arc<dyn Fn(&Received) -> Reply + Send + Sync>;

impl Server {
    /// Over plain HTTP.
    pub(crate) async fn start(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(None, Arc::new(handler)).await
    }

    /// Over TLS with a self-signed certificate of its own for 127.0.0.1.
    pub(crate) async fn start_tls(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .expect("a certificate and its key");
        let mut server = Self::serve(Some(TlsAcceptor::from(Arc::new(config))), Arc::new(handler)).await;
        server.certificate = Some(certificate.to_vec());
        server
    }

    /// What was asked so far, in order.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no test panics while it holds this").clone()
    }

    async fn serve(tls: Option<TlsAcceptor>, handler: Handler) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = Url::parse(&format!("{scheme}://127.0.0.1:{port}")).expect("an address");
        let received = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&received);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                // Head and body are two writes; the second must not wait for the first to be acknowledged.
                let _ = stream.set_nodelay(true);
                connections.spawn(connection(stream, tls.clone(), Arc::clone(&handler), Arc::clone(&log)));
            }
        });
        Self { url, certificate: None, received, task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    handler: Handler,
    log: Arc<Mutex<Vec<Received>>>,
) {
    match tls {
        None => converse(stream, handler, log).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                converse(stream, handler, log).await;
            }
        }
    }
}

/// One request after the other, until either side has enough.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    handler: Handler,
    log: Arc<Mutex<Vec<Received>>>,
) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read_request(&mut stream).await {
        log.lock().expect("no test panics while it holds this").push(request.clone());
        let reply = handler(&request);
        if write_reply(&mut stream, reply).await.is_none() {
            return;
        }
    }
    // What is no HTTP gets told so, as servers do; who has gone does not hear it.
    let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
        if !head[0].is_ascii_uppercase() {
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap_or(0))];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received { method, path, headers, body })
}

/// `None` where the connection is over.
async fn write_reply(stream: &mut (impl AsyncWrite + Unpin), reply: Reply) -> Option<()> {
    match reply {
        Reply::Answer(status, headers, body) => {
            let headers: String =
                headers.iter().flat_map(|(name, value)| [name, ": ", value.as_str(), "\r\n"]).collect();
            let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await.ok()?;
            stream.write_all(&body).await.ok()?;
        }
        Reply::Hang => std::future::pending().await,
        Reply::Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n[").await.ok()?;
            loop {
                stream.write_all(b" ").await.ok()?;
                stream.flush().await.ok()?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Reply::Cut => return None,
        Reply::CutInBody(body) => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await.ok()?;
            stream.write_all(&body[..body.len() / 2]).await.ok()?;
            stream.flush().await.ok()?;
            return None;
        }
        Reply::Huge { announced, bytes } => {
            let length = if announced {
                format!("content-length: {bytes}\r\n")
            } else {
                "connection: close\r\n".to_owned()
            };
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{length}\r\n\"").as_bytes()).await.ok()?;
            let chunk = vec![b'x'; 64 << 10];
            for _ in 0..bytes / chunk.len() {
                stream.write_all(&chunk).await.ok()?;
            }
            return None;
        }
    }
    stream.flush().await.ok()
}
