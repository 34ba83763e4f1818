//! The joined view.
