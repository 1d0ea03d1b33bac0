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
        "Lister les équipements",
        "Renvoie les équipements, actifs ou non, du plus ancien au plus récent : tous, ou ceux d’un \
         site.",
    )
    .returning_list::<ChildFilter<SiteId>, Equipement>()
    .fails_if_unknown(Kind::Site)
}

/// Returns the équipements, oldest first.
///
/// # Errors
/// Returns 422 if a parameter is invalid, 404 if the site does not exist.
pub async fn handle(store: Store, request: Request) -> Answer {
    let (filter, page) = request.list::<ChildFilter<SiteId>>()?;
    let equipements = match filter.parent {
        Some(site) => store.equipements_of_site(site, &filter.entities, page.pagination).await?,
        None => store.equipements(&filter.entities, page.pagination).await?,
    };
    http::list(&page, equipements).await
}
