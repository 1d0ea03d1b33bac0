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
    .returning_history::<EquipementFields>()
    .fails_if_unknown(Kind::Equipement)
}

/// Returns the history of an équipement, newest entry first.
///
/// # Errors
/// Returns 404 if the équipement does not exist, 422 if a parameter is invalid.
pub async fn handle(store: Store, request: Request) -> Answer {
    history::<Equipement>(store, request).await
}
