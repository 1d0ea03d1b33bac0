//! `GET /clients/{client_id}/infos` with the least code that can answer it: a lower bound for cold starts and requests.
//!
//! One thread, no async runtime and no SDK. The connection to the table is open before the first event.

mod http;
mod infos;
mod lambda;
mod sign;
mod table;
mod tls;

use std::convert::Infallible;
use std::process::ExitCode;
use std::{env, io};

fn main() -> ExitCode {
    let Err(cause) = serve();
    eprintln!("cannot continue: {cause}");
    ExitCode::FAILURE
}

/// Answers events until Lambda ends the process.
fn serve() -> io::Result<Infallible> {
    let mut table = table::Table::connect()?;
    let mut runtime = lambda::Runtime::connect(required("AWS_LAMBDA_RUNTIME_API")?)?;
    loop {
        let event = runtime.next()?;
        runtime.respond(&event.request_id, &infos::answer(&mut table, &event.payload))?;
    }
}

/// Returns the value of a variable; `None` if it is unset or empty.
fn optional(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Like [`optional`], for required variables.
fn required(name: &str) -> io::Result<String> {
    optional(name).ok_or_else(|| io::Error::other(format!("the environment variable {name} is not set")))
}
