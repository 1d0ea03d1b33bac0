//! What is told of each request: one line of the log, from which CloudWatch takes the metrics.

use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use metrique_writer::format::Format;
use metrique_writer::{Entry, EntryWriter};
use metrique_writer_format_emf::{Emf, NoMetric};

/// One request and what came of it. It holds nothing that a caller sent, and no identifier of theirs.
#[derive(Debug)]
pub struct RequestLog {
    /// API Gateway's identifier of the request.
    pub request_id: String,
    /// The key of its route, such as `GET /clients/all`.
    pub route: String,
    /// The status of its answer.
    pub status: u16,
    /// How long the function took, to the microsecond.
    pub latency: Duration,
    /// The capacity units that the table consumed for it, reads and writes together.
    pub capacity: f64,
    /// How often a write of it met another one's.
    pub conflicts: u32,
    /// How often a call of the table was sent again, whatever the reason.
    pub retries: u32,
    /// Whether it was the first of its process.
    pub cold: bool,
}

/// Whether nothing has asked this before in this process.
pub(crate) fn is_first() -> bool {
    static WARM: AtomicBool = AtomicBool::new(false);
    !WARM.swap(true, Ordering::Relaxed)
}

impl RequestLog {
    /// A latency in milliseconds.
    fn milliseconds(&self) -> f64 {
        (self.latency.as_secs_f64() * 1e6).round() / 1e3
    }

    /// Writes it for a person.
    pub fn log(&self) {
        let Self { request_id, route, status, capacity, conflicts, retries, .. } = self;
        let ms = self.milliseconds();
        tracing::info!(request_id, route, status, ms, capacity, conflicts, retries, "answered");
    }
}

/// As the embedded metric format has it: texts are properties, numbers are metrics by route and of
/// all routes together.
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

/// Writes lines to the standard output, as CloudWatch reads them.
pub(crate) struct Metrics(Mutex<Emf>);

impl Metrics {
    /// For the metrics of this namespace.
    pub(crate) fn of(namespace: String) -> Self {
        let dimensions = vec![vec!["route".to_owned()], Vec::new()];
        Self(Mutex::new(Emf::builder(namespace, dimensions).build()))
    }

    /// Writes one line. What cannot be written is lost: a request is not failed for its log.
    pub(crate) fn write(&self, line: &RequestLog) {
        let mut text = Vec::with_capacity(512);
        if let Ok(mut emf) = self.0.lock()
            && emf.format(line, &mut text).is_ok()
        {
            let _ = io::stdout().lock().write_all(&text);
        }
    }
}
