//! `PUT /equipements/update`

use shared::http::{self, Answer, Request};
use shared::store::Store;

/// Answers with the équipement as it is from now on, at another site where the body names one.
///
/// # Errors
/// 422 for a wrong body, 404 for an unknown équipement or site, 409 for a move to an inactive client or site.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::json(&store.update_equipement(&request.body()?).await?)
}
