//! `GET /equipements/{equipement_id}/infos`

use shared::http::{self, Answer, Request};
use shared::store::Store;

/// Answers with the équipement.
///
/// # Errors
/// 404 for an unknown équipement.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::json(&store.equipement(request.id()?).await?)
}
