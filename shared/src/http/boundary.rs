//! The code around every handler: deadline, conditions, failures, common headers and the log line.

use std::future::Future;
use std::time::Duration;

use lambda_http::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY, X_CONTENT_TYPE_OPTIONS};
use lambda_http::http::{HeaderName, HeaderValue, Method, StatusCode};
use lambda_http::request::RequestContext as GatewayContext;
use lambda_http::{Body, RequestExt};
use tokio::time::Instant;

use super::conditions::{Conditions, sent_key};
use super::etag::Tags;
use super::event::MalformedEvent;
use super::gzip::{accepts_gzip, compressed};
use super::{Answer, Event, Failure, Request, Response};
use crate::Clock;
use crate::store::{Caller, Database, RequestContext, Store, Usage};
use crate::telemetry::{RequestLog, is_first};
use crate::time_limits::time_left;
use crate::validation::CursorKey;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// State that all requests of a process share.
#[derive(Debug, Clone)]
pub struct AppContext {
    /// The table.
    pub database: Database,
    /// Key that signs the cursors of lists.
    pub cursors: CursorKey,
    /// Time limit of a request for which Lambda sets no deadline.
    pub time_limit: Duration,
    /// The time of day.
    pub clock: Clock,
}

/// Answers one request, and returns its log line. The only place that turns a failure into a response
/// and logs it.
pub async fn answer<F, A>(handler: F, app: &AppContext, event: impl Into<Event>) -> (Response, RequestLog)
where
    F: Fn(Store, Request) -> A,
    A: Future<Output = Answer>,
{
    let request = match event.into() {
        Event(Ok(request)) => request,
        Event(Err(malformed)) => return refuse(&malformed),
    };
    let exchange = Exchange::begin(&request);
    let caller = caller(&request);
    let (conditions, violations) = match Conditions::of(&request, caller.as_ref()) {
        Ok(conditions) => (conditions, None),
        Err(violations) => (Conditions::default(), Some(violations)),
    };
    let store = app.database.for_request(RequestContext {
        deadline: deadline(&request).unwrap_or_else(|| Instant::now() + app.time_limit),
        now: app.clock.now(),
        random: app.database.random(),
        request_id: exchange.request_id.clone(),
        caller,
        expected: conditions.expected,
        retry_key: conditions.retry_key,
        new_id: None,
    });
    let answer = handler(store.clone(), Request::new(request, app.cursors.clone(), violations)).await;
    let response = answer.unwrap_or_else(|failure| exchange.fail(&failure));
    exchange.end(response, store.usage())
}

/// Like [`answer`], for a route that does not use the table.
pub fn answer_static(
    handler: impl Fn(&lambda_http::Request) -> Response,
    event: impl Into<Event>,
) -> (Response, RequestLog) {
    match event.into() {
        Event(Ok(request)) => Exchange::begin(&request).end(handler(&request), &Usage::default()),
        Event(Err(malformed)) => refuse(&malformed),
    }
}

/// Answers an event that is not an HTTP request.
fn refuse(MalformedEvent(request): &MalformedEvent) -> (Response, RequestLog) {
    let exchange = Exchange::begin(request);
    let response = exchange.fail(&Failure::Malformed);
    exchange.end(response, &Usage::default())
}

/// A request between its arrival and its response.
struct Exchange {
    started: Instant,
    request_id: String,
    route: String,
    cold: bool,
    accepts_gzip: bool,
    /// Tags of a GET's `If-None-Match`.
    if_none_match: Option<Tags>,
    idempotency_key: Option<String>,
}

impl Exchange {
    fn begin(request: &lambda_http::Request) -> Self {
        let (request_id, route) = identify(request);
        let headers = request.headers();
        let if_none_match = if request.method() == Method::GET { Tags::if_none_match(headers) } else { None };
        Self {
            started: Instant::now(),
            request_id,
            route,
            cold: is_first(),
            accepts_gzip: accepts_gzip(headers),
            if_none_match,
            idempotency_key: sent_key(headers),
        }
    }

