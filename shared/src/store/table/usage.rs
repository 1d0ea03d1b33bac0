use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemOutput;
use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemOutput;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::scan::ScanOutput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsOutput;
use aws_sdk_dynamodb::types::ConsumedCapacity;

/// What one request used of the table.
#[derive(Debug, Default)]
pub struct Usage {
    units: AtomicU64,
    conflicts: AtomicU32,
    retries: AtomicU32,
}

impl Usage {
    /// Returns the consumed capacity units, reads and writes together.
    #[must_use]
    pub fn units(&self) -> f64 {
        f64::from_bits(self.units.load(Ordering::Relaxed))
    }

    /// Returns the number of calls that were sent again because another transaction wrote the same
    /// item.
    #[must_use]
    pub fn conflicts(&self) -> u32 {
        self.conflicts.load(Ordering::Relaxed)
    }

    /// Returns the number of calls that were sent again, for any reason.
    #[must_use]
    pub fn retries(&self) -> u32 {
        self.retries.load(Ordering::Relaxed)
    }

    pub(super) fn add_units<'a>(&self, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        let units: f64 = consumed.into_iter().filter_map(|c| c.capacity_units).sum();
        // The closure always returns a value, so the update cannot fail.
        let _ = self
            .units
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bits| Some((f64::from_bits(bits) + units).to_bits()));
    }

    pub(super) fn count_retry(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_conflict(&self) {
        self.conflicts.fetch_add(1, Ordering::Relaxed);
    }
}

/// Output of a call that requests its consumed capacity.
pub(super) trait Metered {
    /// Returns the consumed capacity.
    fn consumed(&self) -> &[ConsumedCapacity];

    /// Returns `false` if the response lacks what DynamoDB always returns: the SDK reads an empty body as a
    /// success without items.
    fn is_complete(&self) -> bool {
        !self.consumed().is_empty()
    }
}

macro_rules! metered {
    ($($output:ty),+) => {
        $(impl Metered for $output {
            fn consumed(&self) -> &[ConsumedCapacity] {
                self.consumed_capacity.as_slice()
            }
        })+
    };
}

metered!(GetItemOutput, QueryOutput, ScanOutput);

impl Metered for BatchGetItemOutput {
    fn consumed(&self) -> &[ConsumedCapacity] {
        self.consumed_capacity()
    }

    // An emulator leaves the capacity of this call out.
    fn is_complete(&self) -> bool {
        self.responses.is_some()
    }
}

impl Metered for BatchWriteItemOutput {
    fn consumed(&self) -> &[ConsumedCapacity] {
        self.consumed_capacity()
    }

    fn is_complete(&self) -> bool {
        self.unprocessed_items.is_some()
    }
}

impl Metered for TransactWriteItemsOutput {
    fn consumed(&self) -> &[ConsumedCapacity] {
        self.consumed_capacity()
    }
}
