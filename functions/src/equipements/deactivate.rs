//! `DELETE /equipements/{equipement_id}`

use shared::http::{self, Answer, Request};
use shared::models::{Kind, Status};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "deactivate_equipement",
        "Désactiver un équipement",
        "Désactive un équipement, sans rien effacer. L’équipement n’est plus compté dans les totaux du \
         site et du client. Renvoie `true`, même si l’équipement était déjà inactif.",
    )
    .updates(Kind::Equipement)
}

/// Returns `true`, even if the équipement was already inactive.
///
/// # Errors
/// Returns 404 if the équipement does not exist.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::done(&store.set_equipement_status(request.id()?, Status::Inactif).await?)
}
