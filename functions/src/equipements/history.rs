//! `GET /equipements/{equipement_id}/historique`

use shared::http::{Answer, Request};
use shared::models::{Equipement, EquipementFields, Kind};
use shared::store::Store;

use crate::Operation;
use crate::history::history;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "get_equipement_history",
        "Consulter l’historique d’un équipement",
        "Renvoie les versions successives d’un équipement, de la plus récente à la plus ancienne.",
    )
    .lists_history::<EquipementFields>()
    .unknown(Kind::Equipement)
}

/// Answers with the history of an équipement, newest entry first.
///
/// # Errors
/// 404 for an unknown équipement, 422 for a wrong parameter.
pub async fn handle(store: Store, request: Request) -> Answer {
    history::<Equipement>(store, request).await
}
