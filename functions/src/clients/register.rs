//! `POST /clients/register`

use shared::http::{self, Answer, Request};
use shared::store::Store;

/// Answers with the new client.
///
/// # Errors
/// 422 for a wrong body, 409 for a code that another client has.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::json(&store.register_client(request.body()?).await?)
}
