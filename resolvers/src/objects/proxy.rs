//! Where the outside comes in: public names, the hosts of proxies, certificates.

use resolvers_macros::object;
use schema::fact::{CertificateFact, LocationFact, ProxyHostFact};
use schema::policy::Permission;
use schema::view::{CertificateRef, HostnameRef, ProxyHostRef};

use super::{IpAddress, Many as _, Path, Provenance, handles, listed};
use crate::Refusal;
use crate::RequestContext;
use crate::access::{Visible as _, leads_to_visible};
use crate::enums::ProxyKind;
use crate::page::{Connection, Cursor, Listed as _, Page};
use crate::scalar::{DateTime, Id};

handles! {
    /// A public name.
    Hostname(HostnameRef);
    /// A host of a proxy.
    ProxyHost(ProxyHostRef);
    /// A certificate of a proxy.
    Certificate(CertificateRef);
}
listed!(Hostname, ProxyHost, Certificate);

/// A location of a proxy host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProxyLocation<'v> {
    context: &'v RequestContext,
    host: ProxyHostRef,
    place: usize,
    fact: &'v LocationFact,
}

/// A public name.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> Hostname<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    /// app.example.org; a wildcard as such.
    pub(crate) fn name(&self) -> &'v str {
        self.context.view.hostname(self.at)
    }

    /// The hosts that serve it.
    fn proxy_hosts(&self) -> Vec<ProxyHost<'v>> {
        ProxyHost::all(self.context, self.context.view.proxy_hosts_of_hostname(self.at))
    }

    fn paths(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Path<'v>>, Refusal> {
        Page::new(first, after).among(&Path::all(self.context, self.context.view.paths_of_hostname(self.at)))
    }

    /// The certificates of the hosts that serve it, each once.
    fn certificates(&self) -> Vec<Certificate<'v>> {
        Certificate::all(self.context, self.context.view.certificates_of_hostname(self.at))
    }
}

impl<'v> ProxyHost<'v> {
    pub(crate) fn fact(&self) -> &'v ProxyHostFact {
        self.context.view.proxy_host(self.at)
    }

    /// The caller may see all of it, and not only what some visible path makes use of.
    fn is_own(&self) -> bool {
        self.context.may_at(Permission::InventoryRead, self.at.source())
    }

    /// The visible paths through it.
    fn visible_paths(&self) -> impl Iterator<Item = schema::view::Path<'v>> + use<'v> {
        let (context, view) = (self.context, &self.context.view);
        let paths = view.paths_of_proxy_host(self.at).filter(|path| path.visible(context));
        paths.map(|path| view.path(path))
    }

    /// The visible paths that lead where its targets are: a decision by hand may have led one here from elsewhere, or from
    /// here elsewhere, and then says nothing of them.
    fn followed_paths(&self) -> impl Iterator<Item = schema::view::Path<'v>> + use<'v> {
        let (context, at) = (self.context, self.at);
        self.visible_paths().filter(move |path| {
            path.as_told().is_none_or(|told| told.proxy_host() == Some(at) && leads_to_visible(context, told))
        })
    }

    /// Its own target shows: the caller sees the host, or a path that leads there.
    fn shows_target(&self) -> bool {
        self.is_own() || self.followed_paths().any(|path| path.location().is_none())
    }

    /// A location shows: the caller sees the host, or a path through it; one without a path of its own goes with the
    /// host's target.
    fn shows_location(&self, location: &str) -> bool {
        let view = &self.context.view;
        let mut own = view.paths_of_proxy_host(self.at).map(|path| view.path(path));
        if own.any(|path| path.location() == Some(location)) {
            self.is_own() || self.followed_paths().any(|path| path.location() == Some(location))
        } else {
            self.shows_target()
        }
    }

    /// The name of its source.
    pub(crate) fn source_name(&self) -> &'v str {
        &self.context.view.held(self.at.source()).info.name
    }
}

