//! Declared files: what each content declares, line by line; what a hostile one costs; what becomes of files that go away.

mod environment;
mod files;
mod guests;
mod literal;
mod port_map;

use schema::fact::{AssignmentFact, IpRole, IpStatus};

use super::Format;
use super::collect::{File, parse};
use super::parsed::Parsed;

/// Reads a file's content by the end of its name.
fn parsed(name: &str, content: &str) -> Parsed {
    let format = Format::of(name).expect("a name that is read");
    let file = File { name: name.to_owned(), path: name.into(), format };
    parse(&file, content, &"default".into())
}

/// What a file declares, one line an entry, then one line a problem: `reference name address [vmid] [cluster] [marks]`.
fn check(name: &str, content: &str, expected: &[&str]) {
    let parsed = parsed(name, content);
    let mut shown: Vec<_> = parsed.assignments.iter().map(assignment).collect();
    shown.extend(parsed.guests.iter().map(|guest| {
        let cluster = guest.cluster.as_deref().map(|cluster| format!("{cluster}/")).unwrap_or_default();
        format!(
            "{} {} guest {cluster}{}",
            guest.reference,
            guest.hostname.as_deref().unwrap_or("?"),
            guest.vmid
        )
    }));
    shown.extend(parsed.problems.iter().map(|(line, message)| format!("problem {line}: {message}")));
    assert_eq!(shown, expected, "{content}");
}

fn assignment(fact: &AssignmentFact) -> String {
    let mut shown = vec![
        fact.reference.to_string(),
        fact.hostname.as_deref().unwrap_or("?").to_owned(),
        fact.address.to_string(),
    ];
    if let Some(vmid) = fact.vmid {
        let cluster = fact.cluster.as_deref().map(|cluster| format!("{cluster}/")).unwrap_or_default();
        shown.push(format!("{cluster}{vmid}"));
    }
    if fact.role != IpRole::Host {
        shown.push(format!("{:?}", fact.role));
    }
    if fact.status != IpStatus::Active {
        shown.push(format!("{:?}", fact.status));
    }
    if fact.not_a_guest {
        shown.push("not-a-guest".to_owned());
    }
    shown.join(" ")
}
