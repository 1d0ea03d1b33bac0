//! Around every handler: the deadline, the answer of a failure, the request's id and its log line.

use std::future::Future;
use std::time::{Duration, SystemTime};

use lambda_http::RequestExt;
use lambda_http::http::{HeaderName, HeaderValue};
use lambda_http::request::RequestContext;
use tokio::time::Instant;

use super::gzip::{accepts_gzip, compressed};
use super::{Answer, Failure, Request, Response};
use crate::store::Store;
use crate::validation::CursorKey;

/// How long before Lambda's deadline the store gives up, so that the caller still gets an answer.
const MARGIN: Duration = Duration::from_millis(500);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every request of a deployment is answered with.
#[derive(Debug, Clone)]
pub struct Service {
    /// The table.
    pub store: Store,
    /// What the cursors of its lists are signed with.
    pub cursors: CursorKey,
}

/// Answers one request: a failure becomes its answer here and is logged here, once.
pub async fn answer<F, A>(handler: F, service: &Service, request: lambda_http::Request) -> Response
where
    F: Fn(Store, Request) -> A,
    A: Future<Output = Answer>,
{
    let exchange = Exchange::begin(&request);
    let store = service.store.for_request(deadline(&request));
    let answer = match Request::new(request, service.cursors.clone()) {
        Ok(request) => handler(store.clone(), request).await,
        Err(failure) => Err(failure),
    };
    let response = answer.unwrap_or_else(|failure| exchange.fail(&failure));
    exchange.end(response, store.consumed())
}

/// As [`answer`], for what needs no table.
pub fn answer_alone(handler: impl Fn(&lambda_http::Request) -> Response, request: &lambda_http::Request) -> Response {
    let exchange = Exchange::begin(request);
    exchange.end(handler(request), 0.0)
}

/// One request and its answer, as the log tells of them.
struct Exchange {
    begun: Instant,
    request_id: String,
    route: String,
    accepts_gzip: bool,
}

impl Exchange {
    fn begin(request: &lambda_http::Request) -> Self {
        let (request_id, route) = identify(request);
        Self { begun: Instant::now(), request_id, route, accepts_gzip: accepts_gzip(request.headers()) }
    }

    fn fail(&self, failure: &Failure) -> Response {
        let response = failure.response();
        if response.status().is_server_error() {
            let Self { request_id, route, .. } = self;
            tracing::error!(request_id, route, cause = %failure, "failed");
        }
        response
    }

    fn end(self, response: Response, capacity: f64) -> Response {
        let Self { begun, request_id, route, accepts_gzip } = self;
        let mut response = compressed(response, accepts_gzip);
        let (status, ms) = (response.status().as_u16(), milliseconds(begun.elapsed()));
        tracing::info!(request_id, route, status, ms, capacity, "answered");
        if let Ok(id) = HeaderValue::try_from(request_id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
}

/// A duration to the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// The request's id and the key of its route, as API Gateway gives them.
fn identify(request: &lambda_http::Request) -> (String, String) {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            (context.request_id.clone().unwrap_or_default(), context.route_key.clone().unwrap_or_default())
        }
        _ => Default::default(),
    }
}

/// When the store must have answered; `None` outside of Lambda.
fn deadline(request: &lambda_http::Request) -> Option<Instant> {
    let deadline = SystemTime::UNIX_EPOCH + Duration::from_millis(request.lambda_context_ref()?.deadline);
    let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
    Some(Instant::now() + left.saturating_sub(MARGIN))
}
