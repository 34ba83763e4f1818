//! The policies that hold now: read from `auth.policy_dir`, read anew when a file changes, and handed to each request.

mod current;
mod folder;

pub use current::{Current, EVERY};
pub use folder::{FolderError, REPLACES, load};
