//! Where requests are answered: on Lambda behind API Gateway, or in containers behind a load balancer.

use super::workload::Program;
use super::{GB, Inputs, Load};

/// New connections per second of a load balancer's capacity unit.
/// Source: <https://aws.amazon.com/elasticloadbalancing/pricing/>.
const CONNECTIONS_PER_UNIT: f64 = 25.0;
/// Bytes per hour of a load balancer's capacity unit.
const BYTES_PER_UNIT: f64 = GB;

/// Returns the GB-seconds of a month on Lambda.
pub(super) fn gigabyte_seconds(inputs: &Inputs, load: Load, program: &Program) -> f64 {
    let memory_mb = program.memory_mb.as_ref().map_or(inputs.template.memory_mb, |memory| memory.value);
    let seconds = milliseconds(inputs, load.cold_share, program) / 1e3;
    inputs.workload.requests(load) * seconds * memory_mb / 1024.0
}

/// Returns the billed milliseconds of the average request on Lambda.
pub(super) fn milliseconds(inputs: &Inputs, cold_share: f64, program: &Program) -> f64 {
    let Inputs { workload, request, .. } = inputs;
    let reading = request.read_calls * workload.read_call_ms.value;
    let writing = request.transactions * workload.transaction_ms.value;
    let starting = cold_share * program.init_ms.value;
    reading + writing + program.cpu_ms.value + workload.runtime_ms.value + starting
}

/// Dollars of a service of containers.
pub(super) struct ContainerDollars {
    pub(super) tasks: f64,
    pub(super) entry: f64,
}

/// Returns the number of tasks that a load needs.
pub(super) fn tasks(inputs: &Inputs, load: Load, program: &Program) -> f64 {
    let container = &inputs.workload.container;
    let busy = load.requests_per_second * program.cpu_ms.value / 1e3 / container.busy_share.value;
    (busy / container.cpu.value).ceil().max(container.minimum.value)
}

/// Returns what containers, their load balancer and their addresses cost.
pub(super) fn containers(inputs: &Inputs, load: Load, program: &Program) -> ContainerDollars {
    let Inputs { prices, workload, .. } = inputs;
    let container = &workload.container;
    let hours = workload.hours_per_month.value;
    let tasks = tasks(inputs, load, program);
    let connections = load.requests_per_second / container.requests_per_connection.value / CONNECTIONS_PER_UNIT;
    let bytes = workload.request_bytes.value + workload.answer_bytes.value;
    let processed = load.requests_per_second * 3600.0 * bytes / BYTES_PER_UNIT;
    // A load balancer is charged for the dimension that it uses most.
    let units = connections.max(processed);
    let addresses = container.balancer_addresses.value + tasks;
    ContainerDollars {
        tasks: prices.fargate_cpu.of(tasks * container.cpu.value * hours)
            + prices.fargate_memory.of(tasks * container.memory_gb.value * hours),
        entry: prices.load_balancer_hours.of(hours)
            + prices.load_balancer_units.of(units * hours)
            + prices.public_addresses.of(addresses * hours),
    }
}
