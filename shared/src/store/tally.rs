use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::ConsumedCapacity;

/// What one request has cost the table.
#[derive(Debug, Default)]
pub struct Tally {
    units: AtomicU64,
    calls: AtomicU32,
    attempts: AtomicU32,
    conflicts: AtomicU32,
}

impl Tally {
    /// The capacity units that it has consumed, reads and writes together.
    #[must_use]
    pub fn units(&self) -> f64 {
        f64::from_bits(self.units.load(Ordering::Relaxed))
    }

    /// How often a write of it met another one's, and was sent again.
    #[must_use]
    pub fn conflicts(&self) -> u32 {
        self.conflicts.load(Ordering::Relaxed)
    }

    /// How often a call of it was sent again: for a conflict, for a throttle, for a lost answer.
    #[must_use]
    pub fn retries(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed).saturating_sub(self.calls.load(Ordering::Relaxed))
    }

    pub(super) fn consume<'a>(&self, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        let units: f64 = consumed.into_iter().filter_map(|c| c.capacity_units).sum();
        // The closure always gives a value, so the update cannot fail.
        let _ = self
            .units
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bits| Some((f64::from_bits(bits) + units).to_bits()));
    }

    pub(super) fn count_call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Part of a call was left undone, and is sent again as a call of its own.
    pub(super) fn count_left_over(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_conflict(&self) {
        self.conflicts.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts what is sent, the SDK's own attempts included.
#[derive(Debug)]
pub(super) struct Attempts(pub(super) Arc<Tally>);

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.attempts.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
