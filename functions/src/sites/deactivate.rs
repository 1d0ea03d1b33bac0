//! `DELETE /sites/{site_id}`

use shared::http::{self, Answer, Request};
use shared::models::Status;
use shared::store::Store;

/// Answers `true`, whether the site was active or not.
///
/// # Errors
/// 404 for an unknown site.
pub async fn handle(store: Store, request: Request) -> Answer {
    store.set_site_status(request.id()?, Status::Inactif).await?;
    http::json(&true)
}
