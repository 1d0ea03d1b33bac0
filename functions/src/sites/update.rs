//! `PUT /sites/update`

use shared::http::{self, Answer, Request};
use shared::models::{Kind, Site, SiteUpdate};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named("update_site", "Modifier un site", "Modifie le nom d’un site.")
        .reads::<SiteUpdate>("SiteUpdate")
        .answers::<Site>()
        .changes(Kind::Site)
}

/// Answers with the site as it is from now on.
///
/// # Errors
/// 422 for a wrong body, 404 for an unknown site.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.update_site(&request.body()?).await?)
}
