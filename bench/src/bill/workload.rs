//! Assumptions about requests, from `bench/workload.json`. The file has the reason for each.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Error;

/// A number with its reason.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    /// The number.
    pub value: f64,
    /// Where it comes from.
    pub reason: String,
}

/// A steady load.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// Requests per second.
    pub requests_per_second: f64,
    /// Share of requests that start a process.
    pub cold_share: f64,
    /// Share of hours in which the counts of log lines are not zero.
    pub hours_with_counts: f64,
}

/// Share of an access pattern among all requests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Name of its row in `docs/access-patterns.md`.
    pub pattern: String,
    /// From 0 to 1.
    pub share: f64,
}

/// A program that answers requests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Memory of its Lambda function; `None` for that of the template.
    pub memory_mb: Option<Assumption>,
    /// CPU time of a request.
    pub cpu_ms: Assumption,
    /// Billed time of a start.
    pub init_ms: Assumption,
}

/// The programs that are compared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programs {
    pub parc: Program,
    pub fastapi: Program,
}

/// A service of containers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Container {
    pub cpu: Assumption,
    pub memory_gb: Assumption,
    pub minimum: Assumption,
    pub busy_share: Assumption,
    pub requests_per_connection: Assumption,
    pub balancer_addresses: Assumption,
}

/// How parc logged before counts that are zero were left out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    pub metrics_per_route: Assumption,
    pub function_line_bytes: Assumption,
    pub access_line_bytes: Assumption,
}

/// Every assumption of the bill.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the file describes each number")]
pub struct Workload {
    pub loads: Vec<Load>,
    pub loads_reason: String,
    pub mix: Vec<Share>,
    pub mix_reason: String,
    pub hours_per_month: Assumption,
    pub answer_bytes: Assumption,
    pub request_bytes: Assumption,
    pub read_call_ms: Assumption,
    pub transaction_ms: Assumption,
    pub runtime_ms: Assumption,
    pub programs: Programs,
    pub function_line_bytes: Assumption,
    pub added_line_bytes: Assumption,
    pub event_bytes: Assumption,
    pub access_log_values: BTreeMap<String, String>,
    pub stored_log_share: Assumption,
    pub stored_gb: Assumption,
    pub stored_bytes_per_write: Assumption,
    pub traces_per_second: Assumption,
    pub traced_share: Assumption,
    pub applications: Assumption,
    pub tokens_per_hour: Assumption,
    pub container: Container,
    pub provisioned_use: Assumption,
    pub before: Before,
}

impl Workload {
    /// Returns the requests of a month.
    #[must_use]
    pub fn requests(&self, load: Load) -> f64 {
        load.requests_per_second * self.hours_per_month.value * 3600.0
    }

    /// Returns the bytes of a line of the access log, with the assumed value of each variable.
    ///
    /// # Errors
    /// Returns [`Error::UnknownVariable`] if a variable has no assumed value.
    pub fn access_line_bytes(&self, format: &str) -> Result<f64, Error> {
        let mut line = format.to_owned();
        // In reverse order: `$context.status` must not be replaced inside of a longer name that starts with it.
        for (variable, value) in self.access_log_values.iter().rev() {
            line = line.replace(variable, value);
        }
        if line.contains("$context") {
            return Err(Error::UnknownVariable(line));
        }
        Ok(line.bytes().map(|_| 1.0).sum())
    }
}
