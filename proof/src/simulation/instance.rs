//! Function instances: the real routes, each over its own client of the SDK, clock and random numbers.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use functions::Route;
use functions::docs::Access;
use lambda_http::Body;
use shared::Clock;
use shared::http::{AppContext, Response};
use shared::store::{Database, Random, Settings};
use shared::time_limits::ANSWER_MARGIN;
use shared::validation::CursorKey;
use tokio::time::Instant;

use super::TABLE;
use super::wire::{REQUEST, RequestTrace, Wire, World};

/// Number of function instances.
pub(super) const INSTANCES: usize = 3;

/// Timeout of the functions in the template, except for that of batches.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Timeout of the function that runs batches.
const BATCH_TIMEOUT: Duration = Duration::from_secs(29);

/// Time of day at the start of every history.
pub(super) const EPOCH: DateTime<Utc> = DateTime::from_timestamp(1_767_225_600, 0).expect("a time");

/// The clients of the SDK of one thread, which all its histories use.
pub(super) struct Fleet {
    routes: Vec<Route>,
    wire: Wire,
    databases: [Database; INSTANCES],
}

/// Function instances during one history.
pub(super) struct Instances<'a> {
    routes: &'a [Route],
    apps: [AppContext; INSTANCES],
}

impl Fleet {
    pub(super) fn new() -> Self {
        let wire = Wire::default();
        let settings = || Settings::for_endpoint(TABLE, "http://simulation").with_connector(wire.clone());
        let databases = [(); INSTANCES].map(|()| Database::connect(settings()).expect("settings of a simulation"));
        Self { routes: functions::routes(Access::Token), wire, databases }
    }

    /// Starts the instances anew, over an engine. Their clocks differ by some seconds.
    pub(super) fn start(&self, world: &Arc<World>) -> Instances<'_> {
        self.wire.connect(world);
        let mut rng = fastrand::Rng::with_seed(world.faults.seed);
        let started = Instant::now();
        let apps = self.databases.clone().map(|database| {
            let ahead = TimeDelta::milliseconds(rng.i64(-4_000..4_000));
            AppContext {
                database: database.with_random(Random::seeded(rng.u64(..))),
                cursors: CursorKey::new("key of a simulation"),
                time_limit: TIMEOUT.saturating_sub(ANSWER_MARGIN),
                clock: Clock::new(move || EPOCH + ahead + started.elapsed()),
            }
        });
        Instances { routes: &self.routes, apps }
    }
}

/// A request to one instance.
pub(super) struct Invocation {
    pub(super) instance: usize,
    /// Key of the route, such as `GET /clients/all`.
    pub(super) route: &'static str,
    pub(super) event: String,
    pub(super) trace: Arc<RequestTrace>,
    /// Number of steps after which Lambda ends the instance.
    pub(super) kill: Option<u32>,
}

impl Instances<'_> {
    /// Returns the time of day of an instance.
    pub(super) fn time(&self, instance: usize) -> DateTime<Utc> {
        self.apps[instance].clock.now()
    }

    /// Returns the time limit of a request of a route.
    pub(super) fn time_limit(&self, route: &str) -> Duration {
        if route == "POST /lot" { BATCH_TIMEOUT.saturating_sub(ANSWER_MARGIN) } else { self.apps[0].time_limit }
    }

    /// Answers a request; `None` if the instance is ended before.
    pub(super) async fn invoke(&self, invocation: Invocation) -> Option<Response> {
        let Invocation { instance, route, event, trace, kill } = invocation;
        let app = AppContext { time_limit: self.time_limit(route), ..self.apps[instance].clone() };
        let request = lambda_http::request::from_str(&event).expect("an event");
        let route = self.routes.iter().find(|known| known.key() == route).expect("a route");
        let handling = REQUEST.scope(trace, route.answer(&app, request));
        let (response, _) = KillAfter { handling: Box::pin(handling), steps_left: kill }.await?;
        Some(response)
    }
}

/// A request whose instance may end between two of its steps.
struct KillAfter<F> {
    handling: Pin<Box<F>>,
    steps_left: Option<u32>,
}

impl<F: Future> Future for KillAfter<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(left) = &mut self.steps_left {
            if *left == 0 {
                return Poll::Ready(None);
            }
            *left -= 1;
        }
        self.handling.as_mut().poll(context).map(Some)
    }
}

/// Returns the body of a response.
pub(super) fn body(response: &Response) -> &[u8] {
    match response.body() {
        Body::Text(text) => text.as_bytes(),
        Body::Binary(bytes) => bytes,
        Body::Empty | _ => &[],
    }
}
