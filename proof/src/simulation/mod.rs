//! Simulation of the handlers: one thread, paused time, and a network that delays, loses, repeats and refuses calls.
//!
//! A seed determines a history. Callers send requests to several function instances, whose clocks differ; each
//! instance runs the real routes over the real client of the SDK, whose calls reach an engine in the same process.
//! Every event has a place in one order. [`check`] looks for a sequential execution that explains every answer.

#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "a defect of the simulation itself must end it")]

mod call;
mod caller;
pub mod campaign;
pub mod check;
mod draw;
pub(crate) mod engine;
mod environment;
pub(crate) mod event;
mod faults;
mod focus;
mod if_match;
mod instance;
mod model;
mod partial;
mod plan;
mod prepare;
pub mod recording;
mod replica;
mod sending;
pub mod shrink;
pub(crate) mod wire;

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::sleep;

pub use call::Call;
use caller::Callers;
use check::{Violation, check};
use engine::Engine;
use environment::Environment;
use faults::Faults;
pub use focus::FIRST_CONTENDED;
use instance::SdkClients;
use plan::Plan;
use recording::{Commit, Recorded};
use replica::Replica;

/// Name of the table.
pub(crate) const TABLE: &str = "parc";

/// Time after which every call has arrived.
const QUIET: Duration = Duration::from_mins(2);

/// What happened in one history.
#[derive(Debug, Serialize)]
pub struct History {
    /// Age of eventually consistent reads, in milliseconds; 0 if they are current.
    pub lag: u64,
    /// The requests.
    pub requests: Vec<Recorded>,
    /// The transactions that wrote, in their order.
    pub commits: Vec<Commit>,
    /// The items of the table at the end, as DynamoDB's JSON.
    pub items: Vec<Value>,
    /// What `parc verify` found in the table at the end; in some histories it is not run.
    pub findings: Vec<String>,
}

/// A step of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId {
    /// Number of the caller.
    pub caller: usize,
    /// Number of its step.
    pub step: usize,
}

/// Runs histories, one after the other, on one thread.
pub struct Simulator {
    sdk: SdkClients,
    table: Vec<(&'static str, String)>,
}

impl Default for Simulator {
    fn default() -> Self {
        Self { sdk: SdkClients::new(), table: engine::table_of_template() }
    }
}

impl Simulator {
    /// Runs the history of a seed, without some steps.
    ///
    /// # Panics
    /// Panics if the engine fails.
    #[must_use]
    pub fn run(&self, seed: u64, left_out: &[StepId]) -> History {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(self.history(&Plan::new(seed).without(left_out)))
    }

    /// Runs a history and checks it. A panic is a violation, and no history is left then.
    pub fn judge(&mut self, seed: u64, left_out: &[StepId]) -> (Option<History>, Result<(), Violation>) {
        let run = || {
            let history = self.run(seed, left_out);
            let judged = check(&history);
            (Some(history), judged)
        };
        panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            // Its clients may be in a broken state.
            *self = Self::default();
            let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
            (None, Err(Violation(format!("panic: {}", text.unwrap_or("without a text")))))
        })
    }

    /// Returns every step of the history of a seed.
    #[must_use]
    pub fn steps(seed: u64) -> Vec<StepId> {
        let callers = Plan::new(seed).callers;
        let of_caller = |(caller, steps): (usize, &Vec<_>)| (0..steps.len()).map(move |step| StepId { caller, step });
        callers.iter().enumerate().flat_map(of_caller).collect()
    }

    async fn history(&self, plan: &Plan) -> History {
        let engine = Engine::with_table(&self.table);
        let replica = (plan.lag > 0).then(|| {
            let engine = Engine::with_table(&self.table);
            Replica::new(engine, Duration::from_millis(plan.lag))
        });
        let faults =
            Faults { seed: plan.seed, rate: plan.fault_rate, outage: plan.outage.clone(), callers: plan.callers.len() };
        let environment = Arc::new(Environment::new(engine, replica, plan.partial, faults));
        let callers = Callers::new(&environment, self.sdk.start(&environment));
        let last = plan.callers.len();
        callers.set_up(last, &plan.setup).await;
        join_all(plan.callers.iter().enumerate().map(|(number, steps)| callers.run(number, steps))).await;
        sleep(QUIET).await;
        callers.read_lists(last + 1).await;
        let findings = if plan.verified { callers.instances.verify(last + 2).await } else { Vec::new() };
        History {
            lag: plan.lag,
            requests: callers.into_recorded(),
            commits: environment.commits(),
            items: environment.engine.items(),
            findings,
        }
    }
}

/// Returns a value of DynamoDB's JSON as plain JSON.
fn plain(value: &Value) -> Value {
    let Some(object) = value.as_object() else { return value.clone() };
    let plain_map = |map: &Map<String, Value>| map.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
    match object.iter().next() {
        Some((name, text)) if name == "S" && object.len() == 1 => text.clone(),
        Some((name, number)) if name == "N" && object.len() == 1 => {
            number.as_str().and_then(|number| serde_json::from_str(number).ok()).unwrap_or_default()
        }
        Some((name, _)) if name == "NULL" && object.len() == 1 => Value::Null,
        Some((name, Value::Object(map))) if name == "M" && object.len() == 1 => plain_map(map),
        _ => plain_map(object),
    }
}
