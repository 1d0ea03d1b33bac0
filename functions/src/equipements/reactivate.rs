//! `POST /equipements/{equipement_id}/reactivate`

use shared::http::{self, Answer, Request};
use shared::models::{Equipement, Kind, Status};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "reactivate_equipement",
        "Réactiver un équipement",
        "Réactive un équipement ; son site et son client doivent être actifs. Si l’équipement est déjà \
         actif, rien ne change.",
    )
    .returning::<Equipement>()
    .updates(Kind::Equipement)
    .fails_if_inactive(Kind::Client)
    .fails_if_inactive(Kind::Site)
}

/// Returns the active équipement.
///
/// # Errors
/// Returns 404 if the équipement does not exist, 409 if its client or site is inactive.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.set_equipement_status(request.id()?, Status::Actif).await?)
}
