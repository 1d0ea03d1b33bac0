//! Lists of clients, while the client that they found changes.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Fault, Gate};

use crate::entities::{Entities, send};
use crate::support::body;

/// Changes the nom and the code of the client after the first call of an operation, and before those that a list sends
/// next. Returns the list.
async fn list_during_a_change(path: &str, operation: &'static str, with: impl FnOnce(Fault) -> Fault) -> Value {
    let entities = Entities::new().await;
    let gate = Arc::new(Gate::default());
    let (through, _proxy) = entities.api.behind(vec![with(Fault::until(&gate, operation))]).await;
    let change = async {
        gate.reached().await;
        let update = json!({ "client_id": entities.client["client_id"], "nom": "Café du Port", "code": 13 });
        let updated = send(&entities.api, Method::PUT, "/clients/update", Some(update), &[]).await;
        assert_eq!(updated.status(), 200);
        gate.open();
    };
    let (list, ()) = join(through.get(path), change).await;
    body(list).await
}

#[tokio::test]
async fn a_client_that_changes_its_code_is_not_listed_under_the_old_one() {
    // The reservation of the code is read before, the client afterwards.
    let slow = |fault: Fault| fault.delays_the_answer(Duration::from_millis(500));
    assert_eq!(list_during_a_change("/clients/all?code=12", "GetItem", slow).await, json!([]));
}

#[tokio::test]
async fn a_client_that_is_renamed_is_not_found_by_its_old_nom() {
    // The index of names is read before, the client afterwards.
    let throttled = |fault: Fault| fault.answers(Fault::THROTTLED);
    assert_eq!(list_during_a_change("/clients/all?nom=boul", "BatchGetItem", throttled).await, json!([]));
}
