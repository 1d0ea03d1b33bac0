//! `POST /equipements/{equipement_id}/reactivate`

use shared::http::{self, Answer, Request};
use shared::models::Status;
use shared::store::Store;

/// Answers with the équipement, active.
///
/// # Errors
/// 404 for an unknown équipement, 409 for one of an inactive client or site.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::json(&store.set_equipement_status(request.id()?, Status::Actif).await?)
}
