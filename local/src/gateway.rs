//! Stands in for API Gateway: finds the route, makes the event and returns the function's answer.

mod callers;
mod cors;
mod event;
mod reply;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use functions::Route;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use lambda_http::Body as LambdaBody;
use percent_encoding::percent_decode_str;
use shared::http::{self, AppContext};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

pub use callers::{Callers, Origin};
use event::Event;
use reply::GatewayReply;

/// Maximum size of a request's body in bytes.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
const MAX_PAYLOAD: usize = 10 * 1024 * 1024;

/// Lists (`/all`) that are read at the same time. The emulator carries out one call at a time, and those of lists are
/// long: with two lists, small requests were more than twice as slow (proof/endurance.md).
const LISTS: usize = 1;

/// Writes per core that use the table at the same time. On a full disk, each keeps its permit until its time limit.
const WRITES_PER_CORE: usize = 16;

/// Other reads per core that use the table at the same time. They need no permit of lists or writes, but share the
/// emulator's one thread. The children of an entity (`/infos`) may be as many as a list.
const READS_PER_CORE: usize = 4;

/// All routes over one table.
struct Gateway {
    methods: BTreeMap<&'static str, matchit::Router<Route>>,
    app: AppContext,
    /// Permits of lists, which may read a whole kind of entities.
    lists: Arc<Semaphore>,
    /// Permits of writes.
    writes: Arc<Semaphore>,
    /// Permits of the other reads.
    reads: Arc<Semaphore>,
}

/// Returns an application that answers every route as the deployed API does.
///
/// # Errors
/// Returns an error if two routes have the same method and path.
pub fn gateway(routes: Vec<Route>, app: AppContext) -> Result<axum::Router, matchit::InsertError> {
    let mut methods: BTreeMap<_, matchit::Router<_>> = BTreeMap::new();
    for route in routes {
        methods.entry(route.method).or_default().insert(route.path, route)?;
    }
    let cores = available_parallelism().map_or(1, NonZero::get);
    let permits = [LISTS, cores * WRITES_PER_CORE, cores * READS_PER_CORE];
    let [lists, writes, reads] = permits.map(|count| Arc::new(Semaphore::new(count)));
    Ok(axum::Router::new().fallback(answer).with_state(Arc::new(Gateway { methods, app, lists, writes, reads })))
}

async fn answer(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let id = Uuid::new_v4().to_string();
    match gateway.invoke(request, &id).await {
        Ok(response) => response,
        Err(reply) => {
            tracing::info!(request_id = id, status = reply.status.as_u16(), "answered by the gateway");
            reply.into_response(&id)
        }
    }
}

impl Gateway {
    /// Returns the answer of the route's function.
    async fn invoke(&self, request: Request, id: &str) -> Result<Response, GatewayReply> {
        let (parts, body) = request.into_parts();
        let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy().into_owned();
        let method = parts.method.as_str();
        let Some(matched) = self.methods.get(method).and_then(|router| find(router, &path)) else {
            return Err(self.no_route(&path));
        };
        let body = Limited::new(body, MAX_PAYLOAD).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                GatewayReply::new(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
            } else {
                GatewayReply::new(StatusCode::BAD_REQUEST, "There was an error parsing the body")
            }
        })?;
        let (body, route, parameters) = (body.to_bytes(), matched.value, &matched.params);
        let event = Event { id, parts: &parts, path: &path, body: &body, route, parameters }.to_json();
        // A request that waits here has its whole time limit left: it starts when the function does.
        let permit = self.permit(route).await;
        // A task of its own, like a request on Lambda: it continues if the caller leaves, and a panic ends
        // only this request.
        let (route, app) = (Route::clone(route), self.app.clone());
        let answering = tokio::spawn(async move {
            let _permit = permit;
            let event: http::Event = serde_json::from_str(&event)?;
            let (answer, line) = route.answer(&app, event).await;
            line.log();
            Ok::<_, serde_json::Error>(answer)
        });
        match answering.await {
            Ok(Ok(answer)) => Ok(from_lambda(answer)),
            Ok(Err(_)) | Err(_) => Err(GatewayReply::new(StatusCode::INTERNAL_SERVER_ERROR, "Erreur interne")),
        }
    }

    /// Waits for a permit to answer a request of this route. Routes without a table need none.
    async fn permit(&self, route: &Route) -> Option<OwnedSemaphorePermit> {
        let permits = match route.operation {
            Some(_) if route.path.ends_with("/all") => &self.lists,
            Some(_) if route.method == "GET" => &self.reads,
            Some(_) => &self.writes,
            None => return None,
        };
        // It fails only if the semaphore is closed, and these are never closed.
        Arc::clone(permits).acquire_owned().await.ok()
    }

    /// Returns FastAPI's answer to an unknown path or method.
    fn no_route(&self, path: &str) -> GatewayReply {
        let others: Vec<_> = self.methods.values().filter_map(|router| Some(find(router, path)?.value)).collect();
        // If there are routes of exactly this path, only their methods count: DELETE may be that of an identifier.
        let is_exact = others.iter().any(|route| route.path == path);
        let allowed = others.iter().filter(|route| !is_exact || route.path == path).map(|route| route.method);
        let allowed = allowed.collect::<Vec<_>>().join(", ");
        if allowed.is_empty() {
            return GatewayReply::new(StatusCode::NOT_FOUND, "Not Found");
        }
        GatewayReply::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed").with_header(header::ALLOW, allowed)
    }
}

/// Returns the route of a path, if each of its parameters has a value.
fn find<'a>(router: &'a matchit::Router<Route>, path: &'a str) -> Option<matchit::Match<'a, 'a, &'a Route>> {
    let has_values = |matched: &matchit::Match<'_, '_, _>| matched.params.iter().all(|(_, value)| !value.is_empty());
    router.at(path).ok().filter(has_values)
}

fn from_lambda(response: lambda_http::Response<LambdaBody>) -> Response {
    let (parts, body) = response.into_parts();
    let body = match body {
        LambdaBody::Text(text) => Body::from(text),
        LambdaBody::Binary(bytes) => Body::from(Bytes::from(bytes)),
        LambdaBody::Empty | _ => Body::empty(),
    };
    Response::from_parts(parts, body)
}
