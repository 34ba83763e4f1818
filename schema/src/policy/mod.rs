//! Who may do what, and where: a permission at a place; forbid wins, and nothing is allowed that no policy permits.

mod permission;
mod place;
mod principal;
mod roles;

pub use permission::{Permission, UnknownPermission};
pub use place::Place;
pub use principal::Principal;
pub use roles::Policies;
