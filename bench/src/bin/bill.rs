//! Prints the monthly bill: `cargo run -p bench --bin bill`.

use std::io::{self, Write};
use std::path::Path;

use bench::bill::{Error, Inputs, render};

fn main() -> Result<(), Error> {
    let inputs = Inputs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))?;
    // The output may be a pipe that closes early.
    let _ = io::stdout().write_all(render(&inputs).as_bytes());
    Ok(())
}
