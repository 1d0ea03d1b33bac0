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
         si ce site appartient à un autre client.",
    )
    .with_body::<EquipementUpdate>("EquipementUpdate")
    .returning::<Equipement>()
    .updates(Kind::Equipement)
    .fails_if_unknown(Kind::Site)
    .fails_if_inactive(Kind::Client)
    .fails_if_inactive(Kind::Site)
}

/// Returns the updated équipement. Another `site_id` moves it.
///
/// # Errors
/// Returns 422 if the body is invalid, 404 if the équipement or the site does not exist, 409 if it moves to an inactive site or client.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.update_equipement(&request.body()?).await?)
}
