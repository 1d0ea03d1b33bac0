//! Operations of any number, carried out in batches of `POST /lot`. A `$` and the `ref` of an operation of an earlier
//! batch stands for its identifier too.

use std::collections::HashMap;
use std::mem::take;

use lambda_http::Body;
use lambda_http::http::Request as HttpRequest;
use serde_json::{Value, json};
use shared::http::{self, Request};
use shared::models::MAX_OPERATIONS;
use shared::store::{Database, RequestContext, RetryKey};
use shared::time_limits::DEFAULT_TIME_LIMIT;
use shared::validation::{Batch, CursorKey, Model};

use crate::AnyError;

/// Members that hold identifiers.
const IDS: [&str; 3] = ["client_id", "site_id", "equipement_id"];

/// Maximum size of the operations of a batch, in bytes. The identifiers that replace references are longer.
const MAX_SIZE: usize = Batch::MAX_SIZE / 2;

/// An identifier that no entity has.
const UNKNOWN: &str = "00000000-0000-0000-0000-000000000000";

/// Operations that are carried out as soon as they fill a batch.
pub(crate) struct Batches<'a> {
    database: &'a Database,
    /// Name of the file. With the number of its first line, it is the key of a batch, so that a repeated import does not
    /// repeat what was carried out. `None` sends batches without a key.
    name: Option<&'a str>,
    dry_run: bool,
    lines: Vec<Line>,
    /// Size of `lines`, in bytes.
    size: usize,
    /// Lines of every `ref` so far.
    refs: HashMap<String, u64>,
    /// Identifiers that earlier batches registered, by `ref`; `None` if that was refused.
    ids: HashMap<String, Option<String>>,
    is_first: bool,
}

struct Line {
    number: u64,
    operation: Value,
}

/// What became of an operation.
pub(crate) struct Outcome {
    /// Number of its line, from 1.
    pub(crate) line: u64,
    /// The operation, with known identifiers instead of references.
    pub(crate) operation: Value,
    /// Status and reason, if it was refused.
    pub(crate) refusal: Option<String>,
}

impl<'a> Batches<'a> {
    pub(crate) fn new(database: &'a Database, name: Option<&'a str>, dry_run: bool) -> Self {
        let (refs, ids) = (HashMap::new(), HashMap::new());
        Self { database, name, dry_run, lines: Vec::new(), size: 0, refs, ids, is_first: true }
    }

    /// Adds an operation. Returns the outcomes of the batch before it, if that is full.
    ///
    /// # Errors
    /// Returns an error if the operation is too large or repeats a `ref`, or if the batch before it is malformed or could
    /// not be carried out.
    pub(crate) async fn add(&mut self, number: u64, operation: Value) -> Result<Option<Vec<Outcome>>, AnyError> {
        let size = operation.to_string().len() + ",".len();
        if size > MAX_SIZE {
            return Err(format!("line {number} has more than {} KiB", MAX_SIZE / 1024).into());
        }
        if let Some(name) = operation["ref"].as_str()
            && let Some(first) = self.refs.insert(name.to_owned(), number)
        {
            return Err(format!("line {number}: its ref {name} is that of line {first}").into());
        }
        let is_full = self.lines.len() == MAX_OPERATIONS || self.size + size > MAX_SIZE;
        let done = if is_full { Some(self.send().await?) } else { None };
        self.size += size;
        self.lines.push(Line { number, operation });
        Ok(done)
    }

    /// Carries out the last batch.
    ///
    /// # Errors
    /// Returns an error if the batch is malformed or could not be carried out.
    pub(crate) async fn finish(&mut self) -> Result<Vec<Outcome>, AnyError> {
        if self.lines.is_empty() { Ok(Vec::new()) } else { self.send().await }
    }

    async fn send(&mut self) -> Result<Vec<Outcome>, AnyError> {
        if self.dry_run && !self.is_first {
            let max = MAX_SIZE / 1024;
            return Err(format!("a dry run takes one batch: at most {MAX_OPERATIONS} lines and {max} KiB").into());
        }
        (self.is_first, self.size) = (false, 0);
        let lines = take(&mut self.lines);
        let first = lines.first().map_or(0, |line| line.number);
        let operations = lines.iter().map(|line| self.resolved(line.operation.clone(), Some(UNKNOWN)));
        let body = json!({ "operations": operations.collect::<Vec<_>>() }).to_string();
        let mut left = usize::MAX;
        loop {
            let answer = self.answer(first, &body).await?;
            let results = answer["resultats"].as_array().ok_or_else(|| malformed(&answer, &lines))?;
            // The outcome of a 503 is uncertain until the operation is sent again.
            let unfinished = lines.len() - results.iter().filter(|result| result["status"] != 503).count();
            if unfinished == 0 {
                return Ok(lines.into_iter().zip(results).map(|(line, result)| self.outcome(line, result)).collect());
            }
            if unfinished >= left {
                let advice = "run the same command again to continue";
                return Err(format!("{unfinished} operations from line {first} on are not finished; {advice}").into());
            }
            left = unfinished;
        }
    }

