//! Prints the monthly bill: `cargo run -p bench --bin bill`.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use bench::bill::{Inputs, render};

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // A reader that closes early is not an error.
    match Inputs::read(&root) {
        Ok(inputs) => {
            let _ = io::stdout().write_all(render(&inputs).as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
