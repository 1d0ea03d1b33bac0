//! Measures the functions beside their peers: fresh processes under a Lambda Runtime API on loopback, with a table
//! over TLS 1.3 that answers from memory. Calculates the bill ([`bill`]).

use std::process::ExitCode;

use tokio::runtime::Runtime;

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

/// Returns the exit code of a command, and reports its error.
#[allow(clippy::print_stderr, reason = "commands report their errors there")]
#[must_use]
pub fn exit_code(result: Result<(), AnyError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns a runtime for the servers. It has one thread: the measured process has the other CPU of two.
///
/// # Errors
/// Returns an error if the thread cannot be started.
pub fn servers() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}
