//! `PUT /sites/update`

use shared::http::{self, Answer, Request};
use shared::models::{Kind, Site, SiteUpdate};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named("update_site", "Modifier un site", "Modifie le nom d’un site.")
        .with_body::<SiteUpdate>("SiteUpdate")
        .returning::<Site>()
        .updates(Kind::Site)
}

/// Returns the updated site.
///
/// # Errors
/// Returns 422 if the body is invalid, 404 if the site does not exist.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.update_site(&request.body()?).await?)
}
