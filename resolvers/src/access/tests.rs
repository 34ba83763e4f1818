//! The guard of types and fields is what the SDL says, and nothing stands open that is not on the list.

use std::collections::BTreeSet;

use super::Visible;
use crate::definitions::{Definitions, Type};
use crate::field::Defined;
use crate::objects::{
    Certificate, Cluster, ClusterNode, Entitlement, Guest, Hostname, Invoice, IpAddress, IpAssignment, Many,
    NetworkClient, Organization, Path, PortForward, ProxyHost, Source, Subnet, Switch, SwitchPort, Vlan,
};

/// The permission in `@auth` of a type and the one that its handle is checked for.
fn both<'v, T: Defined + Many<'v>>() -> (&'static str, Option<&'static str>, &'static str) {
    (T::DEFINITION.name, T::DEFINITION.requires, <T::Handle as Visible>::REQUIRES.name())
}

#[test]
fn each_type_is_checked_for_the_permission_that_its_sdl_names() {
    let checked = [
        both::<Certificate<'_>>(),
        both::<Cluster<'_>>(),
        both::<ClusterNode<'_>>(),
        both::<Entitlement<'_>>(),
        both::<Guest<'_>>(),
        both::<Hostname<'_>>(),
        both::<Invoice<'_>>(),
        both::<IpAddress<'_>>(),
        both::<IpAssignment<'_>>(),
        both::<NetworkClient<'_>>(),
        both::<Organization<'_>>(),
        both::<Path<'_>>(),
        both::<PortForward<'_>>(),
        both::<ProxyHost<'_>>(),
        both::<Source<'_>>(),
        both::<Subnet<'_>>(),
        both::<Switch<'_>>(),
        both::<SwitchPort<'_>>(),
        both::<Vlan<'_>>(),
    ];
    for (name, said, checked) in checked {
        assert_eq!(said, Some(checked), "{name}");
    }
    let known: BTreeSet<&str> = checked.iter().map(|(name, ..)| *name).collect();
    let guarded = crate::fields().into_iter().filter(|one| one.field.is_none() && one.permission.is_some());
    let unknown: Vec<&str> = guarded.map(|one| one.on).filter(|on| !known.contains(on)).collect();
    // A finding has no handle: it asks for what it is about.
    assert_eq!(unknown, ["DriftFinding"]);
}

/// What is guarded neither by its own permission nor by its type's: it stands beneath something that is, or tells nothing.
#[test]
fn nothing_stands_open_that_is_not_on_the_list() {
    let definitions = Definitions::of_the_schema();
    let is_guarded = |name: &str| {
        match definitions.get(name) {
        Type::Object(object) => object.definition.requires.is_some(),
        Type::Abstract(abstraction) => abstraction.possible.iter().all(|one| {
            matches!(definitions.get(one), Type::Object(object) if object.definition.requires.is_some())
        }),
        Type::Leaf => false,
    }
    };
    let carried =
        |name: &str| name.strip_suffix("Connection").or_else(|| name.strip_suffix("Edge")).map(str::to_owned);
    let mut open = BTreeSet::new();
    for object in definitions.objects() {
        let definition = object.definition;
        let guarded =
            is_guarded(definition.name) || carried(definition.name).is_some_and(|of| is_guarded(&of));
        let is_root = ["Query", "Mutation", "Subscription"].contains(&definition.name);
        if !is_root && !guarded {
            open.insert(definition.name.to_owned());
        }
        for field in definition.fields {
            let Some(known) = object.field(field.name) else { continue };
            let of = carried(&known.base).unwrap_or_else(|| known.base.to_string());
            if is_root && field.requires.is_none() && !is_guarded(&of) {
                open.insert(format!("{}.{}", definition.name, field.name));
            }
            let own = field.requires.is_some();
            assert!(!own || known.nullable, "{}.{} is guarded and never null", definition.name, field.name);
        }
    }
    let listed: BTreeSet<String> = include_str!("../../open.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let new: Vec<_> = open.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&open).collect();
    assert!(new.is_empty(), "neither guarded nor on resolvers/open.txt, which may only shrink: {new:?}");
    assert!(gone.is_empty(), "on resolvers/open.txt and no longer open: {gone:?}");
}
