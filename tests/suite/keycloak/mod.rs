//! Against a real Keycloak: what it sends, which everything that checks a token rests on, and what a gateway makes of it.
//!
//! One file a case. `realm.json` is the realm; `kit/keycloak/` starts the server and signs people in.

mod ends;
mod house;
mod keys;
mod laundering;
mod people;
mod rotation;
mod sessions;
mod setup;
mod tokens;
