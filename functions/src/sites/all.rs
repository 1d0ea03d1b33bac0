//! `GET /sites/all`

use shared::http::{self, Answer, Request};
use shared::models::{ClientId, Kind, Site};
use shared::store::Store;
use shared::validation::ChildFilter;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "get_all_site",
        "Lister les sites",
        "Renvoie les sites, actifs ou non, du plus ancien au plus récent : tous, ou ceux d’un client.",
    )
    .returning_list::<ChildFilter<ClientId>, Site>()
    .fails_if_unknown(Kind::Client)
}

/// Returns the sites, oldest first.
///
/// # Errors
/// Returns 422 if a parameter is invalid, 404 if the client does not exist.
pub async fn handle(store: Store, request: Request) -> Answer {
    let (filter, page) = request.list::<ChildFilter<ClientId>>()?;
    let sites = match filter.parent {
        Some(client) => store.sites_of_client(client, &filter.entities, page.pagination).await?,
        None => store.sites(&filter.entities, page.pagination).await?,
    };
    http::list(&page, sites).await
}
