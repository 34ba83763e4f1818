//! Every way from the root to a type, and queries of many shapes along it: made from the SDL, so that a new field is
//! attempted without anybody thinking of it.

use std::collections::{BTreeMap, VecDeque};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use schema::{GlobalId, Mac, ObjectId};

/// The output types of the schema: of each, its fields with the type that each is of.
pub(super) struct Types {
    objects: BTreeMap<String, Vec<Field>>,
    abstractions: BTreeMap<String, Vec<String>>,
}

struct Field {
    name: String,
    base: String,
    /// Its required arguments with values that find something of the vault.
    arguments: String,
}

/// One step from an object to the next: the field with its arguments, and a type condition where one is needed.
type Step = (String, Option<String>);

impl Types {
    pub(super) fn of(sdl: &str) -> Self {
        let mut types = Self { objects: BTreeMap::new(), abstractions: BTreeMap::new() };
        for definition in parse_schema(sdl).expect("an SDL").definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            match definition.node.kind {
                TypeKind::Object(object) => {
                    for interface in &object.implements {
                        types.abstractions.entry(interface.node.to_string()).or_default().push(name.clone());
                    }
                    let fields = object.fields.iter().map(|field| Field {
                        name: field.node.name.node.to_string(),
                        base: field.node.ty.node.to_string().trim_matches(['[', ']', '!']).to_owned(),
                        arguments: required(&name, &field.node.name.node),
                    });
                    let fields = fields.collect();
                    types.objects.insert(name, fields);
                }
                TypeKind::Union(union) => {
                    let members = union.members.iter().map(|member| member.node.to_string());
                    types.abstractions.insert(name, members.collect());
                }
                _ => {}
            }
        }
        types
    }

    /// Object types that can be reached by reading, by name.
    pub(super) fn readable(&self) -> impl Iterator<Item = &str> {
        let changing = |name: &&str| *name == "Query" || !self.routes(name, 1).is_empty();
        self.objects.keys().map(String::as_str).filter(changing)
    }

    /// The fields of a type, each as it is asked for: with arguments, and with leaves beneath it.
    pub(super) fn fields(&self, on: &str) -> Vec<String> {
        self.objects[on].iter().map(|field| self.asked(field, 2)).collect()
    }

    /// The shortest ways from the root to a type, no two ending in the same field of the same type.
    pub(super) fn routes(&self, to: &str, most: usize) -> Vec<Vec<Step>> {
        let mut found = Vec::new();
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut open: VecDeque<(&str, Vec<Step>)> = VecDeque::from([("Query", Vec::new())]);
        while let Some((on, steps)) = open.pop_front() {
            for field in self.objects.get(on).into_iter().flatten() {
                let step = format!("{}{}", field.name, field.arguments);
                let nexts: Vec<(&str, Option<String>)> = match self.abstractions.get(&field.base) {
                    Some(members) => members.iter().map(|one| (one.as_str(), Some(one.clone()))).collect(),
                    None => vec![(field.base.as_str(), None)],
                };
                for (next, condition) in nexts {
                    let step = if field.name == "node" && on == "Query" { node(next) } else { step.clone() };
                    let mut steps = steps.clone();
                    steps.push((step, condition));
                    if next == to {
                        found.push(steps.clone());
                        if found.len() == most {
                            return found;
                        }
                    }
                    let visits = seen.entry(next).or_default();
                    if self.objects.contains_key(next) && *visits < 3 && steps.len() < 6 {
                        *visits += 1;
                        open.push_back((next, steps));
                    }
                }
            }
        }
        found
    }

    fn asked(&self, field: &Field, depth: usize) -> String {
        let leaves = self.leaves(&field.base, depth);
        format!("{}{}{leaves}", field.name, field.arguments)
    }

    /// What is selected beneath a type: nothing beneath a leaf, else all leaves, and objects to a depth.
    fn leaves(&self, base: &str, depth: usize) -> String {
        if let Some(members) = self.abstractions.get(base) {
            let each = members.iter().map(|one| format!("... on {one} {}", self.leaves(one, 1)));
            return format!(" {{ __typename {} }}", each.collect::<Vec<_>>().join(" "));
        }
        let Some(fields) = self.objects.get(base) else { return String::new() };
        let is_leaf = |field: &&Field| {
            !self.objects.contains_key(&field.base) && !self.abstractions.contains_key(&field.base)
        };
        let is_wrapping = |field: &&Field| ["nodes", "edges", "node"].contains(&&*field.name);
        let inside = fields.iter().filter(|field| is_leaf(field) || (depth > 0 && is_wrapping(field)));
        let inside = inside.map(|field| self.asked(field, depth.saturating_sub(1)));
        format!(" {{ __typename {} }}", inside.collect::<Vec<_>>().join(" "))
    }
}

