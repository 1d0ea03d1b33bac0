//! A function that a schedule triggers. It fails if the table cannot be read, which Lambda's `Errors` metric counts.
//!
//! To deploy it, move it to `src/bin`, list it in `EVENT_FUNCTIONS` and add it to the template with an event of
//! type `ScheduleV2`.

use serde_json::Value;
use shared::models::{Filter, Pagination};
use shared::store::{Store, StoreError};

fn main() -> std::process::ExitCode {
    shared::runtime::serve_events(handle)
}

async fn handle(store: Store, _: Value) -> Result<(), StoreError> {
    let page = Pagination { after: None, limit: Some(1) };
    store.clients(&Filter::ALL, page).await?.next().await.map(|_| ())
}
