//! Output of commands: progress on the standard error, and lines with texts of other services.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

/// Prints a line. A terminal shows one line that is overwritten.
pub(crate) fn overwrite(line: &str) {
    let end = if io::stderr().is_terminal() { '\r' } else { '\n' };
    let _ = write!(io::stderr(), "{line}{end}");
}

/// Lines on the standard output, with texts of other services. After an error, nothing is printed.
#[derive(Debug, Default)]
pub(crate) struct Lines(Option<io::Error>);

impl Lines {
    pub(crate) fn print(&mut self, line: impl Display) {
        if self.0.is_none() {
            self.0 = writeln!(io::stdout(), "{}", printable(&line.to_string())).err();
        }
    }

    /// Returns the error of the first line that could not be printed.
    pub(crate) fn end(self) -> io::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Returns a text in which control characters are escaped, so that it stays one line and does not control a terminal.
fn printable(text: &str) -> String {
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
