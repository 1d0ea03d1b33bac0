//! `PUT /sites/update`

use shared::http::{self, Answer, Request};
use shared::store::Store;

/// Answers with the site as it is from now on.
///
/// # Errors
/// 422 for a wrong body, 404 for an unknown site.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::json(&store.update_site(&request.body()?).await?)
}
