use std::future::Future;
use std::sync::Arc;

use lambda_http::BoxFuture;
use shared::http::{Answer, Request};
use shared::store::Store;

type Handler = Arc<dyn Fn(Store, Request) -> BoxFuture<'static, Answer> + Send + Sync>;

/// One route of the API.
pub struct Route {
    /// The name of its Lambda binary and of its event.
    pub name: &'static str,
    /// Its HTTP method.
    pub method: &'static str,
    /// Its path, with its parameters in braces.
    pub path: &'static str,
    /// What it does.
    pub handler: Handler,
}

impl Route {
    pub(crate) fn new<A>(
        name: &'static str,
        method: &'static str,
        path: &'static str,
        handler: fn(Store, Request) -> A,
    ) -> Self
    where
        A: Future<Output = Answer> + Send + 'static,
    {
        Self { name, method, path, handler: Arc::new(move |store, request| Box::pin(handler(store, request))) }
    }

    /// Its key in API Gateway: `GET /clients/all`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}
