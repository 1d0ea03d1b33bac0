//! Measures what a request costs: the real routes and the real client of the SDK, over an engine in the same process.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use functions::Route;
use functions::docs::Access;
use serde_json::{Map, Value, json};
use shared::Clock;
use shared::http::{AppContext, Event, Response};
use shared::models::Kind;
use shared::store::{Database, Settings};
use shared::time_limits::DEFAULT_TIME_LIMIT;
use shared::validation::CursorKey;
use tokio::runtime::Runtime;

use crate::simulation::TABLE;
use crate::simulation::engine::{Engine, table_of_template};
use crate::simulation::event::GatewayRequest;
use crate::simulation::wire::{operation_and_body, response};

/// Identifiers of a client, a site and an équipement in requests. They stand for those in the table.
pub(super) const IDS: [&str; 3] = [
    "019a5a1e-3c08-7000-8000-000000000001",
    "019a5a1e-3c08-7000-8000-000000000002",
    "019a5a1e-3c08-7000-8000-000000000003",
];

/// A request as API Gateway sends it to the function of its route.
#[derive(Debug, Clone)]
pub struct Request {
    route: &'static str,
    event: Value,
}

impl Request {
    pub(super) fn new(route: &'static str, query: &str, mut headers: Map<String, Value>, body: Option<String>) -> Self {
        let (_, pattern) = route.split_once(' ').expect("a route");
        let (mut path, mut parameters) = (pattern.to_owned(), Map::new());
        for (kind, id) in Kind::ALL.into_iter().zip(IDS) {
            let parameter = format!("{{{}}}", kind.id_name());
            if pattern.contains(&parameter) {
                path = path.replace(&parameter, id);
                parameters.insert(kind.id_name().to_owned(), id.into());
            }
        }
        if body.is_some() {
            headers.insert("content-type".to_owned(), "application/json".into());
        }
        let (path, headers, request_id) = (&*path, &headers, "worst");
        let event = GatewayRequest { route, path, query, parameters, headers, body, request_id }.event();
        Self { route, event }
    }
}

/// What an answer cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Time from the event's bytes to the response, without that of the engine.
    pub time: Duration,
    /// Largest number of bytes that were allocated at the same time, those of the engine included.
    pub memory: usize,
    /// Bytes of the event.
    pub event_bytes: usize,
    /// Bytes of the response's body.
    pub response_bytes: usize,
    /// HTTP status.
    pub status: u16,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { time, memory, event_bytes, response_bytes, status } = self;
        let (millis, kilobytes) = (time.as_secs_f64() * 1e3, memory / 1_000);
        write!(
            f,
            "{status}: {millis:.2} ms, {kilobytes} kB; event {event_bytes} bytes, response {response_bytes} bytes"
        )
    }
}

/// The allocator's counters.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Returns the bytes in use, and forgets the peak.
    pub start: fn() -> usize,
    /// Returns the most bytes that were in use since then.
    pub peak: fn() -> usize,
}

/// Answers requests, and measures what they cost.
pub struct Tester {
    runtime: Runtime,
    routes: Vec<Route>,
    app: AppContext,
    table: Vec<(&'static str, String)>,
    connector: Connector,
    memory: Memory,
    ids: [String; 3],
}

impl Tester {
    /// Starts with a table that has one client, one site and one équipement.
    #[must_use]
    pub fn new(memory: Memory) -> Self {
        let table = table_of_template();
        let connector =
            Connector(Arc::new(Direct { engine: Mutex::new(Engine::with_table(&table)), nanos: AtomicU64::new(0) }));
        let settings = Settings::for_endpoint(TABLE, "http://engine").with_connector(connector.clone());
        let database = Database::connect(settings).expect("settings");
        let cursors = CursorKey::new("key of a test");
        let app = AppContext { database, cursors, time_limit: DEFAULT_TIME_LIMIT, clock: Clock::system() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let routes = functions::routes(Access::Token);
        let mut tester = Self { runtime, routes, app, table, connector, memory, ids: Default::default() };
        tester.register_three();
        tester
    }

    /// Measures a request over a new table with one client, one site and one équipement.
    pub fn measure(&mut self, request: &Request) -> Cost {
        *self.connector.0.engine.lock().unwrap_or_else(PoisonError::into_inner) = Engine::with_table(&self.table);
        self.register_three();
        self.measure_here(request)
    }

    /// Measures a request over the table as it is.
    pub fn measure_here(&mut self, request: &Request) -> Cost {
        let event = self.with_ids(request);
        self.connector.0.nanos.store(0, Ordering::Relaxed);
        let before = (self.memory.start)();
        let started = Instant::now();
        let response = self.answer(request.route, &event);
        let elapsed = started.elapsed();
        let engine = Duration::from_nanos(self.connector.0.nanos.load(Ordering::Relaxed));
        Cost {
            time: elapsed.saturating_sub(engine),
            memory: (self.memory.peak)().saturating_sub(before),
            event_bytes: event.len(),
            response_bytes: response.body().len(),
            status: response.status().as_u16(),
        }
    }

    /// Registers entities in one batch. Returns their identifiers.
    pub(super) fn register(&self, operations: &[Value]) -> Vec<String> {
        let batch = json!({ "operations": operations }).to_string();
        let request = Request::new("POST /lot", "", Map::new(), Some(batch));
        let response = self.answer(request.route, &self.with_ids(&request));
        let answer: Value = serde_json::from_slice(response.body()).expect("JSON");
        assert_eq!(answer["bilan"]["ok"], operations.len(), "{answer}");
        let of_result = |(result, operation): (&Value, &Value)| {
            let name = format!("{}_id", operation["kind"].as_str().expect("a kind"));
            result["body"][name].as_str().expect("an identifier").to_owned()
        };
        answer["resultats"].as_array().into_iter().flatten().zip(operations).map(of_result).collect()
    }

    fn register_three(&mut self) {
        let ids = self.register(&[
            json!({ "op": "register", "kind": "client", "ref": "c", "body": { "nom": "Café du Port", "code": 0 } }),
            json!({ "op": "register", "kind": "site", "ref": "s", "body": { "nom": "Terrasse", "client_id": "$c" } }),
            json!({ "op": "register", "kind": "equipement", "body": { "nom": "Four", "site_id": "$s" } }),
        ]);
        self.ids = ids.try_into().expect("three identifiers");
    }

    fn with_ids(&self, request: &Request) -> Vec<u8> {
        let event = request.event.to_string();
        IDS.iter().zip(&self.ids).fold(event, |event, (old, new)| event.replace(old, new)).into_bytes()
    }

    fn answer(&self, route: &str, event: &[u8]) -> Response {
        let event: Event = serde_json::from_slice(event).expect("an event");
        let route = self.routes.iter().find(|known| known.key() == route).expect("a route");
        self.runtime.block_on(route.answer(&self.app, event)).0
    }
}

/// An engine, and the time that it has taken, in nanoseconds.
struct Direct {
    engine: Mutex<Engine>,
    nanos: AtomicU64,
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Direct")
    }
}

/// Connects the SDK's client to an engine.
#[derive(Debug, Clone)]
struct Connector(Arc<Direct>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (operation, body) = operation_and_body(&request);
        let started = Instant::now();
        let reply = self.0.engine.lock().unwrap_or_else(PoisonError::into_inner).call(&operation, &body);
        let nanos = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.0.nanos.fetch_add(nanos, Ordering::Relaxed);
        HttpConnectorFuture::ready(Ok(response(reply)))
    }
}
