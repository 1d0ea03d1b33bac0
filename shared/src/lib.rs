//! Code that several functions of parc share: models, validation, the table, HTTP and start-up.
//!
//! Each module imports only modules to its left: [`models`], [`validation`], [`store`], [`http`], [`runtime`].

mod clock;
mod environment;
pub mod http;
mod memory;
pub mod models;
pub mod runtime;
mod sdk;
pub mod store;
pub mod telemetry;
pub mod time_limits;
pub mod validation;

pub use clock::Clock;
pub use environment::MissingSetting;
