//! Measures the functions beside their peers, and calculates the bill.

pub mod bill;