    fn fail(&self, failure: &Failure) -> Response {
        let response = failure.response(self.idempotency_key.as_deref().unwrap_or_default());
        if response.status().is_server_error() {
            let Self { request_id, route, .. } = self;
            tracing::error!(request_id, route, cause = %failure, "failed");
        }
        response
    }

    fn end(self, response: Response, usage: &Usage) -> (Response, RequestLog) {
        let Self { started, request_id, route, cold, accepts_gzip, if_none_match, idempotency_key: _ } = self;
        let mut response = compressed(response, accepts_gzip);
        set_common_headers(&mut response);
        let mut response = not_modified_if_matching(response, if_none_match.as_ref());
        if let Ok(id) = HeaderValue::try_from(&request_id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        let status = response.status().as_u16();
        let (capacity, conflicts, retries) = (usage.units(), usage.conflicts(), usage.retries());
        let latency = started.elapsed();
        let batch = response.extensions_mut().remove();
        (response, RequestLog { request_id, route, status, latency, capacity, conflicts, retries, batch, cold })
    }
}

/// Returns the request's id and the key of its route, from API Gateway.
pub(super) fn identify(request: &lambda_http::Request) -> (String, String) {
    match request.request_context_ref() {
        Some(GatewayContext::ApiGatewayV2(context)) => {
            (context.request_id.clone().unwrap_or_default(), context.route_key.clone().unwrap_or_default())
        }
        _ => Default::default(),
    }
}

/// Sets the headers that every answer has, unless the handler did.
pub(super) fn set_common_headers(response: &mut Response) {
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let headers = response.headers_mut();
    let cache_control = if is_error { "no-store" } else { "private, no-cache" };
    for (name, value) in
        [(CACHE_CONTROL, cache_control), (VARY, "Accept-Encoding"), (X_CONTENT_TYPE_OPTIONS, "nosniff")]
    {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// Returns the answer without its body, with status 304, if the caller has it already.
fn not_modified_if_matching(mut response: Response, known: Option<&Tags>) -> Response {
    let is_known = |tag| known.is_some_and(|known| known.match_weakly(tag));
    if response.status() == StatusCode::OK && response.headers().get(ETAG).is_some_and(is_known) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::Empty;
        response.headers_mut().remove(CONTENT_TYPE);
        response.headers_mut().remove(CONTENT_ENCODING);
    }
    response
}

/// Returns the caller that the token names: its subject, or else its application.
fn caller(request: &lambda_http::Request) -> Option<Caller> {
    let Some(GatewayContext::ApiGatewayV2(context)) = request.request_context_ref() else { return None };
    let claims = &context.authorizer.as_ref()?.jwt.as_ref()?.claims;
    let named_by = |claim| claims.get(claim).map(|name| (claim, name.clone()));
    let (claim, name) = named_by("sub").or_else(|| named_by("client_id"))?;
    Some(Caller { issuer: claims.get("iss").cloned().unwrap_or_default(), claim, name })
}

/// Returns when the store must give up; `None` outside of Lambda.
fn deadline(request: &lambda_http::Request) -> Option<Instant> {
    Some(Instant::now() + time_left(request.lambda_context_ref()?.deadline))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::time_limits::ANSWER_MARGIN;

    #[test]
    fn the_store_gives_up_a_margin_before_lambda() {
        let end = SystemTime::now() + Duration::from_secs(10);
        let mut context = lambda_http::Context::default();
        context.deadline = u64::try_from(end.duration_since(SystemTime::UNIX_EPOCH).expect("a time").as_millis())
            .expect("milliseconds");
        let request = lambda_http::Request::new(Body::Empty).with_lambda_context(context);
        let before = (Instant::now(), SystemTime::now());
        let deadline = deadline(&request).expect("a deadline");
        let after = (Instant::now(), SystemTime::now());
        let give_up = end - ANSWER_MARGIN;
        // The context has milliseconds.
        let earliest = before.0 + give_up.duration_since(after.1).expect("time left") - Duration::from_millis(1);
        let latest = after.0 + give_up.duration_since(before.1).expect("time left");
        assert!((earliest..=latest).contains(&deadline));
    }
}
