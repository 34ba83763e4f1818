//! What the policies answer, as data.

mod roles;
