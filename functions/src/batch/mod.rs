//! The route of batches.

pub mod run;
