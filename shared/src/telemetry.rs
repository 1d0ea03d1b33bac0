//! One log line per request, in CloudWatch's embedded metric format.

use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use metrique_writer::format::Format;
use metrique_writer::{Entry, EntryWriter};
use metrique_writer_format_emf::{Emf, NoMetric};

/// Log line of one request. It holds nothing that the caller sent, and nothing that identifies them.
#[derive(Debug)]
pub struct RequestLog {
    /// API Gateway's identifier of the request.
    pub request_id: String,
    /// Key of its route, such as `GET /clients/all`.
    pub route: String,
    /// Status of the response.
    pub status: u16,
    /// Time that the function took.
    pub latency: Duration,
    /// Capacity units that the table consumed, reads and writes together.
    pub capacity: f64,
    /// Number of transaction conflicts.
    pub conflicts: u32,
    /// Number of retried calls to the table, including conflicts.
    pub retries: u32,
    /// Whether this was the first request of its process.
    pub cold: bool,
}

/// Returns `true` on the first call in this process (a cold start).
pub(crate) fn is_first() -> bool {
    static WARM: AtomicBool = AtomicBool::new(false);
    !WARM.swap(true, Ordering::Relaxed)
}

impl RequestLog {
    /// Returns the latency in milliseconds.
    fn milliseconds(&self) -> f64 {
        (self.latency.as_secs_f64() * 1e6).round() / 1e3
    }

    /// Returns the line that a function writes for this request, with its metrics in a namespace.
    #[must_use]
    pub fn to_text(&self, namespace: &str) -> String {
        String::from_utf8(Metrics::of(namespace.to_owned()).format(self)).unwrap_or_default()
    }

    /// Logs the request in a form for people.
    pub fn log(&self) {
        let Self { request_id, route, status, capacity, conflicts, retries, .. } = self;
        let ms = self.milliseconds();
        tracing::info!(request_id, route, status, ms, capacity, conflicts, retries, "answered");
    }
}

/// Texts become properties; numbers become metrics, by route and of all routes together.
impl Entry for RequestLog {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        writer.timestamp(SystemTime::now());
        writer.value("level", "INFO");
        writer.value("message", "answered");
        writer.value("request_id", &self.request_id);
        writer.value("route", &self.route);
        writer.value("status", &NoMetric::from(self.status));
        writer.value("cold", &NoMetric::from(self.cold));
        writer.value("latency", &self.latency);
        writer.value("capacity", &self.capacity);
        writer.value("conflicts", &self.conflicts);
        writer.value("retries", &self.retries);
        writer.value("faults", &u32::from(self.status >= 500));
    }
}

/// Writes log lines to the standard output.
pub(crate) struct Metrics(Mutex<Emf>);

impl Metrics {
    /// Creates a writer for the metrics of a namespace.
    pub(crate) fn of(namespace: String) -> Self {
        let dimensions = vec![vec!["route".to_owned()], Vec::new()];
        Self(Mutex::new(Emf::builder(namespace, dimensions).build()))
    }

    /// Writes one line. Ignores errors: a request must not fail because of its log line.
    pub(crate) fn write(&self, line: &RequestLog) {
        let _ = io::stdout().lock().write_all(&self.format(line));
    }

    /// Returns a line, or nothing if it cannot be formatted.
    fn format(&self, line: &RequestLog) -> Vec<u8> {
        let mut text = Vec::with_capacity(512);
        if let Ok(mut emf) = self.0.lock()
            && emf.format(line, &mut text).is_err()
        {
            text.clear();
        }
        text
    }
}
