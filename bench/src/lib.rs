//! Measures the functions beside their peers: fresh processes under a Lambda Runtime API on loopback, with a table
//! over TLS 1.3 that answers from memory. Calculates the bill ([`bill`]).

pub mod bill;
pub mod budget;
pub mod callgrind;
mod http;
pub mod lambda;
pub mod load;
pub mod measure;
pub mod paths;
pub mod plot;
pub mod process;
pub mod quota;
pub mod recording;
pub mod report;
pub mod subjects;
pub mod table;

/// Any error: a benchmark only reports it.
pub type AnyError = Box<dyn std::error::Error + Send + Sync>;
