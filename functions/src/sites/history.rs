//! `GET /sites/{site_id}/historique`

use shared::http::{self, Answer, Request};
use shared::models::{Kind, Site, SiteFields, SiteId};
use shared::store::Store;

use crate::Operation;

/// What callers are told of it.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "get_site_history",
        "Donne l’historique d’un site, de la version la plus récente à la plus ancienne.",
    )
    .lists_history::<SiteFields>()
    .unknown(Kind::Site)
}

/// Answers with the history of a site, newest entry first.
///
/// # Errors
/// 404 for an unknown site, 422 for a wrong parameter.
pub async fn handle(store: Store, request: Request) -> Answer {
    let id: SiteId = request.id()?;
    let page = request.children(&format!("history of site {id}"))?;
    http::history(&page, store.history::<Site>(id, page.pagination).await?)
}
