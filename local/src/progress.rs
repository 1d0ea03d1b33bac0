//! Progress of a command, on the standard error.

use std::io::{self, IsTerminal, Write};

/// Prints a line. A terminal shows one line that is overwritten.
pub(crate) fn overwrite(line: &str) {
    let end = if io::stderr().is_terminal() { '\r' } else { '\n' };
    let _ = write!(io::stderr(), "{line}{end}");
}
