//! The event of each function, and the answers of a table to its calls. `functions/tests/lambda/recordings.rs` records
//! them.

use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::AnyError;
use crate::paths::Paths;
use crate::table::CannedAnswer;

/// A recorded request.
#[derive(Debug)]
pub struct Recording {
    /// Event, as API Gateway sends it for a caller with a token.
    pub event: String,
    /// Answers of the table.
    pub answers: Vec<CannedAnswer>,
}

#[derive(Deserialize)]
struct File {
    event: Value,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    operation: String,
    request: Value,
    answer: Value,
}

impl Recording {
    /// Reads the recording of a function.
    ///
    /// # Errors
    /// Returns an error if there is none.
    pub fn of(paths: &Paths, name: &str) -> Result<Self, AnyError> {
        let file = paths.root.join(format!("bench/recordings/{name}.json"));
        let text = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let File { event, calls } = serde_json::from_slice(&text)?;
        let answer = |Call { operation, request, answer }| CannedAnswer::new(operation, request, &answer);
        Ok(Self { event: event.to_string(), answers: calls.into_iter().map(answer).collect() })
    }
}
