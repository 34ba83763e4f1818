//! Which ports and devices go dark with a port or a device: an uplink takes with it what is reached through it alone.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use super::refs::{PortRef, SwitchRef};
use crate::Mac;

/// What goes dark.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    pub(crate) ports: BTreeSet<PortRef>,
    pub(crate) switches: BTreeSet<SwitchRef>,
}

/// The devices of a network by the device that they hang on.
type Below = BTreeMap<Mac, Vec<(SwitchRef, Option<u16>)>>;

impl Outage {
    /// A device goes, and everything below it is cut off.
    pub(crate) fn of_switch(view: &View, switch: SwitchRef) -> Self {
        let mut outage = Self::default();
        outage.cut(view, switch, &below(view, switch.source));
        outage
    }

    /// A port goes. One without link carries nothing.
    pub(crate) fn of_port(view: &View, port: PortRef) -> Self {
        let mut outage = Self::default();
        let fact = view.port(port);
        if !fact.up {
            return outage;
        }
        outage.ports.insert(port);
        let Some(switch) = view.switch_of_port(port) else { return outage };
        let below = below(view, port.source);
        let ports: Vec<PortRef> = view.ports_of_switch(switch).collect();
        let spare = |other: &PortRef| *other != port && view.port(*other).up;
        let mates = |other: &PortRef| fact.lag.is_some() && view.port(*other).lag == fact.lag;
        if ports.iter().any(|other| spare(other) && mates(other)) {
            return outage;
        }
        if fact.is_uplink && !ports.iter().any(|other| spare(other) && view.port(*other).is_uplink) {
            outage.cut(view, switch, &below);
        }
        for (child, at) in below.get(&fact.switch).into_iter().flatten() {
            let uplinks =
                view.ports_of_switch(*child).filter(|own| view.port(*own).is_uplink && view.port(*own).up);
            if *at == Some(fact.number) && uplinks.count() < 2 {
                outage.cut(view, *child, &below);
            }
        }
        outage
    }

    /// Cuts a device off, with everything below it; a ring of devices is cut off once.
    fn cut(&mut self, view: &View, switch: SwitchRef, below: &Below) {
        let mut open = vec![switch];
        while let Some(switch) = open.pop() {
            if self.switches.insert(switch) {
                self.ports.extend(view.ports_of_switch(switch));
                let children = below.get(&view.switch(switch).mac).into_iter().flatten();
                open.extend(children.map(|(child, _)| *child));
            }
        }
    }
}

fn below(view: &View, source: u32) -> Below {
    let mut below = Below::new();
    for switch in view.fabrics[view.layout.of(source) as usize].devices() {
        if let Some((above, port)) = view.switch(switch).uplink {
            below.entry(above).or_default().push((switch, port));
        }
    }
    below
}
