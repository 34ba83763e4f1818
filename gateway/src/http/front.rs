//! The front door as a value: what the router needs to know, given by whoever wires the program.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::response::Response;
use futures_util::future::BoxFuture;
use http::{Extensions, HeaderMap, header};
use metrics_exporter_prometheus::PrometheusHandle;

use super::answer::{self, Media};
use super::engine::{Asked, Engine};
use super::limits::Limits;
use super::nulls::OutputTypes;
use super::places::Places;
use super::probe::Readiness;
use super::rates::{Rates, TooMuch};
use super::request_id::RequestId;
use crate::auth::{Authenticate, Caller, Unauthenticated};

/// Everything behind the router. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) auth: Arc<dyn Authenticate>,
    pub(super) output_types: Arc<OutputTypes>,
    pub(super) limits: Arc<Limits>,
    pub(super) rates: Arc<Rates>,
    pub(super) request_ids: Arc<dyn Fn() -> u128 + Send + Sync>,
    pub(super) metrics: PrometheusHandle,
    pub(super) requests: Arc<AtomicU64>,
    pub(super) readiness: Arc<dyn Fn() -> BoxFuture<'static, Readiness> + Send + Sync>,
    pub(super) hosts: Arc<[String]>,
    pub(super) issuer: Option<Arc<str>>,
    pub(super) places: Arc<Places>,
}

impl Front {
    /// `auth` tells who asks; `request_ids` is the source of randomness for ids that no client gave; `readiness` is asked for each `/readyz`.
    pub fn new(
        engine: impl Engine,
        auth: Arc<dyn Authenticate>,
        request_ids: impl Fn() -> u128 + Send + Sync + 'static,
        metrics: PrometheusHandle,
        readiness: impl Fn() -> BoxFuture<'static, Readiness> + Send + Sync + 'static,
    ) -> Self {
        Self {
            output_types: Arc::new(OutputTypes::of(&engine.sdl())),
            engine: Arc::new(engine),
            auth,
            limits: Arc::new(Limits::default()),
            rates: Arc::new(Rates::new(&Limits::default())),
            request_ids: Arc::new(request_ids),
            metrics,
            requests: Arc::default(),
            readiness: Arc::new(readiness),
            hosts: Arc::new([]),
            issuer: None,
            places: Arc::new(Places::new()),
        }
    }

    /// Who asks, and by which request: from its headers, and the extensions that the outermost layer gave it. Counted: who
    /// asks too often is refused too.
    pub(super) async fn asked(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Asked, NotHeard> {
        let request_id = self.request_id(headers, extensions);
        let caller = self.heard(token_of(headers), address(extensions)).await?;
        Ok(Asked { caller, request_id })
    }

    /// The id of a request, as the outermost layer gave it.
    pub(super) fn request_id(&self, headers: &HeaderMap, extensions: &Extensions) -> RequestId {
        let known = extensions.get::<RequestId>().cloned();
        known.unwrap_or_else(|| RequestId::of(headers, &*self.request_ids))
    }

    /// Who a token speaks for. The one check of tokens, and the one count of requests, of every way in.
    pub(super) async fn heard(
        &self,
        token: Result<Option<&str>, Unauthenticated>,
        from: IpAddr,
    ) -> Result<Arc<Caller>, NotHeard> {
        let caller = self.known(token, from).await?;
        self.counted(&caller)?;
        Ok(caller)
    }

    /// The same, uncounted unless it is refused: of a token that asks for nothing.
    pub(super) async fn known(
        &self,
        token: Result<Option<&str>, Unauthenticated>,
        from: IpAddr,
    ) -> Result<Arc<Caller>, NotHeard> {
        let caller = match token {
            Ok(token) => self.auth.caller(token).await,
            Err(unauthenticated) => Err(unauthenticated),
        };
        if caller.is_err() {
            self.rates.refused(from)?;
        }
        caller.map_err(|_| NotHeard::Unauthenticated)
    }

    /// Counts a request of somebody who is known.
    pub(super) fn counted(&self, caller: &Caller) -> Result<(), NotHeard> {
        self.rates.request(&caller.principal.subject).map_err(NotHeard::from)
    }

    /// A caller as of now: a second factor wears off, a token ends.
    pub(super) fn as_of_now(&self, caller: &Caller) -> Result<Arc<Caller>, Unauthenticated> {
        Ok(Arc::new(Caller { principal: self.auth.now(caller)?, ..Caller::clone(caller) }))
    }

    /// Tells sockets and streams to end, and returns once they have, or the time is over; those that take longer are cut.
    /// Whether all had ended.
    pub async fn stop(&self, within: Duration) -> bool {
        self.places.stop(within).await
    }

    /// Limits other than the defaults.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.rates = Arc::new(Rates::new(&limits));
        self.limits = Arc::new(limits);
        self
    }

    /// Whose tokens are taken: `/.well-known/oauth-protected-resource` tells programs where to get one.
    #[must_use]
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Names of this server, besides those of the loopback interface, that a `Host` header may bear.
    #[must_use]
    pub fn hosts(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        self.hosts = hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect();
        self
    }
}

/// Why a request is not heard.
pub(super) enum NotHeard {
    /// Its token is missing or refused.
    Unauthenticated,
    /// Its caller asks too often.
    TooMuch(TooMuch),
}

impl From<TooMuch> for NotHeard {
    fn from(too_much: TooMuch) -> Self {
        Self::TooMuch(too_much)
    }
}

impl NotHeard {
    /// As it is answered.
    pub(super) fn answer(&self, media: Media) -> Response {
        match self {
            Self::Unauthenticated => answer::unauthenticated(media),
            Self::TooMuch(too_much) => answer::too_much(media, too_much),
        }
    }
}

/// The token of the one `Authorization` header of scheme Bearer that a request may bear.
pub(super) fn token_of(headers: &HeaderMap) -> Result<Option<&str>, Unauthenticated> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    match (given.next(), given.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => one.to_str().ok().and_then(bearer).map(Some).ok_or(Unauthenticated),
        (Some(_), Some(_)) => Err(Unauthenticated),
    }
}

/// Where a request comes from. A server that does not tell addresses apart counts all of them as one.
pub(super) fn address(extensions: &Extensions) -> IpAddr {
    let from = extensions.get::<ConnectInfo<SocketAddr>>().map(|from| from.0.ip());
    from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// The token of `Bearer TOKEN` (RFC 6750, 2.1); the scheme in any case, one blank or more.
pub(super) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").field("limits", &self.limits).finish_non_exhaustive()
    }
}
