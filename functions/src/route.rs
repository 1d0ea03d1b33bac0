use std::future::Future;
use std::sync::Arc;

use lambda_http::BoxFuture;
use shared::http::{Answer, AppContext, Event, Request, Response, answer, answer_static};
use shared::store::Store;
use shared::telemetry::RequestLog;

use crate::Operation;

/// One route of the API.
#[derive(Clone)]
pub struct Route {
    /// Name of its Lambda binary and of its event.
    pub name: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path, with its parameters in braces.
    pub path: &'static str,
    /// Its description in the OpenAPI document; `None` for the routes of the documentation.
    pub operation: Option<fn() -> Operation>,
    handler: Handler,
}

/// Handler of a route.
#[derive(Clone)]
enum Handler {
    /// Uses the table.
    Table(Arc<dyn Fn(Store, Request) -> BoxFuture<'static, Answer> + Send + Sync>),
    /// Does not use the table.
    Static(fn(&lambda_http::Request) -> Response),
}

impl Route {
    pub(crate) fn new<A>(
        [name, method, path]: [&'static str; 3],
        handler: fn(Store, Request) -> A,
        operation: fn() -> Operation,
    ) -> Self
    where
        A: Future<Output = Answer> + Send + 'static,
    {
        let handler = Handler::Table(Arc::new(move |store, request| Box::pin(handler(store, request))));
        Self { name, method, path, operation: Some(operation), handler }
    }

    pub(crate) fn serving_static(
        [name, method, path]: [&'static str; 3],
        handler: fn(&lambda_http::Request) -> Response,
    ) -> Self {
        Self { name, method, path, operation: None, handler: Handler::Static(handler) }
    }

    /// Returns its key in API Gateway, such as `GET /clients/all`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Answers an event as its binary does, and returns the log line.
    pub async fn answer(&self, app: &AppContext, event: impl Into<Event>) -> (Response, RequestLog) {
        match &self.handler {
            Handler::Table(handler) => answer(&**handler, app, event).await,
            Handler::Static(handler) => answer_static(handler, event),
        }
    }
}
