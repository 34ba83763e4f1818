//! Holds no code of its own: the suites are in `suite/`, one integration binary.
