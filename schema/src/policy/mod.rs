//! Who may do what, and where: a permission at a place; forbid wins, and nothing is allowed that no policy permits.
//!
//! Policies are Cedar (docs/policies.md, docs/adr/0012-cedar-policies.md). Those that come with the program stand in
//! `schema/policies/`; an installation adds its own, in Cedar or in the short form.

mod decisions;
mod entities;
mod explain;
mod grants;
mod load;
mod matrix;
mod permission;
mod place;
mod policies;
mod principal;
mod reads;
mod rules;
#[cfg(test)]
mod tests;

pub use decisions::{Asking, Decisions};
pub use explain::{Explanation, Written};
pub use grants::{Grant, PlacePattern};
pub use load::{Base, PolicyError};
pub use matrix::matrix;
pub use permission::{Permission, UnknownPermission};
pub use place::{NoPlace, Place};
pub use policies::Policies;
pub use principal::Principal;
pub use reads::Reads;
