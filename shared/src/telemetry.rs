//! One log line per request. Counts that are not zero are metrics too, in CloudWatch's embedded metric format.

mod batch;

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

pub use batch::BatchLog;

use crate::memory::peak_mib;

/// Log line of one request. It holds nothing that the caller sent, and nothing that identifies them.
#[derive(Debug, Serialize)]
pub struct RequestLog {
    /// API Gateway's identifier of the request.
    pub request_id: String,
    /// Key of its route, such as `GET /clients/all`.
    pub route: String,
    /// Status of the response.
    pub status: u16,
    /// Time that the function took. Milliseconds in the log line.
    #[serde(serialize_with = "as_milliseconds")]
    pub latency: Duration,
    /// Capacity units that the table consumed, reads and writes together.
    pub capacity: f64,
    /// Number of transaction conflicts.
    #[serde(skip_serializing_if = "is_zero")]
    pub conflicts: u32,
    /// Number of retried calls to the table, including conflicts.
    #[serde(skip_serializing_if = "is_zero")]
    pub retries: u32,
    /// What a batch did.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchLog>,
    /// Whether this was the first request of its process.
    #[serde(skip_serializing_if = "is_false", serialize_with = "as_number")]
    pub cold: bool,
}

/// Returns `true` on the first call in this process (a cold start).
pub(crate) fn is_first() -> bool {
    static WARM: AtomicBool = AtomicBool::new(false);
    !WARM.swap(true, Ordering::Relaxed)
}

impl RequestLog {
    /// Returns the line that a function writes for this request, with its metrics in a namespace.
    #[must_use]
    pub fn to_text(&self, namespace: &str) -> String {
        let metrics = Metrics::of(namespace.to_owned(), Duration::ZERO);
        String::from_utf8(to_text(&metrics.line(self))).unwrap_or_default()
    }

    /// Logs the request in a form for people.
    pub fn log(&self) {
        let Self { request_id, route, status, latency, capacity, conflicts, retries, batch, .. } = self;
        let ms = milliseconds(*latency);
        let operations = batch.as_ref().and_then(|batch| serde_json::to_string(batch).ok());
        tracing::info!(request_id, route, status, ms, capacity, conflicts, retries, operations, "answered");
    }

    /// Returns 1 if parc or the table made the request fail, otherwise 0.
    fn faults(&self) -> u32 {
        u32::from(self.status >= 500) + self.batch.as_ref().map_or(0, |batch| batch.faults)
    }

    /// Returns the metrics that are not zero.
    fn directives<'a>(&'a self, namespace: &'a str) -> Vec<Directive<'a>> {
        let counts = vec![("conflicts", self.conflicts), ("retries", self.retries), ("faults", self.faults())];
        // Only one route has these, so that its name would be a second metric with the same data.
        let of_batch = self.batch.iter().flat_map(BatchLog::counts).collect();
        let all = [Directive::new(namespace, BY_ROUTE, counts), Directive::new(namespace, WITHOUT_ROUTE, of_batch)];
        all.into_iter().filter(|directive| !directive.metrics.is_empty()).collect()
    }
}

/// A log line as it is written.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    request: &'a RequestLog,
    #[serde(skip_serializing_if = "is_zero")]
    faults: u32,
    /// Time from the start of `main` until the process was ready, in milliseconds, on its first line.
    #[serde(skip_serializing_if = "Option::is_none")]
    init: Option<f64>,
    /// Peak memory of the process in MiB, on its first line and whenever it has grown.
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<u64>,
    /// Absent if every count is zero: it would be more than half of the line, and each name by route is a metric
    /// that CloudWatch charges for.
    #[serde(rename = "_aws", skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
}

/// Names the members of a line that are metrics.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    /// Milliseconds since 1970.
    timestamp: u128,
    cloud_watch_metrics: Vec<Directive<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'a str,
    dimensions: Dimensions,
    metrics: Vec<Metric<'a>>,
}

