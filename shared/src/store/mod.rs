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
mod keys;
mod list;
mod names;
mod queries;
mod sites;
mod table;
mod verify;
mod write;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

pub use connect::Settings;
pub use error::StoreError;
pub use list::List;
pub use table::{TableDefinition, TableError};
pub use verify::{Difference, Progress};

/// How long a request, or a call outside of one, may take where nothing else bounds it: a little less
/// than API Gateway waits.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(25);

/// The table as one request sees it.
#[derive(Debug, Clone)]
pub struct Store {
    db: aws_sdk_dynamodb::Client,
    table: Arc<str>,
    deadline: Option<Instant>,
    consumed: Arc<AtomicU64>,
}

impl Store {
    fn new(db: aws_sdk_dynamodb::Client, table: Arc<str>) -> Self {
        Self { db, table, deadline: None, consumed: Arc::default() }
    }

    /// The same table for one more request, which gives up at `deadline`.
    #[must_use]
    pub fn for_request(&self, deadline: Option<Instant>) -> Self {
        let deadline = Some(deadline.unwrap_or_else(|| self.deadline()));
        Self { deadline, consumed: Arc::default(), ..self.clone() }
    }

    /// When a call that begins now must have been answered.
    fn deadline(&self) -> Instant {
        self.deadline.unwrap_or_else(|| Instant::now() + DEFAULT_PATIENCE)
    }

    /// The capacity units that the request has consumed so far, reads and writes together.
    #[must_use]
    pub fn consumed(&self) -> f64 {
        f64::from_bits(self.consumed.load(Ordering::Relaxed))
    }

    fn consume<'a>(&self, consumed: impl IntoIterator<Item = &'a aws_sdk_dynamodb::types::ConsumedCapacity>) {
        let units: f64 = consumed.into_iter().filter_map(|c| c.capacity_units).sum();
        // The closure always gives a value, so the update cannot fail.
        let _ = self
            .consumed
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bits| Some((f64::from_bits(bits) + units).to_bits()));
    }
}
