//! Batches: many operations in one request, each with the answer that its own route would give.
//!
//! 1. **Plan.** Each operation is carried out by the method of its route, in the order of the request, under an
//!    [`Overlay`]: it reads what the operations before it would have written, and its writes are recorded.
//! 2. **Group.** Recorded writes of several operations become one transaction, in which a counter is written once.
//! 3. **Commit.** The transactions are sent one after the other. If one is refused, everything that is not committed is
//!    read and planned again, in smaller groups.
//!
//! A dry run leaves the third step out. With a key, each transaction also holds a record of the operations that it
//! carries out, so that the same request continues where it stopped.

mod dry_run;
mod group;
mod keys;
mod operation;
mod plan;
mod records;
mod refusals;
mod run;

use std::collections::{BTreeMap, BTreeSet};

use super::{Store, StoreError};
use crate::models::{BatchOperation, Entity};
use run::Run;

/// How a batch is run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchOptions {
    /// Decides every operation, and writes nothing.
    pub dry_run: bool,
    /// Carries out every operation in one transaction, or none.
    pub atomic: bool,
}

/// Result of a batch.
#[derive(Debug)]
pub struct BatchOutcome {
    /// Results by index of the operation.
    pub results: BTreeMap<u16, BatchResult>,
    /// Indexes of those that an earlier request with the same key carried out.
    pub replayed: BTreeSet<u16>,
    /// Why the batch ended early, if an error caused it.
    pub stopped: Option<StoreError>,
}

/// Result of one operation.
pub type BatchResult = Result<BatchAnswer, StoreError>;

/// Answer to an operation that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchAnswer {
    /// The entity as the operation left it.
    Entity {
        /// Its version.
        version: u64,
        /// Its JSON text.
        body: String,
    },
    /// An entity was deactivated.
    Done,
}

impl BatchAnswer {
    fn of(entity: &impl Entity) -> Self {
        Self::Entity { version: entity.version(), body: entity.json() }
    }
}

impl Store {
    /// Carries out the operations of a batch. Those without a result are left: the time was over, or another one was
    /// refused and the batch is atomic.
    ///
    /// # Errors
    /// Returns [`StoreError::KeyReused`]; [`StoreError::Unavailable`] if no operation has a result at the deadline; of an
    /// atomic batch also [`StoreError::DoNotFit`], [`StoreError::Undecided`] and [`StoreError::Corrupt`].
    pub async fn run_batch(
        &self,
        operations: &[BatchOperation],
        options: BatchOptions,
    ) -> Result<BatchOutcome, StoreError> {
        let mut run = Run::new(&self.table, operations, options).await?;
        match run.commit().await {
            Ok(()) => Ok(run.into_outcome(None)),
            Err(cause) if run.has_results() => Ok(run.into_outcome(Some(cause))),
            Err(error) => Err(error),
        }
    }
}
