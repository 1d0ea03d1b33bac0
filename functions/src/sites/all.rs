//! `GET /sites/all`

use shared::http::{self, Answer, Request};
use shared::models::ClientId;
use shared::store::Store;
use shared::validation::ChildFilter;

/// Answers with the sites, oldest first.
///
/// # Errors
/// 422 for a wrong parameter, 404 for an unknown client.
pub async fn handle(store: Store, request: Request) -> Answer {
    let filter: ChildFilter<ClientId> = request.query()?;
    let page = request.page(filter.scope())?;
    let sites = match filter.parent {
        Some(client) => store.client_with_sites(client, filter.status, page.part).await?.1,
        None => store.sites(filter.status, page.part),
    };
    http::list(&page, sites).await
}
