//! Shows a View as text: each path with its five hops, or what goes with an object.

use std::fmt::Write as _;

use schema::view::{Hop, HopKind, HopState, Impact, ObjectRef, Path, View};
use schema::{GlobalId, ObjectId};

use super::read::NOW;

/// What a case asks for: all paths, unless it has lines that begin with `show`.
pub(crate) fn case(view: &View, text: &str) -> String {
    let asked: Vec<Vec<&str>> = text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("show "))
        .map(|line| line.split_whitespace().skip(1).collect())
        .collect();
    if asked.is_empty() {
        return paths(view);
    }
    asked.iter().fold(String::new(), |shown, words| {
        shown
            + &match words[..] {
                ["paths"] => paths(view),
                ["words", entry] => spoken(view, entry),
                ["impact", id] => format!("{id}\n{}", impact(view, id)),
                ["owners"] => owners(view),
                ["forwards"] => forwards(view),
                ["guests"] => guests(view),
                ["drift"] => drift(view),
                ["undecided"] => undecided(view),
                ["details"] => super::index::details(view),
                ["shared"] => super::index::shared(view),
                ["plan"] => super::index::plan(view),
                ["accounts"] => super::index::accounts(view),
                ["sources"] => super::index::sources(view),
                ["links"] => super::index::links(view),
                _ => panic!("cannot show {words:?}"),
            }
    })
}

fn paths(view: &View) -> String {
    view.paths().iter().fold(String::new(), |shown, path| shown + &show_path(view, view.path(path)))
}

pub(super) fn name<T: std::fmt::Debug>(value: T) -> String {
    let camel = format!("{value:?}");
    let mut upper = String::new();
    for letter in camel.chars() {
        if letter.is_uppercase() && !upper.is_empty() {
            upper.push('_');
        }
        upper.push(letter.to_ascii_uppercase());
    }
    upper
}

fn show_path(view: &View, path: Path<'_>) -> String {
    let stale = if path.stale(NOW) { " stale" } else { "" };
    let port = path.port().map_or_else(|| "-".to_owned(), |port| port.to_string());
    let mut shown = format!(
        "{} from {} to port {port}: {}{stale}\n",
        path.entry(),
        object(view, path.begins_at()),
        name(path.state())
    );
    for hop in path.hops() {
        shown += &show_hop(view, path, hop);
    }
    // Where people decided something: whither the sources alone would lead.
    if let Some(told) = path.as_told() {
        let ends = told.hops().map(|hop| hop.target().map_or("-".to_owned(), |target| object(view, target)));
        shown = shown + "  undecided   " + &ends.join(" > ") + "\n";
    }
    shown
}

fn show_hop(view: &View, path: Path<'_>, hop: Hop<'_>) -> String {
    let all = |objects: &[ObjectRef]| {
        objects.iter().map(|candidate| object(view, *candidate)).collect::<Vec<_>>().join(", ")
    };
    let target = hop.target().map_or_else(|| "nowhere".to_owned(), |target| object(view, target));
    let led = match hop.state() {
        HopState::Missing => "-".to_owned(),
        HopState::Ambiguous if hop.kind() == HopKind::ProxyHost => {
            format!("{target} of {}", all(hop.candidates()))
        }
        HopState::Ambiguous => format!("? {}", all(hop.candidates())),
        HopState::Overridden => format!("! {target}"),
        HopState::Resolved if hop.kind() == HopKind::SwitchPort => {
            let ports: Vec<ObjectRef> = path.switch_ports().iter().map(|port| (*port).into()).collect();
            all(&ports)
        }
        HopState::Resolved => all(hop.candidates()),
    };
    let rules: Vec<String> = hop.evidence().iter().map(|evidence| name(evidence.rule)).collect();
    let stale = if hop.stale(NOW) { " (stale)" } else { "" };
    format!("  {:<12}{led} by {}{stale}\n", name(hop.kind()), rules.join(", "))
}

/// An object in a few letters.
pub(super) fn object(view: &View, object: ObjectRef) -> String {
    let short = |mac: schema::Mac| match mac.0 {
        [2, 0, 0xff, 0, 0, number] => format!("s{number}"),
        [2, 0, 0, 0, 0, number] => format!("m{number}"),
        _ => mac.to_string(),
    };
    match view.id(object) {
        ObjectId::ProxyHost { source, reference } | ObjectId::PortForward { source, reference } => {
            format!("{source}/{reference}")
        }
        ObjectId::IpAddress { network, address } if &*network == "default" => address.to_string(),
        ObjectId::IpAddress { network, address } => format!("{address}@{network}"),
        ObjectId::Guest { cluster, vmid } => format!("{cluster}/{vmid}"),
        ObjectId::ClusterNode { cluster, name } => format!("{cluster}/{name}"),
        ObjectId::SwitchPort { switch, number } => format!("{}/{number}", short(switch)),
        other => other.to_string(),
    }
}

