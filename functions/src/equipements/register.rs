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
    .reads::<EquipementRegister>("EquipementRegister")
    .answers::<Equipement>()
    .unknown(Kind::Site)
    .inactive(Kind::Client)
    .inactive(Kind::Site)
}

/// Answers with the new équipement.
///
/// # Errors
/// 422 for a wrong body, 404 for an unknown site, 409 for an inactive client or site.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.register_equipement(request.body()?).await?)
}
