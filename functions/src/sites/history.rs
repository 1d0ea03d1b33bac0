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
    .lists_history::<SiteFields>()
    .unknown(Kind::Site)
}

/// Answers with the history of a site, newest entry first.
///
/// # Errors
/// 404 for an unknown site, 422 for a wrong parameter.
pub async fn handle(store: Store, request: Request) -> Answer {
    history::<Site>(store, request).await
}
