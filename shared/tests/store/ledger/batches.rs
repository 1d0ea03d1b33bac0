//! Batches.

use shared::models::{BatchOperation, Operation};
use shared::store::{BatchOptions, Store, StoreError};

use super::Fixture;
use crate::support::equipement_at;

/// Runs a batch, each of whose operations must succeed.
async fn run(store: Store, operations: &[BatchOperation], dry_run: bool) -> Result<(), StoreError> {
    let outcome = store.run_batch(operations, BatchOptions { dry_run, atomic: false }).await?;
    assert!(outcome.results.len() == operations.len() && outcome.results.values().all(Result::is_ok));
    Ok(())
}

pub(super) async fn measure(fixture: &mut Fixture) {
    let site = fixture.sites[0].clone();
    let operation = Operation::RegisterEquipement(equipement_at(&site));
    let registration = |index| BatchOperation { index, expected: None, operation: operation.clone() };
    for (count, name) in [
        (1, "register an équipement in a batch"),
        (10, "register 10 équipements of a site in a batch"),
        (1000, "register 1,000 équipements of a site in a batch"),
    ] {
        let operations: Vec<_> = (0..count).map(registration).collect();
        fixture.measure(name, async |s| run(s, &operations, false).await).await;
        let with_key = format!("{name}, with a key");
        for name in [&with_key, "the same batch again, with its key"] {
            let store = fixture.store_with_key(&with_key);
            fixture.measure_in(name, store, async |s| run(s, &operations, false).await).await;
        }
        fixture.measure("a dry run of the same batch", async |s| run(s, &operations, true).await).await;
    }
}
