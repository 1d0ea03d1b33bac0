//! Log lines and custom metrics.

use super::{GB, Inputs, Load, Price};

/// Counts of a log line that are metrics if they are not zero: conflicts, retries and faults.
const COUNTS: f64 = 3.0;

/// What a stack logs and measures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Logging<'a> {
    /// Custom metrics, weighted by the share of hours in which they have data.
    pub(super) metrics: f64,
    /// Bytes of the line of a function or container, besides what CloudWatch adds.
    pub(super) line_bytes: f64,
    /// Bytes of a line of the access log; 0 without one.
    pub(super) access_line_bytes: f64,
    /// Price of the lines.
    lines: &'a Price,
    /// Price of the lines of the access log.
    access_lines: &'a Price,
}

/// Dollars of a month.
pub(super) struct LogDollars {
    pub(super) lines: f64,
    pub(super) access_lines: f64,
    pub(super) storage: f64,
    pub(super) metrics: f64,
}

impl<'a> Logging<'a> {
    /// Returns what functions log behind API Gateway.
    pub(super) fn of_functions(inputs: &'a Inputs, load: Load) -> Self {
        let Inputs { prices, workload, template, access_line_bytes, .. } = inputs;
        let is_infrequent = template.has_infrequent_access_log;
        Self {
            metrics: COUNTS * names(inputs) * load.hours_with_counts,
            line_bytes: workload.function_line_bytes.value + workload.added_line_bytes.value,
            access_line_bytes: *access_line_bytes,
            lines: &prices.vended_logs,
            access_lines: if is_infrequent { &prices.vended_logs_infrequent } else { &prices.vended_logs },
        }
    }

    /// Returns what containers log. A load balancer writes its access log elsewhere.
    pub(super) fn of_containers(inputs: &'a Inputs, load: Load) -> Self {
        let lines = &inputs.prices.custom_logs;
        let line_bytes = inputs.workload.function_line_bytes.value;
        Self { lines, line_bytes, access_line_bytes: 0.0, ..Self::of_functions(inputs, load) }
    }

    /// Returns what parc logged before counts that are zero were left out.
    pub(super) fn before(inputs: &'a Inputs) -> Self {
        let before = &inputs.workload.before;
        Self {
            metrics: before.metrics_per_route.value * names(inputs),
            line_bytes: before.function_line_bytes.value + inputs.workload.added_line_bytes.value,
            access_line_bytes: before.access_line_bytes.value,
            lines: &inputs.prices.vended_logs,
            access_lines: &inputs.prices.vended_logs,
        }
    }

    pub(super) fn dollars(self, inputs: &Inputs, load: Load) -> LogDollars {
        let Inputs { prices, workload, template, .. } = inputs;
        let gigabytes = |bytes: f64| match bytes {
            0.0 => 0.0,
            _ => workload.requests(load) * (bytes + workload.event_bytes.value) / GB,
        };
        let (lines, access_lines) = (gigabytes(self.line_bytes), gigabytes(self.access_line_bytes));
        let stored = (lines + access_lines) * workload.stored_log_share.value * template.retention_months;
        LogDollars {
            lines: self.lines.of(lines),
            access_lines: self.access_lines.of(access_lines),
            storage: prices.log_storage.of(stored),
            metrics: prices.metrics.of(self.metrics),
        }
    }
}

impl LogDollars {
    pub(super) fn total(&self) -> f64 {
        self.lines + self.access_lines + self.storage + self.metrics
    }
}

/// Returns the number of metrics of one name: by route, and of all routes together.
fn names(inputs: &Inputs) -> f64 {
    inputs.template.routes + 1.0
}
