//! `POST /clients/{client_id}/reactivate`

use shared::http::{self, Answer, Request};
use shared::models::Status;
use shared::store::Store;

/// Answers with the client, active.
///
/// # Errors
/// 404 for an unknown client.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::json(&store.set_client_status(request.id()?, Status::Actif).await?)
}
