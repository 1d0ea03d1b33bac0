//! Measures the functions beside their peers.
