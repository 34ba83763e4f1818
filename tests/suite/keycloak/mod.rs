//! Against a real Keycloak: what it sends, which everything that checks a token rests on, and what a gateway makes of it.
//!
//! One file a case. `realm.json` is the realm; `kit/keycloak/` starts the server and signs people in.

mod keys;
mod laundering;
mod sessions;
mod setup;
mod tokens;
