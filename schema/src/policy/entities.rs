//! Principals, permissions and places as Cedar's entities, and the vocabulary that policies are validated against.

#![expect(clippy::disallowed_types, reason = "Cedar takes its maps and sets so; their order never shows")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression, Schema,
};

use super::{Permission, Place, Principal};

/// What policies can speak of: the entity types, the attributes and the actions.
pub(super) const VOCABULARY: &str = include_str!("../../policies/fleetgraph.cedarschema");

/// Everything that is the same for every decision of a process.
pub(super) struct Fixed {
    pub(super) schema: Schema,
    /// The actions and the groups that they are in.
    actions: Entities,
    /// By [`Permission::index`].
    permissions: Vec<EntityUid>,
    user: EntityTypeName,
    role: EntityTypeName,
    group: EntityTypeName,
    levels: [EntityTypeName; 4],
    sources: EntityTypeName,
    /// Of every place: a decision is about one, so its name need not tell it from others.
    place: EntityUid,
}

/// Made once in a process.
pub(super) fn fixed() -> &'static Fixed {
    static FIXED: OnceLock<Fixed> = OnceLock::new();
    FIXED.get_or_init(|| {
        let (schema, _) = Schema::from_cedarschema_str(VOCABULARY)
            .expect("the vocabulary is compiled in, and a test reads it with every build");
        let actions = schema.action_entities().expect("the actions of a schema that could be read");
        let action = named("Action");
        Fixed {
            actions,
            schema,
            permissions: Permission::ALL.iter().map(|permission| uid(&action, permission.name())).collect(),
            user: named("User"),
            role: named("Role"),
            group: named("Group"),
            levels: [named("Cloud"), named("Environment"), named("Cluster"), named("Node")],
            sources: named("Sources"),
            place: uid(&named("Place"), "asked for"),
        }
    })
}

fn named(name: &str) -> EntityTypeName {
    name.parse().expect("a plain word names an entity type")
}

fn uid(of: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(of.clone(), EntityId::new(id))
}

impl Fixed {
    pub(super) fn action(&self, permission: Permission) -> &EntityUid {
        &self.permissions[permission.index()]
    }

    /// Whether an action is in a group of actions.
    pub(super) fn is_in(&self, action: &EntityUid, group: &EntityUid) -> bool {
        self.actions.is_ancestor_of(group, action)
    }
}

/// A principal, ready to be asked about: what stays the same from one decision about it to the next.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    uid: EntityUid,
    entities: Entities,
}

impl Asker {
    pub(super) fn of(who: &Principal) -> Self {
        let fixed = fixed();
        let texts = |texts: &BTreeSet<Arc<str>>| strings(texts.iter().map(|text| &**text));
        // `audit@r630`: Audit on the sources in group r630.
        let on = |what: &str| {
            strings(who.roles.iter().filter_map(|role| role.strip_prefix(what)?.strip_prefix('@')))
        };
        let mut attributes: HashMap<String, RestrictedExpression> = [
            ("mfa", RestrictedExpression::new_bool(who.mfa)),
            ("roles", texts(&who.roles)),
            ("groups", texts(&who.groups)),
            ("audit", on("audit")),
            ("manage", on("manage")),
            ("admin", on("admin")),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        attributes.extend(text("organization", who.organization.as_deref()));
        let roles = who.roles.iter().map(|role| uid(&fixed.role, role));
        let groups = who.groups.iter().map(|group| uid(&fixed.group, group));
        let user = uid(&fixed.user, &who.subject);
        let entities = fixed
            .actions
            .clone()
            .add_entities([entity(user.clone(), attributes, roles.chain(groups).collect())], None)
            .expect("one entity whose parents have no parents makes no cycle");
        Self { uid: user, entities }
    }

    /// The question about one place, and the entities to answer it from.
    pub(super) fn question(&self, what: Permission, at: &Place, owner: Option<&str>) -> (Request, Entities) {
        let fixed = fixed();
        let levels = [
            ("cloud", &at.cloud),
            ("environment", &at.environment),
            ("cluster", &at.cluster),
            ("node", &at.node),
        ];
        let mut attributes: HashMap<String, RestrictedExpression> =
            levels.iter().filter_map(|(name, level)| text(name, level.as_deref())).collect();
        attributes.insert("sources".to_owned(), strings(at.groups.iter().map(|group| &**group)));
        attributes.extend(text("owner", owner));
        let parents = levels.iter().zip(&fixed.levels);
        let parents = parents.filter_map(|((_, level), of)| Some(uid(of, level.as_deref()?)));
        let sources = at.groups.iter().map(|group| uid(&fixed.sources, group));
        let place = entity(fixed.place.clone(), attributes, parents.chain(sources).collect());
        let entities = self.entities.clone().add_entities([place], None);
        let request = Request::new(
            self.uid.clone(),
            fixed.action(what).clone(),
            fixed.place.clone(),
            Context::empty(),
            // What goes in is made above from typed values, in the shape that the vocabulary has.
            None,
        );
        (
            request.expect("nothing is checked where no schema is given"),
            entities.expect("one entity whose parents have no parents makes no cycle"),
        )
    }
}

fn entity(
    uid: EntityUid,
    attributes: HashMap<String, RestrictedExpression>,
    parents: HashSet<EntityUid>,
) -> Entity {
    Entity::new(uid, attributes, parents)
        .expect("strings, sets of strings and booleans evaluate to themselves")
}

fn text(name: &str, value: Option<&str>) -> Option<(String, RestrictedExpression)> {
    Some((name.to_owned(), RestrictedExpression::new_string(value?.to_owned())))
}

fn strings<'t>(texts: impl Iterator<Item = &'t str>) -> RestrictedExpression {
    RestrictedExpression::new_set(texts.map(|text| RestrictedExpression::new_string(text.to_owned())))
}
