//! `PUT /equipements/update`

use shared::http::{self, Answer, Request};
use shared::models::{Equipement, EquipementUpdate, Kind};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "update_equipement",
        "Modifier ou déplacer un équipement",
        "Modifie un équipement. Si `site_id` désigne un autre site, l’équipement y est déplacé, même \
         chez un autre client.",
    )
    .reads::<EquipementUpdate>("EquipementUpdate")
    .answers::<Equipement>()
    .changes(Kind::Equipement)
    .unknown(Kind::Site)
    .inactive(Kind::Client)
    .inactive(Kind::Site)
}

/// Answers with the équipement as it is from now on, at another site where the body names one.
///
/// # Errors
/// 422 for a wrong body, 404 for an unknown équipement or site, 409 for a move to an inactive client or site.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.update_equipement(&request.body()?).await?)
}
