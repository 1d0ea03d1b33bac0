use std::fmt;
use std::time::Duration;

use lambda_http::http::header::CONTENT_ENCODING;
use shared::http::Response;
use shared::telemetry::RequestLog;

/// Time of every request in the ledger: the digits of the real one would change the length of its line.
const LATENCY: Duration = Duration::from_micros(12_345);

/// A row of the ledger.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) route: String,
    case: String,
    status: u16,
    units: f64,
    body: usize,
    gzip: Option<usize>,
    headers: usize,
    log: usize,
}

impl Row {
    /// Measures an answer and its line, and the answer to the same request of a caller that accepts gzip.
    pub(crate) fn new(case: &str, answer: &Response, line: RequestLog, to_gzip: Option<&Response>) -> Self {
        let line = RequestLog { latency: LATENCY, cold: false, ..line };
        let gzip = to_gzip.filter(|answer| answer.headers().contains_key(CONTENT_ENCODING));
        Self {
            case: case.to_owned(),
            status: line.status,
            units: line.capacity,
            body: answer.body().len(),
            // Processors compress differently, by a few bytes.
            gzip: gzip.map(|answer| answer.body().len().next_multiple_of(100)),
            headers: answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum(),
            log: line.to_text("parc").len(),
            route: line.route,
        }
    }

    /// Rounds the body to the next hundred bytes, because it changes with every text of the documentation.
    pub(crate) fn round(&mut self) {
        self.body = self.body.next_multiple_of(100);
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { route, case, status, units, body, gzip, headers, log } = self;
        write!(f, "| `{route}` | {case} | {status} | {units} | {body} |")?;
        if let Some(gzip) = gzip {
            write!(f, " {gzip}")?;
        }
        writeln!(f, " | {headers} | {log} |")
    }
}