/// The root's `node` with the id of an object of a type that must not show.
fn node(on: &str) -> String {
    let text = |text: &str| text.into();
    let source = || text("canary-pve");
    let id = match on {
        "Source" => ObjectId::Source(source()),
        "Hostname" => ObjectId::Hostname(text("canary.example.org")),
        "ProxyHost" => ObjectId::ProxyHost { source: text("edge"), reference: text("p3") },
        "Certificate" => ObjectId::Certificate { source: text("edge"), reference: text("2") },
        "IpAddress" => ObjectId::IpAddress { network: text("default"), address: [10, 66, 1, 10].into() },
        "Cluster" => ObjectId::Cluster(source()),
        "ClusterNode" => ObjectId::ClusterNode { cluster: source(), name: text("canary-node") },
        "SwitchPort" => ObjectId::SwitchPort { switch: SWITCH, number: 2 },
        "Switch" => ObjectId::Switch(SWITCH),
        "PortForward" => ObjectId::PortForward { source: text("office"), reference: text("canary-forward") },
        "Subnet" => {
            ObjectId::Subnet { network: text("default"), cidr: "10.66.1.0/24".parse().expect("a range") }
        }
        "Vlan" => ObjectId::Vlan { source: text("ipam"), reference: text("canary-subnet") },
        "IpAssignment" => ObjectId::IpAssignment { source: text("ipam"), reference: text("2") },
        "Organization" => ObjectId::Organization(text("orgsecret-acme")),
        "Entitlement" => {
            ObjectId::Entitlement { source: text("billing"), reference: text("billsecret-item") }
        }
        "Invoice" => ObjectId::Invoice { source: text("billing"), reference: text("billsecret-invoice") },
        _ => ObjectId::Guest { cluster: source(), vmid: 6661 },
    };
    format!("node(id: {:?})", GlobalId::format(&id))
}

const SWITCH: Mac = Mac([0x74, 0xac, 0xb9, 0, 0, 1]);

/// Values for the arguments that a field cannot do without.
fn required(on: &str, field: &str) -> String {
    match (on, field) {
        ("Query", "node") => r#"(id: "Guest:canary-pve:6661")"#,
        ("Query", "source") => r#"(name: "canary-pve")"#,
        ("Query", "hostname") => r#"(name: "canary.example.org")"#,
        ("Query", "ipAddress") => r#"(address: "10.66.1.10")"#,
        ("Query", "guest") => r#"(cluster: "canary-pve", vmid: 6661)"#,
        ("Query", "clusterNode") => r#"(cluster: "canary-pve", name: "canary-node")"#,
        ("Query", "switchPort") => r#"(switch: "74:ac:b9:00:00:01", number: 2)"#,
        ("Query", "search") => r#"(text: "can")"#,
        _ => "",
    }
    .to_owned()
}

/// A query along a route, with what is asked for at its end, in one of thirteen shapes.
pub(super) fn shaped(shape: usize, route: &[Step], on: &str, asked: &str) -> String {
    let (inner, fragments) = match shape {
        1 => (format!("... on {on} {{ {asked} }}"), String::new()),
        2 => ("...Part".to_owned(), format!("fragment Part on {on} {{ {asked} }}")),
        3 => (
            "...Whole".to_owned(),
            format!("fragment Whole on {on} {{ ...Part }} fragment Part on {on} {{ {asked} }}"),
        ),
        4 => (format!("renamed: {asked}"), String::new()),
        5 => (format!("__typename ... @include(if: true) {{ {asked} }}"), String::new()),
        6 => (format!("one: {asked} other: {asked}"), String::new()),
        7 => (format!("... @skip(if: false) {{ {asked} }}"), String::new()),
        8 => (format!("{asked} ... on {on} {{ {asked} }}"), String::new()),
        NOTHING => (format!("... on {on} @skip(if: true) {{ {asked} }}"), String::new()),
        _ => (asked.to_owned(), String::new()),
    };
    let mut query = inner;
    for (index, (step, condition)) in route.iter().rev().enumerate() {
        if let Some(condition) = condition {
            query = format!("... on {condition} {{ {query} }}");
        }
        let alias = if (9..NOTHING).contains(&shape) { format!("step{index}: ") } else { String::new() };
        query = format!("{alias}{step} {{ {query} }}");
    }
    match shape {
        10 => format!("query Named {{ {query} }}"),
        11 => format!("query {{ ...Root }} fragment Root on Query {{ {query} }}"),
        _ => format!("query {{ {query} }} {fragments}"),
    }
}

/// How many shapes there are.
pub(super) const SHAPES: usize = 13;

/// The shape in which nothing is left of what is asked for.
pub(super) const NOTHING: usize = 12;
