//! `GET /clients/{client_id}/infos`

use shared::http::{self, Answer, Request};
use shared::store::Store;

/// Answers with the client's page.
///
/// # Errors
/// 404 for an unknown client.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::json(&store.client_infos(request.id()?).await?)
}
