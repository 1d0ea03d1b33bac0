//! The table: one method an access pattern. The only place that names `aws_sdk_dynamodb`.
//!
//! Every write is one transaction or one conditional update, and a condition that fails becomes a
//! named variant of [`StoreError`] here. What does not touch a condition (a conflict between two
//! transactions, a throttle) is tried again until the request's deadline.

mod calls;
mod clients;
mod connect;
mod counts;
mod equipements;
mod error;
mod insist;
mod keys;
mod list;
mod names;
mod queries;
mod sites;
mod table;
mod tally;
mod verify;
mod write;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub use connect::Settings;
pub use error::StoreError;
pub use list::List;
pub use table::{TableDefinition, TableError};
pub use tally::Tally;
pub use verify::{Difference, Progress};

/// How long a request, or a call outside of one, may take where nothing else bounds it: a little less
/// than API Gateway waits.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(25);

/// The table as one request sees it.
#[derive(Debug, Clone)]
pub struct Store {
    db: aws_sdk_dynamodb::Client,
    table: Arc<str>,
    begun: Instant,
    deadline: Option<Instant>,
    tally: Arc<Tally>,
}

impl Store {
    fn new(db: aws_sdk_dynamodb::Client, table: Arc<str>) -> Self {
        Self { db, table, begun: Instant::now(), deadline: None, tally: Arc::default() }
    }

    /// The same table for one more request, which gives up at `deadline`.
    #[must_use]
    pub fn for_request(&self, deadline: Option<Instant>) -> Self {
        let deadline = Some(deadline.unwrap_or_else(|| self.deadline()));
        Self { begun: Instant::now(), deadline, tally: Arc::default(), ..self.clone() }
    }

    /// When a call that begins now must have been answered.
    fn deadline(&self) -> Instant {
        self.deadline.unwrap_or_else(|| Instant::now() + DEFAULT_PATIENCE)
    }

    /// Whether half of the request's time is gone.
    fn is_late(&self) -> bool {
        let now = Instant::now();
        self.deadline().saturating_duration_since(now) < now.saturating_duration_since(self.begun)
    }

    /// What the request has cost so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}
