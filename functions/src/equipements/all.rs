//! `GET /equipements/all`

use shared::http::{self, Answer, Request};
use shared::models::{Equipement, Kind, SiteId};
use shared::store::Store;
use shared::validation::ChildFilter;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "get_all_equipement",
        "Donne les équipements, du plus ancien au plus récent, actifs ou non : tous, ou ceux d’un site.",
    )
    .lists::<ChildFilter<SiteId>, Equipement>()
    .unknown(Kind::Site)
}

/// Answers with the équipements, oldest first.
///
/// # Errors
/// 422 for a wrong parameter, 404 for an unknown site.
pub async fn handle(store: Store, request: Request) -> Answer {
    let (filter, page) = request.list::<ChildFilter<SiteId>>()?;
    let equipements = match filter.parent {
        Some(site) => store.equipements_of_site(site, &filter.entities, page.pagination).await?,
        None => store.equipements(&filter.entities, page.pagination).await?,
    };
    http::list(&page, equipements).await
}
