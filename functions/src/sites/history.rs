//! `GET /sites/{site_id}/historique`

use shared::http::{Answer, Request};
use shared::models::{Kind, Site, SiteFields};
use shared::store::Store;

use crate::Operation;
use crate::history::history;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "get_site_history",
        "Consulter l’historique d’un site",
        "Renvoie les versions successives d’un site, de la plus récente à la plus ancienne.",
    )
    .returning_history::<SiteFields>()
    .fails_if_unknown(Kind::Site)
}

/// Returns the history of a site, newest entry first.
///
/// # Errors
/// Returns 404 if the site does not exist, 422 if a parameter is invalid.
pub async fn handle(store: Store, request: Request) -> Answer {
    history::<Site>(store, request).await
}
