//! `POST /equipements/register`

use shared::http::{self, Answer, Request};
use shared::store::Store;

/// Answers with the new équipement.
///
/// # Errors
/// 422 for a wrong body, 404 for an unknown site, 409 for an inactive client or site.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::json(&store.register_equipement(request.body()?).await?)
}
