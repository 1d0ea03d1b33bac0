//! What API Gateway does: find the route, make the event, pass on the answer.

mod event;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use functions::Route;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use lambda_http::Body as LambdaBody;
use percent_encoding::percent_decode_str;
use shared::http::AppContext;
use uuid::Uuid;

use event::Event;

/// The most bytes that API Gateway takes in a request.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
const MAX_PAYLOAD: usize = 10 * 1024 * 1024;

/// All routes over one table.
struct Gateway {
    methods: BTreeMap<&'static str, matchit::Router<Route>>,
    app: AppContext,
}

/// An application that answers every route as the deployed API does.
///
/// # Errors
/// That two routes have the same method and path.
pub fn gateway(routes: Vec<Route>, app: AppContext) -> Result<axum::Router, matchit::InsertError> {
    let mut methods: BTreeMap<_, matchit::Router<_>> = BTreeMap::new();
    for route in routes {
        methods.entry(route.method).or_default().insert(route.path, route)?;
    }
    Ok(axum::Router::new().fallback(pass).with_state(Arc::new(Gateway { methods, app })))
}

async fn pass(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let id = Uuid::new_v4().to_string();
    let mut response = gateway.answer(request, &id).await.unwrap_or_else(|(status, detail)| {
        tracing::info!(request_id = id, status = status.as_u16(), "answered by the gateway");
        let json = [(header::CONTENT_TYPE, "application/json")];
        (status, json, serde_json::json!({ "detail": detail }).to_string()).into_response()
    });
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// What the gateway answers itself, and never a function.
type GatewayReply = (StatusCode, &'static str);

impl Gateway {
    async fn answer(&self, request: Request, id: &str) -> Result<Response, GatewayReply> {
        let (parts, body) = request.into_parts();
        let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy().into_owned();
        let method = parts.method.as_str();
        let Some(matched) = self.methods.get(method).and_then(|router| find(router, &path)) else {
            return self.no_route(&path);
        };
        let body = Limited::new(body, MAX_PAYLOAD).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
            } else {
                (StatusCode::BAD_REQUEST, "There was an error parsing the body")
            }
        })?;
        let (body, route, parameters) = (body.to_bytes(), matched.value, &matched.params);
        let event = Event { id, parts: &parts, path: &path, body: &body, route, parameters }.to_json();
        // A task of its own, as Lambda gives each request: a caller who leaves does not stop it
        // half-way, and a panic ends it alone.
        let (route, app) = (Route::clone(route), self.app.clone());
        let answering = tokio::spawn(async move {
            let request = lambda_http::request::from_str(&event)?;
            let (answer, line) = route.answer(&app, request).await;
            line.log();
            Ok::<_, serde_json::Error>(answer)
        });
        match answering.await {
            Ok(Ok(answer)) => Ok(from_lambda(answer)),
            Ok(Err(_)) | Err(_) => Err((StatusCode::INTERNAL_SERVER_ERROR, "Erreur interne")),
        }
    }

    /// What FastAPI says of a path or a method that it does not know.
    fn no_route(&self, path: &str) -> Result<Response, GatewayReply> {
        let others: Vec<_> = self.methods.values().filter_map(|router| Some(find(router, path)?.value)).collect();
        // Only the routes of the very path, where it has some: DELETE may be one of an identifier.
        let very = others.iter().any(|route| route.path == path);
        let allowed = others.iter().filter(|route| !very || route.path == path).map(|route| route.method);
        let allowed = allowed.collect::<Vec<_>>().join(", ");
        if allowed.is_empty() {
            return Err((StatusCode::NOT_FOUND, "Not Found"));
        }
        let json = [(header::CONTENT_TYPE, "application/json"), (header::ALLOW, allowed.as_str())];
        Ok((StatusCode::METHOD_NOT_ALLOWED, json, r#"{"detail":"Method Not Allowed"}"#).into_response())
    }
}

/// The route of a path, whose parameters all have a value.
fn find<'a>(router: &'a matchit::Router<Route>, path: &'a str) -> Option<matchit::Match<'a, 'a, &'a Route>> {
    let given = |matched: &matchit::Match<'_, '_, _>| matched.params.iter().all(|(_, value)| !value.is_empty());
    router.at(path).ok().filter(given)
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
