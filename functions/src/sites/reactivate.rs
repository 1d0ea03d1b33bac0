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
        "Réactive un site d’un client actif. Si le site est déjà actif, rien ne change.",
    )
    .answers::<Site>()
    .changes(Kind::Site)
    .inactive(Kind::Client)
}

/// Answers with the site, active.
///
/// # Errors
/// 404 for an unknown site, 409 for one of an inactive client.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.set_site_status(request.id()?, Status::Actif).await?)
}
