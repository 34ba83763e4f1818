//! The GraphQL objects over a `View`, and the SDL.
