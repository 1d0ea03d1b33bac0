//! `PUT /clients/update`

use shared::http::{self, Answer, Request};
use shared::store::Store;

/// Answers with the client as it is from now on.
///
/// # Errors
/// 422 for a wrong body, 404 for an unknown client, 409 for a code that another client has.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::json(&store.update_client(&request.body()?).await?)
}
