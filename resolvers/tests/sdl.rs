//! The SDL: the checked-in text is the code's, and what of tests/contract.graphql is built is as it was promised.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    ConstDirective, FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).expect("a file of the repository")
}

#[test]
fn the_checked_in_sdl_is_the_codes() {
    let path = "schema/schema.graphql";
    assert!(read(path) == resolvers::sdl(), "{path} is not what the code says: cargo xtask codegen");
}

/// What a schema promises, one line each: `Guest.vmid` -> `Int!`, `Query.guest(vmid)` -> `Int!`, `Guest` -> `type ...`.
fn promises(sdl: &str) -> BTreeMap<String, String> {
    let document = parse_schema(sdl).expect("an SDL");
    let mut promises = BTreeMap::new();
    for definition in document.definitions {
        match definition {
            TypeSystemDefinition::Type(definition) => promise_type(&definition.node, &mut promises),
            TypeSystemDefinition::Directive(directive) => {
                let directive = directive.node;
                let arguments =
                    directive.arguments.iter().map(|one| input(&one.node)).collect::<Vec<_>>().join(", ");
                let locations: BTreeSet<_> =
                    directive.locations.iter().map(|one| format!("{:?}", one.node)).collect();
                promises
                    .insert(format!("@{}", directive.name.node), format!("({arguments}) on {locations:?}"));
            }
            TypeSystemDefinition::Schema(_) => {}
        }
    }
    promises
}

fn promise_type(definition: &TypeDefinition, promises: &mut BTreeMap<String, String>) {
    let name = definition.name.node.to_string();
    let guard = guards(&definition.directives.iter().map(|one| &one.node).collect::<Vec<_>>());
    let shape = match &definition.kind {
        TypeKind::Scalar => "scalar".to_owned(),
        TypeKind::Object(object) => {
            promise_fields(&name, object.fields.iter().map(|one| &one.node), promises);
            let implements: BTreeSet<_> = object.implements.iter().map(|one| one.node.as_str()).collect();
            format!("type {implements:?}")
        }
        TypeKind::Interface(interface) => {
            promise_fields(&name, interface.fields.iter().map(|one| &one.node), promises);
            "interface".to_owned()
        }
        TypeKind::Union(union) => {
            for member in &union.members {
                promises.insert(format!("{name}|{}", member.node), "member".to_owned());
            }
            "union".to_owned()
        }
        TypeKind::Enum(values) => {
            for value in &values.values {
                promises.insert(format!("{name}.{}", value.node.value.node), "value".to_owned());
            }
            "enum".to_owned()
        }
        TypeKind::InputObject(object) => {
            for field in &object.fields {
                promises.insert(format!("{name}.{}", field.node.name.node), input(&field.node));
            }
            "input".to_owned()
        }
    };
    promises.insert(name, format!("{shape}{guard}"));
}

fn promise_fields<'f>(
    on: &str,
    fields: impl Iterator<Item = &'f FieldDefinition>,
    promises: &mut BTreeMap<String, String>,
) {
    for field in fields {
        let name = &field.name.node;
        let guard = guards(&field.directives.iter().map(|one| &one.node).collect::<Vec<_>>());
        promises.insert(format!("{on}.{name}"), format!("{}{guard}", field.ty.node));
        for argument in &field.arguments {
            promises.insert(format!("{on}.{name}({})", argument.node.name.node), input(&argument.node));
        }
    }
}

fn input(value: &InputValueDefinition) -> String {
    let default = value.default_value.as_ref().map_or_else(String::new, |value| format!(" = {}", value.node));
    format!("{}: {}{default}", value.name.node, value.ty.node)
}

fn guards(directives: &[&ConstDirective]) -> String {
    let guards = directives.iter().filter(|one| one.name.node == "auth").map(|one| {
        let arguments: Vec<_> =
            one.arguments.iter().map(|(name, value)| format!("{}: {}", name.node, value.node)).collect();
        format!(" @auth({})", arguments.join(", "))
    });
    guards.collect()
}

/// What is built keeps its name, type, arguments, nullability and permission; what is missing is on the list.
#[test]
fn what_is_built_is_as_it_was_promised() {
    let promised = promises(&read("tests/contract.graphql"));
    let built = promises(&resolvers::sdl());
    let list = read("tests/contract_not_built.txt");
    let not_built: BTreeSet<&str> =
        list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();

    let mut complaints = Vec::new();
    let mut missing = BTreeSet::new();
    for (name, promise) in &promised {
        match built.get(name) {
            Some(found) if found == promise => {}
            Some(found) => complaints.push(format!("{name} is `{found}`, promised was `{promise}`")),
            None => {
                // A member of a type that is missing as a whole needs no line of its own.
                let whole = name.split(['.', '|', '(']).next().unwrap_or(name);
                let field = name.split('(').next().unwrap_or(name);
                let covered = if built.contains_key(whole) { field } else { whole };
                missing.insert(if built.contains_key(field) { name.as_str() } else { covered });
            }
        }
    }
    for name in missing.difference(&not_built) {
        complaints
            .push(format!("{name} was promised, is not built, and is not on tests/contract_not_built.txt"));
    }
    for name in not_built.difference(&missing) {
        complaints.push(format!("{name} is on tests/contract_not_built.txt and is built: strike it out"));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Every object type says what it takes to see it, or is on the list of those that say something of another object.
#[test]
fn every_type_is_guarded_or_known_to_be_open() {
    // The list has root fields too; the roots themselves are open, since what stands in them is guarded where it is reached.
    let listed = read("resolvers/open.txt");
    let listed = listed.lines().filter(|line| !line.starts_with('#') && !line.contains('.'));
    let expected: BTreeSet<&str> = listed.chain(["Mutation", "Query", "Subscription"]).collect();
    let table = resolvers::fields();
    let types = table.iter().filter(|row| row.field.is_none());
    let open: BTreeSet<&str> = types
        .filter(|row| {
            row.permission.is_none() && !row.on.ends_with("Connection") && !row.on.ends_with("Edge")
        })
        .map(|row| row.on)
        .collect();
    assert_eq!(open, expected);
    for row in table.iter().filter(|row| row.field.is_some() && row.permission.is_some()) {
        assert!(row.nullable, "{}.{:?} takes a permission of its own and is not nullable", row.on, row.field);
    }
    let built = promises(&resolvers::sdl());
    for row in &table {
        let name = row.field.map_or_else(|| row.on.to_owned(), |field| format!("{}.{field}", row.on));
        let shown = &built[&name];
        let guard = row.permission.map(|permission| format!(" @auth(requires: \"{permission}\")"));
        assert_eq!(
            guard.as_deref().unwrap_or_default(),
            shown.find(" @auth").map_or("", |at| &shown[at..]),
            "{name}"
        );
    }
}
