//! The end-to-end suites, one binary: real servers on free ports, throw-away folders.
