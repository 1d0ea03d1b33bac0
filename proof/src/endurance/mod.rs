//! Load, kills, full disks and crowds on the program that `cargo run` starts: `proof/endurance.md`.
//!
//! The program runs in a process of its own, over a temporary folder, and is reached over HTTP on loopback only.

#![allow(clippy::print_stderr, clippy::print_stdout, reason = "its commands print their reports")]

pub mod crowd;
pub mod disk;
pub mod folder;
pub mod http;
pub mod kill;
pub mod latency;
pub mod process;
pub mod register;
pub mod soak;

use testkit::AnyError;

/// Returns an error with this message unless `holds`.
///
/// # Errors
/// Returns the message if the claim does not hold.
pub fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), AnyError> {
    if holds { Ok(()) } else { Err(message().into()) }
}

/// Returns a size in megabytes.
#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
#[must_use]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
