//! The only caller of DynamoDB.

mod batch_write;
mod checksum;
mod connect;
mod create;
mod evaluate;
mod expression;
pub(crate) mod http_client;
mod joint;
mod overlay;
mod policy;
mod query;
mod read;
mod retry;
mod transact;
mod usage;

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use tokio::time::Instant;

pub(crate) use batch_write::{BatchOp, MAX_BATCH_WRITE};
pub use connect::{InvalidSettings, Settings};
pub use create::{TableDefinition, TableError};
pub(crate) use expression::{Condition, Update};
pub(crate) use joint::JointWrites;
pub(crate) use overlay::{Overlay, PlannedWrites};
pub(crate) use policy::ResourcePolicy;
pub(crate) use query::{Query, QueryPage};
pub(crate) use read::MAX_BATCH;
pub(crate) use retry::Backoff;
pub(crate) use transact::{MAX_TRANSACTION, OnConditionFailed, Refusal, TransactOp, TransactOutcome};
pub use usage::Usage;

use super::request::RequestContext;
use crate::time_limits::FIRST_PAUSE;

/// The client of the SDK and the name of the table; the HTTP client and the endpoint, for [`Connection::open`].
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    db: aws_sdk_dynamodb::Client,
    name: Arc<str>,
    http: SharedHttpConnector,
    endpoint: Arc<str>,
}

impl Connection {
    /// Returns the name of the table.
    pub(crate) fn name(&self) -> String {
        self.name.to_string()
    }
}

/// The table during one request.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    connection: Connection,
    request: Arc<RequestContext>,
    started: Instant,
    usage: Arc<Usage>,
    overlay: Option<Overlay>,
}

impl Table {
    pub(crate) fn new(connection: Connection, request: RequestContext) -> Self {
        Self { connection, request: Arc::new(request), started: Instant::now(), usage: Arc::default(), overlay: None }
    }

    /// Returns the same table under an overlay, for a part of the request that has a context of its own.
    pub(crate) fn under(&self, overlay: &Overlay, request: RequestContext) -> Self {
        Self { request: Arc::new(request), overlay: Some(overlay.clone()), ..self.clone() }
    }

    pub(crate) fn request(&self) -> &RequestContext {
        &self.request
    }

    pub(crate) fn usage(&self) -> &Usage {
        &self.usage
    }

    /// Returns `true` once half of the request's time has passed.
    pub(crate) fn is_late(&self) -> bool {
        let now = Instant::now();
        self.request.deadline.saturating_duration_since(now) < now.saturating_duration_since(self.started)
    }

    /// Returns the time until the request's deadline.
    pub(crate) fn time_left(&self) -> Duration {
        self.request.deadline.saturating_duration_since(Instant::now())
    }

    /// Returns pauses for a loop that ends at the request's deadline. There are none under an overlay, because nobody
    /// else changes what it holds.
    pub(crate) fn backoff(&self) -> Backoff {
        let first = if self.overlay.is_some() { Duration::ZERO } else { FIRST_PAUSE };
        Backoff::until(self.request.deadline, first, self.request.random.clone())
    }
}
