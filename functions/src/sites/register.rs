//! `POST /sites/register`

use shared::http::{self, Answer, Request};
use shared::store::Store;

/// Answers with the new site.
///
/// # Errors
/// 422 for a wrong body, 404 for an unknown client, 409 for an inactive one.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::json(&store.register_site(request.body()?).await?)
}
