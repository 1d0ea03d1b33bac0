//! `GET /equipements/{equipement_id}/historique`

use shared::http::{self, Answer, Request};
use shared::models::{Equipement, EquipementFields, EquipementId, Kind};
use shared::store::Store;

use crate::Operation;

/// What callers are told of it.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "get_equipement_history",
        "Donne l’historique d’un équipement, de la version la plus récente à la plus ancienne.",
    )
    .lists_history::<EquipementFields>()
    .unknown(Kind::Equipement)
}

/// Answers with the history of an équipement, newest entry first.
///
/// # Errors
/// 404 for an unknown équipement, 422 for a wrong parameter.
pub async fn handle(store: Store, request: Request) -> Answer {
    let id: EquipementId = request.id()?;
    let page = request.children(&format!("history of équipement {id}"))?;
    http::history(&page, store.history::<Equipement>(id, page.pagination).await?)
}