/// A host of a proxy: a proxy host, redirection, dead host or stream of Nginx Proxy Manager.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> ProxyHost<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    /// NPM's own id.
    fn source_ref(&self) -> &'v str {
        self.fact().reference.trim_start_matches(|letter: char| letter.is_ascii_alphabetic())
    }

    pub(crate) fn kind(&self) -> ProxyKind {
        self.fact().kind.into()
    }

    /// A stream's.
    fn incoming_port(&self) -> Option<u16> {
        self.fact().incoming_port
    }

    /// A redirection's target name.
    fn redirect_to(&self) -> Option<&'v str> {
        self.fact().redirect_to.as_deref()
    }

    /// Those that the caller sees a path of, unless they see the whole host.
    pub(crate) fn domain_names(&self) -> Vec<&'v str> {
        let view = &self.context.view;
        let all = self.fact().domain_names.iter().map(|name| &**name);
        if self.is_own() {
            return all.collect();
        }
        let seen: Vec<&str> = self
            .visible_paths()
            .filter_map(schema::view::Path::hostname)
            .map(|name| view.hostname(name))
            .collect();
        all.filter(|name| seen.iter().any(|seen| seen.eq_ignore_ascii_case(name))).collect()
    }

    fn hostnames(&self) -> Vec<Hostname<'v>> {
        Hostname::all(self.context, self.context.view.hostnames_of_proxy_host(self.at))
    }

    pub(crate) fn enabled(&self) -> bool {
        self.fact().enabled
    }

    fn forward_scheme(&self) -> Option<&'v str> {
        self.fact().forward_scheme.as_deref().filter(|_| self.shows_target())
    }

    /// Null for a dead host and a redirection.
    pub(crate) fn forward_host(&self) -> Option<&'v str> {
        self.fact().forward_host.as_deref().filter(|_| self.shows_target())
    }

    fn forward_port(&self) -> Option<u16> {
        self.fact().forward_port.filter(|_| self.shows_target())
    }

    /// Plain HTTP is sent to HTTPS.
    fn ssl_forced(&self) -> bool {
        self.fact().ssl_forced
    }

    fn certificate(&self) -> Option<Certificate<'v>> {
        self.context.view.certificate_of_proxy_host(self.at).and_then(|at| Certificate::see(self.context, at))
    }

    fn access_list_name(&self) -> Option<&'v str> {
        self.fact().access_list_name.as_deref()
    }

    /// Null where forwardHost is a name that nothing here resolves.
    fn upstream_address(&self) -> Option<IpAddress<'v>> {
        self.context
            .view
            .upstream_of_proxy_host(self.at)
            .filter(|_| self.shows_target())
            .and_then(|at| IpAddress::see(self.context, at))
    }

    /// Those with the host's own target included.
    fn locations(&self) -> Vec<ProxyLocation<'v>> {
        let locations = self.fact().locations.iter().enumerate();
        locations
            .filter(|(_, fact)| self.shows_location(&fact.path))
            .map(|(place, fact)| ProxyLocation { context: self.context, host: self.at, place, fact })
            .collect()
    }

    fn provenance(&self) -> Provenance<'v> {
        Provenance::new(self.context, self.at.source(), self.fact().seen)
    }
}

/// A path of a proxy host with a target of its own.
#[object]
impl<'v> ProxyLocation<'v> {
    /// /api
    fn path(&self) -> &'v str {
        &self.fact.path
    }

    fn forward_scheme(&self) -> &'v str {
        &self.fact.forward_scheme
    }

    fn forward_host(&self) -> &'v str {
        &self.fact.forward_host
    }

    fn forward_port(&self) -> Option<u16> {
        self.fact.forward_port
    }

    /// Null where forwardHost is a name that nothing here resolves.
    fn upstream_address(&self) -> Option<IpAddress<'v>> {
        let at = self.context.view.upstream_of_location(self.host, self.place)?;
        IpAddress::see(self.context, at)
    }
}

impl<'v> Certificate<'v> {
    pub(crate) fn fact(&self) -> &'v CertificateFact {
        self.context.view.certificate(self.at)
    }

    fn is_own(&self) -> bool {
        self.context.may_at(Permission::InventoryRead, self.at.source())
    }

    fn shown_names(&self) -> Vec<&'v str> {
        let view = &self.context.view;
        let shows = |name: &str| {
            let hostname = view.find_hostname(&name.to_lowercase());
            hostname.is_some_and(|hostname| hostname.visible(self.context))
        };
        let names = self.fact().domain_names.iter().map(|name| &**name);
        names.filter(|name| self.is_own() || shows(name)).collect()
    }
}

/// A certificate of a proxy. Of its key nothing is ever read.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> Certificate<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    /// As people called it. It often lists the names that it is for: to who may not see them all, those that they may.
    fn nice_name(&self) -> String {
        if self.is_own() { self.fact().nice_name.to_string() } else { self.shown_names().join(", ") }
    }

    /// letsencrypt, other.
    fn provider(&self) -> &'v str {
        &self.fact().provider
    }

    fn domain_names(&self) -> Vec<&'v str> {
        self.shown_names()
    }

    fn expires_on(&self) -> Option<DateTime> {
        self.fact().expires_on.map(DateTime)
    }

    /// Whole days until it ends; negative once it has.
    fn days_left(&self) -> Option<i32> {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        let left = self.fact().expires_on?.millis().saturating_sub(self.context.now.millis());
        Some(i32::try_from(left.div_euclid(DAY)).unwrap_or(if left < 0 { i32::MIN } else { i32::MAX }))
    }

    fn provenance(&self) -> Provenance<'v> {
        Provenance::new(self.context, self.at.source(), self.fact().seen)
    }
}