/// Sets of members: each metric is published once for each set.
type Dimensions = &'static [&'static [&'static str]];

/// By route, and of all routes together.
const BY_ROUTE: Dimensions = &[&["route"], &[]];

const WITHOUT_ROUTE: Dimensions = &[&[]];

impl<'a> Directive<'a> {
    /// Names the counts that are not zero.
    fn new(namespace: &'a str, dimensions: Dimensions, counts: Vec<(&'a str, u32)>) -> Self {
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        Self { namespace, dimensions, metrics: counts.map(|(name, _)| Metric { name }).collect() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric<'a> {
    name: &'a str,
}

/// Writes log lines to the standard output.
pub(crate) struct Metrics {
    namespace: String,
    init: Duration,
    /// Peak memory that was last written, in MiB.
    memory: AtomicU64,
}

impl Metrics {
    /// Creates a writer for the metrics of a namespace, in a process that took this long to start.
    pub(crate) fn of(namespace: String, init: Duration) -> Self {
        Self { namespace, init, memory: AtomicU64::new(0) }
    }

    /// Writes one line. Ignores errors: a request must not fail because of its log line.
    pub(crate) fn write(&self, request: &RequestLog) {
        let line = Line {
            init: request.cold.then(|| milliseconds(self.init)),
            memory: peak_mib().filter(|peak| self.memory.fetch_max(*peak, Ordering::Relaxed) < *peak),
            ..self.line(request)
        };
        let _ = io::stdout().lock().write_all(&to_text(&line));
    }

    fn line<'a>(&'a self, request: &'a RequestLog) -> Line<'a> {
        let cloud_watch_metrics = request.directives(&self.namespace);
        let metadata = (!cloud_watch_metrics.is_empty()).then(|| Metadata {
            timestamp: SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis(),
            cloud_watch_metrics,
        });
        Line { request, faults: request.faults(), init: None, memory: None, metadata }
    }
}

/// Returns a line; its types always convert.
fn to_text(line: &Line) -> Vec<u8> {
    let mut text = serde_json::to_vec(line).unwrap_or_default();
    text.push(b'\n');
    text
}

/// Returns a time in milliseconds, rounded to microseconds.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn as_milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(milliseconds(*time))
}

/// Logs Insights adds numbers up.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn as_number<S: Serializer>(flag: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(u8::from(*flag))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::models::{Action, Kind};

    fn request() -> RequestLog {
        RequestLog {
            request_id: "JKJaXmPLvHcESHA=".to_owned(),
            route: "GET /clients/all".to_owned(),
            status: 200,
            latency: Duration::from_nanos(3_456_789),
            capacity: 2.5,
            conflicts: 0,
            retries: 0,
            batch: None,
            cold: false,
        }
    }

    fn text(request: &RequestLog) -> String {
        request.to_text("parc-test").trim_end().to_owned()
    }

    #[test]
    fn a_line_has_no_metrics_if_every_count_is_zero() {
        let expected = r#"{"request_id":"JKJaXmPLvHcESHA=","route":"GET /clients/all","status":200,"latency":3.457,"capacity":2.5}"#;
        assert_eq!(text(&request()), expected);
    }

    #[test]
    fn operations_of_a_batch_are_metrics_of_all_routes_together() {
        let mut batch = BatchLog::default();
        (batch.left, batch.faults) = (2, 1);
        batch.count(Action::Register, Kind::Client);
        batch.count(Action::Register, Kind::Client);
        batch.count(Action::Deactivate, Kind::Site);
        let request = RequestLog { batch: Some(batch), ..request() };
        let line: Value = serde_json::from_str(&text(&request)).expect("JSON");
        let names = ["register_new_client", "deactivate_site", "left", "faults"];
        assert_eq!(names.map(|name| &line[name]), [2, 1, 2, 1].map(Value::from).each_ref());
        assert_eq!(line["refused"], Value::Null);
        let [faults, operations] = &line["_aws"]["CloudWatchMetrics"].as_array().expect("a list")[..] else {
            panic!("{line}")
        };
        assert_eq!(faults["Metrics"], json!([{ "Name": "faults" }]));
        assert_eq!(operations["Dimensions"], json!([[]]));
        assert_eq!(
            operations["Metrics"],
            json!([{ "Name": "deactivate_site" }, { "Name": "register_new_client" }, { "Name": "left" }])
        );
    }

    #[test]
    fn counts_are_metrics_if_they_are_not_zero() {
        let failed = RequestLog { status: 503, retries: 2, cold: true, ..request() };
        let mut line: Value = serde_json::from_str(&text(&failed)).expect("JSON");
        assert!(line["_aws"]["Timestamp"].take().as_u64().is_some_and(|timestamp| timestamp > 1_600_000_000_000));
        let directive = json!({
            "Namespace": "parc-test",
            "Dimensions": [["route"], []],
            "Metrics": [{ "Name": "retries" }, { "Name": "faults" }],
        });
        assert_eq!(line["_aws"], json!({ "Timestamp": null, "CloudWatchMetrics": [directive] }));
        assert_eq!([&line["retries"], &line["faults"], &line["cold"]], [2, 1, 1].map(Value::from).each_ref());
        assert_eq!(line["conflicts"], Value::Null);
    }
}
