//! Holds no code of its own: the suites are in `src/tests/`, one integration binary.
