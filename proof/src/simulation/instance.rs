//! Function instances: the real routes, each over its own client of the SDK, clock and random numbers.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use functions::Route;
use functions::docs::Access;
use serde_json::Value;
use shared::Clock;
use shared::http::{AppContext, Event, Response};
use shared::store::{Database, Progress, Random, Settings};
use shared::time_limits::ANSWER_MARGIN;
use shared::validation::CursorKey;
use testkit::template::template;
use tokio::time::Instant;

use super::TABLE;
use super::environment::Environment;
use super::recording::AttemptId;
use super::wire::{REQUEST, RequestTrace, Wire};

/// Number of function instances.
pub(super) const INSTANCES: usize = 3;

/// Time of day at the start of every history.
pub(super) const EPOCH: DateTime<Utc> = DateTime::from_timestamp(1_767_225_600, 0).expect("a time");

/// The clients of the SDK of one thread, which all its histories use.
pub(super) struct SdkClients {
    routes: Vec<Route>,
    wire: Wire,
    databases: [Database; INSTANCES],
    time_limits: TimeLimits,
}

/// Time limits of requests, from the timeouts of the functions in the template.
#[derive(Debug, Clone, Copy)]
struct TimeLimits {
    batch: Duration,
    other: Duration,
}

/// Function instances during one history.
pub(super) struct Instances<'a> {
    routes: &'a [Route],
    apps: [AppContext; INSTANCES],
    time_limits: TimeLimits,
}

impl TimeLimits {
    fn of_template() -> Self {
        let template = template().expect("the template");
        let limit =
            |timeout: &Value| Duration::from_secs(timeout.as_u64().expect("a timeout")).saturating_sub(ANSWER_MARGIN);
        Self {
            batch: limit(&template["Resources"]["BatchRun"]["Properties"]["Timeout"]),
            other: limit(&template["Globals"]["Function"]["Timeout"]),
        }
    }
}

impl SdkClients {
    pub(super) fn new() -> Self {
        let wire = Wire::default();
        let settings = || Settings::for_endpoint(TABLE, "http://simulation").with_connector(wire.clone());
        let databases = [(); INSTANCES].map(|()| Database::connect(settings()).expect("settings of a simulation"));
        Self { routes: functions::routes(Access::Token), wire, databases, time_limits: TimeLimits::of_template() }
    }

    /// Starts the instances anew, over an engine. Their clocks differ by some seconds.
    pub(super) fn start(&self, environment: &Arc<Environment>) -> Instances<'_> {
        self.wire.connect(environment);
        let mut rng = fastrand::Rng::with_seed(environment.faults.seed);
        let started = Instant::now();
        let apps = self.databases.clone().map(|database| {
            let ahead = TimeDelta::milliseconds(rng.i64(-4_000..4_000));
            AppContext {
                database: database.with_random(Random::seeded(rng.u64(..))),
                cursors: CursorKey::new("key of a simulation"),
                time_limit: self.time_limits.other,
                clock: Clock::new(move || EPOCH + ahead + started.elapsed()),
            }
        });
        Instances { routes: &self.routes, apps, time_limits: self.time_limits }
    }
}

/// A request to one instance.
pub(super) struct Invocation {
    pub(super) instance: usize,
    /// Key of the route, such as `GET /clients/all`.
    pub(super) route: &'static str,
    pub(super) event: String,
    pub(super) trace: Arc<RequestTrace>,
    /// Number of polls after which Lambda ends the instance.
    pub(super) polls_before_end: Option<u32>,
}

impl Instances<'_> {
    /// Returns the time of day of an instance.
    pub(super) fn time(&self, instance: usize) -> DateTime<Utc> {
        self.apps[instance].clock.now()
    }

    /// Returns the time limit of a request of a route.
    pub(super) fn time_limit(&self, route: &str) -> Duration {
        if route == "POST /lot" { self.time_limits.batch } else { self.time_limits.other }
    }

    /// Answers a request; `None` if the instance is ended before.
    pub(super) async fn invoke(&self, invocation: Invocation) -> Option<Response> {
        let Invocation { instance, route, event, trace, polls_before_end } = invocation;
        let app = AppContext { time_limit: self.time_limit(route), ..self.apps[instance].clone() };
        let event: Event = serde_json::from_str(&event).expect("an event");
        let route = self.routes.iter().find(|known| known.key() == route).expect("a route");
        let handling = REQUEST.scope(trace, route.answer(&app, event));
        let (response, _) = EndAfter { handling: Box::pin(handling), polls_left: polls_before_end }.await?;
        Some(response)
    }

    /// Returns what `parc verify` finds in the table. Its calls have no faults if no caller has this number.
    pub(super) async fn verify(&self, caller: usize) -> Vec<String> {
        let mut findings = Vec::new();
        let verified = self.apps[0].database.verify(false, |progress| {
            if let Progress::Found(finding) = progress {
                findings.push(finding.description);
            }
        });
        let trace = RequestTrace::new(AttemptId { caller, step: 0, attempt: 0 });
        let verified = REQUEST.scope(Arc::new(trace), verified).await;
        findings.extend(verified.err().map(|error| error.to_string()));
        findings
    }
}

/// A request whose instance may end between two polls of it.
struct EndAfter<F> {
    handling: Pin<Box<F>>,
    polls_left: Option<u32>,
}

impl<F: Future> Future for EndAfter<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(left) = &mut self.polls_left {
            if *left == 0 {
                return Poll::Ready(None);
            }
            *left -= 1;
        }
        self.handling.as_mut().poll(context).map(Some)
    }
}
