//! `DELETE /sites/{site_id}`

use shared::http::{self, Answer, Request};
use shared::models::{Kind, Status};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "deactivate_site",
        "Désactiver un site",
        "Désactive un site, sans rien effacer. Le site et ses équipements ne sont plus comptés dans \
         les totaux du client. Renvoie `true`, même si le site était déjà inactif.",
    )
    .updates(Kind::Site)
}

/// Returns `true`, even if the site was already inactive.
///
/// # Errors
/// Returns 404 if the site does not exist.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::done(&store.set_site_status(request.id()?, Status::Inactif).await?)
}