pub(super) fn list<T: Into<ObjectRef> + Copy>(view: &View, objects: &[T]) -> String {
    let all: Vec<String> = objects.iter().map(|one| object(view, (*one).into())).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}

fn spoken(view: &View, entry: &str) -> String {
    let mut shown = String::new();
    for path in view.paths().iter().map(|path| view.path(path)).filter(|path| path.entry() == entry) {
        for hop in path.hops() {
            for evidence in hop.evidence() {
                writeln!(shown, "{}: {}", name(evidence.rule), view.words(evidence)).expect("memory");
            }
        }
    }
    shown
}

fn impact(view: &View, id: &str) -> String {
    let id = GlobalId::parse(id).unwrap_or_else(|_| panic!("no id: {id}"));
    let found = view.find(&id).unwrap_or_else(|| panic!("not there: {id}"));
    let Impact { paths, hostnames, guests, nodes, degraded, organizations } = view.impact(found);
    let entries: Vec<String> = paths
        .iter()
        .map(|path| {
            let path = view.path(*path);
            format!("{} ({})", path.entry(), object(view, path.begins_at()))
        })
        .collect();
    let names: Vec<&str> = hostnames.iter().map(|hostname| view.hostname(*hostname)).collect();
    let payers: Vec<&str> = organizations.iter().map(|one| view.organization(*one)).collect();
    format!(
        "  paths {}\n  hostnames {}\n  guests {}\n  nodes {}\n  degraded {}\n  organizations {}\n",
        if entries.is_empty() { "-".to_owned() } else { entries.join(", ") },
        if names.is_empty() { "-".to_owned() } else { names.join(", ") },
        list(view, &guests),
        list(view, &nodes),
        list(view, &degraded),
        if payers.is_empty() { "-".to_owned() } else { payers.join(", ") },
    )
}

fn owners(view: &View) -> String {
    let mut shown = String::new();
    for guest in view.guests().iter() {
        let owner = view.owner_of(guest).map_or("nobody", |owner| view.organization(owner));
        writeln!(shown, "{} belongs to {owner}", object(view, guest.into())).expect("memory");
    }
    for conflict in view.owner_conflicts() {
        let claimants: Vec<&str> = conflict.organizations.iter().map(|one| view.organization(*one)).collect();
        writeln!(shown, "{}/{} is claimed by {}", conflict.cluster, conflict.vmid, claimants.join(", "))
            .expect("memory");
    }
    shown
}

fn forwards(view: &View) -> String {
    let mut shown = String::new();
    for path in view.paths().iter().map(|path| view.path(path)) {
        writeln!(shown, "{} reached by {}", path.entry(), list(view, &path.port_forwards())).expect("memory");
    }
    shown
}

fn guests(view: &View) -> String {
    let mut shown = String::new();
    for guest in view.guests().iter() {
        let addresses = list(view, &view.guest_addresses(guest));
        let rules: Vec<String> = (0..view.guest(guest).nics.len())
            .map(|nic| view.interface_addresses(guest, nic).origin.map_or_else(|| "-".to_owned(), name))
            .collect();
        writeln!(shown, "{} has {addresses} by {}", object(view, guest.into()), rules.join(", "))
            .expect("memory");
    }
    shown
}

/// What would be found too, were it not for what could not be read.
fn undecided(view: &View) -> String {
    let shown = schema::drift::find(view, NOW).undecided.iter().fold(String::new(), |shown, key| {
        shown + &format!("undecided {} {}\n", key.kind.name(), key.subject)
    });
    if shown.is_empty() { "everything is decided\n".to_owned() } else { shown }
}

/// Each finding: severity, kind, subject and what it is about; both sides; the sentence; what it rests on, and how old that is.
fn drift(view: &View) -> String {
    let mut shown = String::new();
    for finding in schema::drift::find(view, NOW).findings {
        let about = finding.about.map_or_else(|| "-".to_owned(), |about| about.to_string());
        let age = NOW.since(finding.seen).as_secs();
        let side = |text: Option<Box<str>>| text.map_or_else(|| "-".to_owned(), String::from);
        write!(
            shown,
            "{} {} {}\n  about {about}\n  declared {}\n  observed {}\n  {}\n  by {}, {age} s ago\n",
            name(finding.severity),
            finding.key.kind.name(),
            finding.key.subject,
            side(finding.declared),
            side(finding.observed),
            finding.message,
            finding.sources.join(", "),
        )
        .expect("memory");
    }
    if shown.is_empty() { "nothing\n".to_owned() } else { shown }
}
