//! `GET /equipements/{equipement_id}/infos`

use shared::http::{self, Answer, Request};
use shared::models::{Equipement, Kind};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named("get_one_equipement", "Consulter un équipement", "Renvoie un équipement, actif ou non.")
        .returning::<Equipement>()
        .fails_if_unknown(Kind::Equipement)
}

/// Returns the équipement.
///
/// # Errors
/// Returns 404 if the équipement does not exist.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::entity(&store.equipement(request.id()?).await?)
}
