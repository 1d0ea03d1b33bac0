//! `POST /sites/{site_id}/reactivate`

use shared::http::{self, Answer, Request};
use shared::models::{Kind, Site, Status};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "reactivate_site",
        "Réactiver un site",
        "Réactive un site ; son client doit être actif. Si le site est déjà actif, rien ne change.",
    )
    .returning::<Site>()
    .updates(Kind::Site)
    .fails_if_inactive(Kind::Client)
}

/// Returns the active site.
///
/// # Errors
/// Returns 404 if the site does not exist, 409 if its client is inactive.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.set_site_status(request.id()?, Status::Actif).await?)
}
