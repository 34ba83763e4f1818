//! The lists of a View, in the order of their natural keys, so that a page can begin after a key whose object is gone.

use std::cmp::Ordering;
use std::marker::PhantomData;

use super::View;
use super::part::Part;
use super::refs::{
    AddressRef, AssignmentRef, CertificateRef, ClientRef, EntitlementRef, ForwardRef, GuestRef, HostnameRef,
    InvoiceRef, NodeRef, OrganizationRef, PathRef, PortMapRef, ProxyHostRef, SubnetRef, SwitchRef, VlanRef,
    narrow,
};
use crate::ObjectId;

/// All objects of one type, in order.
pub struct Listing<'v, T> {
    view: &'v View,
    of: PhantomData<T>,
}

/// A type of object that a View lists.
pub trait Listed: Copy {
    /// How many there are.
    fn count(view: &View) -> usize;
    /// The object at a place below the count.
    fn at(view: &View, place: usize) -> Self;
    /// Where the object stands to the object of an id; an id of another type comes after everything.
    fn compare(self, view: &View, id: &ObjectId) -> Ordering;
}

impl<'v, T: Listed> Listing<'v, T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        T::count(self.view)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The object at a place.
    pub fn get(&self, place: usize) -> Option<T> {
        (place < self.len()).then(|| T::at(self.view, place))
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = T> + DoubleEndedIterator + use<'v, T> {
        self.range(0, self.len())
    }

    /// Those from one place to before another.
    pub fn range(
        &self,
        from: usize,
        to: usize,
    ) -> impl ExactSizeIterator<Item = T> + DoubleEndedIterator + use<'v, T> {
        let view = self.view;
        (from..to.min(self.len())).map(move |place| T::at(view, place))
    }

    /// The place of the first object after the one of this id, which need not be there any more.
    pub fn after(&self, id: &ObjectId) -> usize {
        self.partition(|order| order != Ordering::Greater, id)
    }

    /// The place of the first object that is not before the one of this id.
    pub fn from(&self, id: &ObjectId) -> usize {
        self.partition(|order| order == Ordering::Less, id)
    }

    fn partition(&self, before: impl Fn(Ordering) -> bool, id: &ObjectId) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if before(T::at(self.view, middle).compare(self.view, id)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// The place of the object of an id.
pub(crate) fn by_natural_key<T: Listed>(view: &View, id: &ObjectId) -> Option<usize> {
    let list = Listing::<T> { view, of: PhantomData };
    let place = list.from(id);
    list.get(place).filter(|object| object.compare(view, id).is_eq()).map(|_| place)
}

/// A type that is listed source by source.
macro_rules! by_source {
    ($($handle:ident, $places:ident, |$view:ident, $object:ident, $id:ident| $compare:expr;)+) => {
        $(impl Listed for $handle {
            fn count(view: &View) -> usize {
                view.parts.iter().map(|part| part.$places.len()).sum()
            }

            fn at(view: &View, place: usize) -> Self {
                let (source, index) = locate(&view.parts, place, |part| part.$places.len());
                Self::new(source, index)
            }

            fn compare(self, $view: &View, $id: &ObjectId) -> Ordering {
                let $object = self;
                $compare.unwrap_or(Ordering::Less)
            }
        })+
    };
}

fn locate(parts: &[std::sync::Arc<Part>], mut place: usize, count: impl Fn(&Part) -> usize) -> (u32, usize) {
    for (source, part) in (0u32..).zip(parts) {
        match place.checked_sub(count(part)) {
            Some(beyond) => place = beyond,
            None => return (source, place),
        }
    }
    unreachable!("a place below the count lies in some source")
}

/// Compares a source's name and an object's reference with those of an id.
macro_rules! referenced {
    ($view:ident, $object:ident, $method:ident, $id:ident, $variant:ident) => {
        match $id {
            ObjectId::$variant { source, reference } => Some(
                $view
                    .name_of($object.source)
                    .cmp(source)
                    .then_with(|| $view.$method($object).reference.cmp(reference)),
            ),
            _ => None,
        }
    };
}

by_source! {
    GuestRef, guests, |view, object, id| match id {
        ObjectId::Guest { cluster, vmid } => {
            Some(view.name_of(object.source).cmp(cluster).then_with(|| view.guest(object).vmid.cmp(vmid)))
        }
        _ => None,
    };
    NodeRef, nodes, |view, object, id| match id {
        ObjectId::ClusterNode { cluster, name } => {
            Some(view.name_of(object.source).cmp(cluster).then_with(|| (*view.node(object).name).cmp(name)))
        }
        _ => None,
    };
    ProxyHostRef, proxy_hosts, |view, object, id| referenced!(view, object, proxy_host, id, ProxyHost);
    CertificateRef, certificates, |view, object, id| referenced!(view, object, certificate, id, Certificate);
    ForwardRef, forwards, |view, object, id| referenced!(view, object, forward, id, PortForward);
    VlanRef, vlans, |view, object, id| referenced!(view, object, vlan, id, Vlan);
    AssignmentRef, assignments, |view, object, id| referenced!(view, object, assignment, id, IpAssignment);
    EntitlementRef, items, |view, object, id| referenced!(view, object, entitlement, id, Entitlement);
    InvoiceRef, invoices, |view, object, id| referenced!(view, object, invoice, id, Invoice);
    PortMapRef, port_map, |_view, _object, id| match id {
        ObjectId::DriftFinding { .. } => Some(Ordering::Less),
        _ => None,
    };
}

/// A type whose handle is a place in one list.
macro_rules! in_one_list {
    ($($handle:ident, |$counted:ident| $count:expr, |$view:ident, $object:ident, $id:ident| $compare:expr;)+) => {
        $(impl Listed for $handle {
            fn count($counted: &View) -> usize {
                $count
            }

            fn at(_view: &View, place: usize) -> Self {
                Self(narrow(place))
            }

            fn compare(self, $view: &View, $id: &ObjectId) -> Ordering {
                let $object = self;
                $compare.unwrap_or(Ordering::Less)
            }
        })+
    };
}

in_one_list! {
    HostnameRef, |view| view.routes.name_count(), |view, object, id| match id {
        ObjectId::Hostname(name) => Some(view.hostname(object).cmp(name)),
        _ => None,
    };
    OrganizationRef, |view| view.catalog.organizations.len(), |view, object, id| match id {
        ObjectId::Organization(name) => Some(view.organization(object).cmp(name)),
        _ => None,
    };
    PathRef, |view| view.routes.all.len(), |view, object, id| match id {
        ObjectId::Path { source, reference, entry } => {
            let route = &view.routes.all[object.0 as usize];
            Some((*route.entry).cmp(entry).then_with(|| view.beginning(route).cmp(&(&**source, &**reference))))
        }
        _ => None,
    };
}

impl Listed for SwitchRef {
    fn count(view: &View) -> usize {
        view.catalog.switches.len()
    }

    fn at(view: &View, place: usize) -> Self {
        view.catalog.switches[place]
    }

    fn compare(self, view: &View, id: &ObjectId) -> Ordering {
        match id {
            ObjectId::Switch(mac) => view.switch(self).mac.cmp(mac),
            _ => Ordering::Less,
        }
    }
}

impl Listed for SubnetRef {
    fn count(view: &View) -> usize {
        view.catalog.subnets.len()
    }

    fn at(view: &View, place: usize) -> Self {
        view.catalog.subnets[place].handle
    }

    fn compare(self, view: &View, id: &ObjectId) -> Ordering {
        let own = view.subnet(self);
        match id {
            ObjectId::Subnet { network, cidr } => {
                (*own.network).cmp(network).then_with(|| own.cidr.cmp(cidr))
            }
            _ => Ordering::Less,
        }
    }
}

impl Listed for ClientRef {
    fn count(view: &View) -> usize {
        view.fabrics.iter().map(|fabric| fabric.clients.len()).sum()
    }

    fn at(view: &View, mut place: usize) -> Self {
        for fabric in &view.fabrics {
            match place.checked_sub(fabric.clients.len()) {
                Some(beyond) => place = beyond,
                None => return fabric.clients[place].1,
            }
        }
        unreachable!("a place below the count lies in some network")
    }

    fn compare(self, view: &View, id: &ObjectId) -> Ordering {
        match id {
            ObjectId::NetworkClient { network, mac } => {
                let own = &**view.network_name(view.network_of(self.source()));
                own.cmp(network).then_with(|| view.client(self).mac.cmp(mac))
            }
            _ => Ordering::Less,
        }
    }
}

impl Listed for AddressRef {
    fn count(view: &View) -> usize {
        view.tables.iter().map(|table| table.len()).sum()
    }

    fn at(view: &View, mut place: usize) -> Self {
        for (network, table) in (0u32..).zip(&view.tables) {
            match place.checked_sub(table.len()) {
                Some(beyond) => place = beyond,
                None => return Self { network, address: table.address(place) },
            }
        }
        unreachable!("a place below the count lies in some network")
    }

    fn compare(self, view: &View, id: &ObjectId) -> Ordering {
        match id {
            ObjectId::IpAddress { network, address } => {
                (**view.network_name(self.network())).cmp(network).then_with(|| self.address.cmp(address))
            }
            _ => Ordering::Less,
        }
    }
}

macro_rules! listings {
    ($($(#[$doc:meta])* $method:ident => $handle:ident;)+) => {
        impl View {
            $(
                $(#[$doc])*
                pub fn $method(&self) -> Listing<'_, $handle> {
                    Listing { view: self, of: PhantomData }
                }
            )+
        }
    };
}

listings! {
    /// All guests, by cluster and VMID.
    guests => GuestRef;
    /// All hypervisors, by cluster and name.
    nodes => NodeRef;
    /// All hosts of all proxies, by source and reference.
    proxy_hosts => ProxyHostRef;
    /// All certificates, by source and reference; soonest first in [`View::certificates_by_expiry`].
    certificates => CertificateRef;
    /// All public names.
    hostnames => HostnameRef;
    /// All paths, by entry, source and reference.
    paths => PathRef;
    /// All addresses of which anything is known, by network and address.
    addresses => AddressRef;
    /// All devices of all controllers, by MAC; of one that two controllers know, the first source's.
    switches => SwitchRef;
    /// All clients, by network and MAC.
    clients => ClientRef;
    /// All port forwards, by source and reference.
    forwards => ForwardRef;
    /// All subnets, by network and range; of one that two sources know, IPAM's, then the first source's.
    subnets => SubnetRef;
    /// All VLANs, by source and reference.
    vlans => VlanRef;
    /// All declared addresses, by source and reference.
    assignments => AssignmentRef;
    /// All declared cables, by source and reference.
    cables => PortMapRef;
    /// All organizations, by name.
    organizations => OrganizationRef;
    /// All items of subscriptions, by source and reference.
    entitlements => EntitlementRef;
    /// All invoices, by source and reference.
    invoices => InvoiceRef;
}

impl View {
    pub(crate) fn name_of(&self, source: u32) -> &str {
        &self.held[source as usize].info.name
    }

    pub(crate) fn find_in_source<T: Listed>(&self, id: &ObjectId) -> Option<T> {
        by_natural_key::<T>(self, id).map(|place| T::at(self, place))
    }
}
