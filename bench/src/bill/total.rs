//! The lines of the bill.

use std::collections::BTreeMap;

use super::compute::{ContainerDollars, containers, gigabyte_seconds};
use super::logs::Logging;
use super::workload::Program;
use super::{GB, Inputs, Load};

/// What a month is charged for, in the order of the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "their labels")]
pub enum Item {
    ApiGateway,
    LoadBalancer,
    LambdaRequests,
    LambdaDuration,
    Fargate,
    TableReads,
    TableWrites,
    TableStorage,
    LogLines,
    AccessLog,
    LogStorage,
    Traces,
    Metrics,
    DataSent,
    AlarmsAndDashboard,
    Tokens,
}

impl Item {
    /// Returns its name on the bill.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ApiGateway => "API Gateway",
            Self::LoadBalancer => "load balancer, public addresses",
            Self::LambdaRequests => "Lambda, requests",
            Self::LambdaDuration => "Lambda, duration",
            Self::Fargate => "Fargate",
            Self::TableReads => "DynamoDB, reads",
            Self::TableWrites => "DynamoDB, writes",
            Self::TableStorage => "DynamoDB, storage and backup",
            Self::LogLines => "log lines of the program",
            Self::AccessLog => "access log",
            Self::LogStorage => "log storage",
            Self::Traces => "X-Ray",
            Self::Metrics => "custom metrics",
            Self::DataSent => "data sent",
            Self::AlarmsAndDashboard => "alarms, dashboard",
            Self::Tokens => "Cognito",
        }
    }
}

/// A way to serve the API, over the same table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alternative {
    /// parc as the template deploys it.
    Parc,
    /// One Python function behind API Gateway.
    FastApiOnLambda,
    /// parc's handlers in containers.
    ParcInContainers,
    /// Python in containers.
    FastApiInContainers,
}

impl Alternative {
    /// Every alternative, in the order of the bill.
    pub const ALL: [Self; 4] = [Self::Parc, Self::FastApiOnLambda, Self::ParcInContainers, Self::FastApiInContainers];

    /// Returns its name on the bill.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Parc => "parc",
            Self::FastApiOnLambda => "FastAPI on Lambda",
            Self::ParcInContainers => "parc's handlers in containers",
            Self::FastApiInContainers => "FastAPI in containers",
        }
    }

    pub(super) fn program(self, inputs: &Inputs) -> &Program {
        let programs = &inputs.workload.programs;
        match self {
            Self::Parc | Self::ParcInContainers => &programs.parc,
            Self::FastApiOnLambda | Self::FastApiInContainers => &programs.fastapi,
        }
    }
}

/// Dollars of a month, by what they are for.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill(pub BTreeMap<Item, f64>);

impl Bill {
    /// Returns the sum.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.0.values().sum()
    }

    /// Returns the largest line.
    #[must_use]
    pub fn largest(&self) -> Option<(Item, f64)> {
        self.0.iter().map(|(item, dollars)| (*item, *dollars)).max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// Returns the bill of a month with a load.
#[must_use]
pub fn bill(inputs: &Inputs, load: Load, alternative: Alternative) -> Bill {
    let Inputs { prices, workload, template, .. } = inputs;
    let requests = workload.requests(load);
    let program = alternative.program(inputs);
    let mut lines = BTreeMap::from(common(inputs, load));
    let logging = match alternative {
        Alternative::Parc | Alternative::FastApiOnLambda => {
            let duration = prices.lambda_duration.of(gigabyte_seconds(inputs, load, program));
            lines.insert(Item::ApiGateway, prices.http_api_requests.of(requests));
            lines.insert(Item::LambdaRequests, prices.lambda_requests.of(requests));
            lines.insert(Item::LambdaDuration, duration);
            if template.is_traced {
                lines.insert(Item::Traces, prices.traces.of(traces(inputs, load)));
            }
            Logging::of_functions(inputs, load)
        }
        Alternative::ParcInContainers | Alternative::FastApiInContainers => {
            let ContainerDollars { tasks, entry } = containers(inputs, load, program);
            lines.insert(Item::Fargate, tasks);
            lines.insert(Item::LoadBalancer, entry);
            Logging::of_containers(inputs, load)
        }
    };
    let logs = logging.dollars(inputs, load);
    lines.insert(Item::LogLines, logs.lines);
    lines.insert(Item::AccessLog, logs.access_lines);
    lines.insert(Item::LogStorage, logs.storage);
    lines.insert(Item::Metrics, logs.metrics);
    Bill(lines)
}

/// Returns the lines that every alternative has.
fn common(inputs: &Inputs, load: Load) -> [(Item, f64); 6] {
    let Inputs { prices, workload, request, template, .. } = inputs;
    let requests = workload.requests(load);
    // Half of what a month adds is stored on average.
    let stored = workload.stored_gb.value + growth(inputs, load) / 2.0;
    let tokens = workload.applications.value * workload.tokens_per_hour.value * workload.hours_per_month.value;
    [
        (Item::TableReads, prices.dynamodb_reads.of(requests * request.reads)),
        (Item::TableWrites, prices.dynamodb_writes.of(requests * request.writes)),
        (Item::TableStorage, prices.dynamodb_storage.of(stored) + prices.dynamodb_backup.of(stored)),
        (Item::DataSent, prices.data_sent.of(requests * workload.answer_bytes.value / GB)),
        (Item::AlarmsAndDashboard, prices.alarms.of(template.alarms) + prices.dashboards.of(template.dashboards)),
        (Item::Tokens, prices.cognito_applications.of(workload.applications.value) + prices.cognito_tokens.of(tokens)),
    ]
}

/// Returns the GB that a month adds to the table.
pub(super) fn growth(inputs: &Inputs, load: Load) -> f64 {
    let workload = &inputs.workload;
    workload.requests(load) * inputs.request.transactions * workload.stored_bytes_per_write.value / GB
}

/// Returns the traces of a month.
fn traces(inputs: &Inputs, load: Load) -> f64 {
    let workload = &inputs.workload;
    let first = load.requests_per_second.min(workload.traces_per_second.value);
    let others = (load.requests_per_second - first) * workload.traced_share.value;
    (first + others) * workload.hours_per_month.value * 3600.0
}
