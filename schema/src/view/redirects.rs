//! Where a redirection ends: at its target's name, at this proxy first, else at another.

use std::sync::Arc;

use super::HopKind;
use super::evidence::Detail;
use super::refs::{ObjectRef, ProxyHostRef};
use super::routing::Routing;
use crate::fact::ProxyKind;

/// After so many redirections a browser gives up, and so do we.
const MOST_STEPS: usize = 20;

/// Where a host leads in the end.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// The redirections on the way.
    pub(crate) steps: Vec<(ProxyHostRef, ProxyHostRef)>,
    /// The last host.
    pub(crate) last: ProxyHostRef,
    /// Several hosts bear the last redirection's target.
    pub(crate) several: Option<Arc<[ObjectRef]>>,
    /// Every host on the way is enabled, and none is dead.
    pub(crate) serves: bool,
    /// Why there is no target to go on at.
    pub(crate) nowhere: Option<Detail>,
}

/// The hosts that bear a redirection's target.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    None,
    One(ProxyHostRef),
    Several(Arc<[ObjectRef]>),
}

impl<'a> Routing<'a> {
    /// Follows a host to where its requests end.
    pub(crate) fn follow(&self, start: ProxyHostRef) -> Ending {
        let mut ending =
            Ending { steps: Vec::new(), last: start, several: None, serves: true, nowhere: None };
        loop {
            let at = ending.last;
            let host = self.host(at);
            ending.serves &= host.enabled && host.kind != ProxyKind::Dead;
            match host.kind {
                ProxyKind::Proxy | ProxyKind::Stream => return ending,
                ProxyKind::Dead => ending.nowhere = Some(Detail::DeadHost { host: at }),
                ProxyKind::Redirection => {
                    match host.redirect_to.as_deref().map(|name| self.goes_on(name, at)) {
                        None => ending.nowhere = Some(Detail::NoTarget),
                        Some(Found::None) => ending.nowhere = Some(Detail::UnknownName { from: at }),
                        Some(Found::One(next))
                            if next == start || ending.steps.len() == MOST_STEPS || ending.passed(next) =>
                        {
                            ending.nowhere = Some(Detail::Loop { from: at });
                        }
                        Some(Found::One(next)) => {
                            ending.steps.push((at, next));
                            ending.last = next;
                            continue;
                        }
                        Some(Found::Several(several)) => {
                            ending.several = Some(several);
                            ending.nowhere = Some(Detail::After { hop: HopKind::ProxyHost });
                        }
                    }
                }
            }
            return ending;
        }
    }

    /// Where a redirection to a name goes on: at this proxy's hosts before others', at enabled ones before disabled.
    fn goes_on(&self, name: &'a str, from: ProxyHostRef) -> Found {
        if name.contains('*') {
            return Found::None;
        }
        let key = (from.source, name);
        if let Some(known) = self.goes_on.borrow().get(&key) {
            return known.clone();
        }
        let bearers = self.bearers(name);
        let own = bearers.iter().any(|named| named.1.source == from.source);
        let found = || bearers.iter().map(|named| named.1).filter(|host| !own || host.source == from.source);
        let enabled: Vec<ProxyHostRef> = found().filter(|host| self.host(*host).enabled).collect();
        let found = match (&*enabled, found().next()) {
            (_, None) => Found::None,
            // Disabled ones are followed as far as the data go; of several the first.
            ([], Some(disabled)) => Found::One(disabled),
            ([one], _) => Found::One(*one),
            (several, _) => Found::Several(several.iter().map(|host| ObjectRef::from(*host)).collect()),
        };
        self.goes_on.borrow_mut().insert(key, found.clone());
        found
    }
}

impl Ending {
    fn passed(&self, host: ProxyHostRef) -> bool {
        self.steps.iter().any(|(from, _)| *from == host)
    }
}
