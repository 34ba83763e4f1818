//! What the policies answer, as data.

mod decisions;
mod explain;
mod lattice;
mod loading;
mod roles;

use crate::policy::{Base, Place, Policies};

/// Policies of one file, without the built-in ones.
fn alone(name: &str, text: &str) -> Policies {
    match Policies::load([(name.to_owned(), text.to_owned())], Base::Replace) {
        Ok(policies) => policies,
        Err(errors) => panic!("{errors:?}\n{text}"),
    }
}

fn place(text: &str) -> Place {
    text.parse().expect("a place")
}
