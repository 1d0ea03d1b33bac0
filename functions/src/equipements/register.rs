//! `POST /equipements/register`

use shared::http::{self, Answer, Request};
use shared::models::{Equipement, EquipementRegister, Kind};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "register_new_equipement",
        "Enregistrer un équipement",
        "Enregistre un équipement sur un site actif d’un client actif.",
    )
    .with_body::<EquipementRegister>("EquipementRegister")
    .returning::<Equipement>()
    .fails_if_unknown(Kind::Site)
    .fails_if_inactive(Kind::Client)
    .fails_if_inactive(Kind::Site)
}

/// Returns the new équipement.
///
/// # Errors
/// Returns 422 if the body is invalid, 404 if the site does not exist, 409 if the client or the site is inactive.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.register_equipement(request.body()?).await?)
}
