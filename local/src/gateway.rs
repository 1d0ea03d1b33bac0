//! What API Gateway does: find the route, make the event, pass on the answer.

mod event;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use functions::Route;
use lambda_http::Body as LambdaBody;
use percent_encoding::percent_decode_str;
use shared::store::Store;

use event::Event;

/// The most bytes that API Gateway takes in a request.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
const MAX_PAYLOAD: usize = 10 * 1024 * 1024;

/// All routes over one table.
struct Gateway {
    methods: BTreeMap<&'static str, matchit::Router<Route>>,
    store: Store,
}

/// An application that answers every route as the deployed API does.
///
/// # Errors
/// That two routes have the same method and path.
pub fn gateway(routes: Vec<Route>, store: Store) -> Result<axum::Router, matchit::InsertError> {
    let mut methods: BTreeMap<_, matchit::Router<_>> = BTreeMap::new();
    for route in routes {
        methods.entry(route.method).or_default().insert(route.path, route)?;
    }
    Ok(axum::Router::new().fallback(pass).with_state(Arc::new(Gateway { methods, store })))
}

async fn pass(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy().into_owned();
    let method = parts.method.as_str();
    let Some(matched) = gateway.methods.get(method).and_then(|router| find(router, &path)) else {
        return gateway.no_route(method, &path);
    };
    let Ok(body) = to_bytes(body, MAX_PAYLOAD).await else {
        return detail(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let event = Event { parts: &parts, path: &path, body: &body, route: matched.value, parameters: &matched.params };
    match lambda_http::request::from_str(&event.to_json()) {
        // A task of its own, as Lambda gives each request: a caller who leaves does not stop it
        // half-way, and a panic ends it alone.
        Ok(request) => {
            let (handler, store) = (Arc::clone(&matched.value.handler), gateway.store.clone());
            let answering = tokio::spawn(async move { shared::http::answer(&*handler, &store, request).await });
            answering.await.map_or_else(|_| server_error(), from_lambda)
        }
        Err(error) => {
            tracing::error!(%error, "the event cannot be read");
            server_error()
        }
    }
}

impl Gateway {
    /// What FastAPI says of a path or a method that it does not know.
    fn no_route(&self, method: &str, path: &str) -> Response {
        let others = self.methods.iter().filter(|(_, router)| find(router, path).is_some());
        let allowed = others.map(|(method, _)| *method).collect::<Vec<_>>().join(", ");
        let response = match HeaderValue::try_from(&allowed) {
            Ok(allow) if !allow.is_empty() => {
                let refused = detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
                ([(header::ALLOW, allow)], refused).into_response()
            }
            _ => detail(StatusCode::NOT_FOUND, "Not Found"),
        };
        tracing::info!(method, status = response.status().as_u16(), "no route");
        response
    }
}

/// The route of a path, whose parameters all have a value.
fn find<'a>(router: &'a matchit::Router<Route>, path: &'a str) -> Option<matchit::Match<'a, 'a, &'a Route>> {
    let given = |matched: &matchit::Match<'_, '_, _>| matched.params.iter().all(|(_, value)| !value.is_empty());
    router.at(path).ok().filter(given)
}

fn server_error() -> Response {
    detail(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

fn detail(status: StatusCode, detail: &str) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, serde_json::json!({ "detail": detail }).to_string()).into_response()
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
