//! `POST /sites/{site_id}/reactivate`

use shared::http::{self, Answer, Request};
use shared::models::Status;
use shared::store::Store;

/// Answers with the site, active.
///
/// # Errors
/// 404 for an unknown site, 409 for one of an inactive client.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::json(&store.set_site_status(request.id()?, Status::Actif).await?)
}
