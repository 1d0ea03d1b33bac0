//! Writing answers into a file of cases.
//!
//! A file is a JSON array with one case per line. A case whose answer has not changed keeps its line.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::value::RawValue;
use serde_json::{Map, Serializer, Value};

use super::case::Case;

/// Returns the cases of a file as they are written there.
pub(super) fn lines(file: &str) -> Vec<&str> {
    let cases: Vec<&RawValue> = serde_json::from_str(file).expect("an array of cases");
    cases.into_iter().map(RawValue::get).collect()
}

/// Returns the line of a case with the answer of the service, or the same line if the service fails (500).
pub(super) fn record(line: &str, case: &Case, status: u16, answer: Value) -> String {
    if status == 500 || (status == case.status && answer == case.answer) {
        return line.to_owned();
    }
    let mut members: Map<String, Value> = serde_json::from_str(line).expect("a case");
    members.insert("status".to_owned(), status.into());
    members.insert("answer".to_owned(), answer);
    let mut text = Vec::new();
    members.serialize(&mut Serializer::with_formatter(&mut text, Spaced)).expect("JSON");
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// Returns the text of a file with these lines.
pub(super) fn file(lines: &[String]) -> String {
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// JSON on one line, with a space after each comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}