    /// Replaces references to operations of earlier batches by identifiers. `unknown` replaces those to refused ones.
    fn resolved(&self, mut operation: Value, unknown: Option<&str>) -> Value {
        for name in IDS {
            let Some(value) = operation.get_mut("body").and_then(|body| body.get_mut(name)) else { continue };
            let registered = value.as_str().and_then(|text| self.ids.get(text.strip_prefix('$')?));
            if let Some(id) = registered.and_then(|id| id.as_deref().or(unknown)) {
                *value = id.into();
            }
        }
        operation
    }

    /// Returns the answer to a batch.
    async fn answer(&self, first_line: u64, body: &str) -> Result<Value, AnyError> {
        let event = HttpRequest::post(format!("/lot?dry_run={}", self.dry_run)).body(Body::from(body))?;
        let key = self.name.map(|name| RetryKey::new(None, &format!("import {name} {first_line}")));
        let context = RequestContext::anonymous(DEFAULT_TIME_LIMIT, self.database.random());
        let store = self.database.for_request(RequestContext { retry_key: key, ..context });
        let failure = match http::batch(&store, &Request::new(event, CursorKey::new(""), None)).await {
            Ok(response) => return Ok(serde_json::from_slice(response.body())?),
            Err(failure) => failure,
        };
        if failure.is_reused_key() {
            let name = self.name.unwrap_or_default();
            let problem = format!("they, or identifiers that they refer to, differ from an import of a file {name}");
            let advice = "import them from a file with another name, without what was carried out";
            return Err(format!("the lines from {first_line} on: {problem} less than 24 hours ago; {advice}").into());
        }
        let response = failure.response("");
        if response.status().is_server_error() {
            return Err(format!("{failure}; run the same command again to continue from line {first_line}").into());
        }
        Ok(serde_json::from_slice(response.body())?)
    }

    /// Returns the outcome of a line, and learns the identifier that it gave to its `ref`.
    fn outcome(&mut self, Line { number: line, operation }: Line, result: &Value) -> Outcome {
        let (status, body) = (result["status"].as_u64().unwrap_or_default(), &result["body"]);
        let is_done = status == 200;
        if let (Some(name), true) = (operation["ref"].as_str(), operation["op"] == "register") {
            let id = body.as_object().and_then(|fields| fields.values().next()?.as_str());
            self.ids.insert(name.to_owned(), id.filter(|_| is_done).map(str::to_owned));
        }
        let refusal = (!is_done).then(|| format!("{status} {}", reason(&body["detail"])));
        Outcome { line, operation: self.resolved(operation, None), refusal }
    }
}

/// Describes why a batch was refused as a whole.
fn malformed(answer: &Value, lines: &[Line]) -> String {
    let Some(violations) = answer["detail"].as_array() else { return reason(&answer["detail"]) };
    let described = violations.iter().map(|violation| {
        let index = violation["loc"][2].as_u64().and_then(|index| usize::try_from(index).ok());
        let line = index.and_then(|index| lines.get(index));
        let place = line.map_or_else(String::new, |line| format!("line {}: ", line.number));
        format!("{place}{}", describe(violation))
    });
    let described: Vec<_> = described.collect();
    let first = lines.first().map_or(0, |line| line.number);
    let advice =
        format!("nothing from line {first} on was carried out; correct the file and run the same command again");
    format!("{}\n{advice}", described.join("\n"))
}

/// Returns a `detail` as one line.
fn reason(detail: &Value) -> String {
    match detail.as_array() {
        Some(violations) => violations.iter().map(describe).collect::<Vec<_>>().join("; "),
        None => detail.as_str().unwrap_or_default().to_owned(),
    }
}

/// Returns the field and the message of a violation.
fn describe(violation: &Value) -> String {
    let message = violation["msg"].as_str().unwrap_or_default();
    match violation["loc"].as_array().and_then(|steps| steps.last()).and_then(Value::as_str) {
        Some(field) => format!("{field}: {message}"),
        None => message.to_owned(),
    }
}
