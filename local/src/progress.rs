//! Output of commands: progress on the standard error, and lines with texts of other services.

use std::io::{self, IsTerminal, Write};

/// Prints a line. A terminal shows one line that is overwritten.
pub(crate) fn overwrite(line: &str) {
    let end = if io::stderr().is_terminal() { '\r' } else { '\n' };
    let _ = write!(io::stderr(), "{line}{end}");
}

/// Returns a text in which control characters are escaped, so that it stays one line and does not control a terminal.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
    }
    printable
}
