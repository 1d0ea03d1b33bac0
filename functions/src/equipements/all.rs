//! `GET /equipements/all`

use shared::http::{self, Answer, Request};
use shared::models::SiteId;
use shared::store::Store;
use shared::validation::ChildFilter;

/// Answers with the équipements, oldest first.
///
/// # Errors
/// 422 for a wrong parameter, 404 for an unknown site.
pub async fn handle(store: Store, request: Request) -> Answer {
    let filter: ChildFilter<SiteId> = request.query()?;
    let page = request.page(filter.scope())?;
    let equipements = match filter.parent {
        Some(site) => store.site_with_equipements(site, filter.status, page.part).await?.1,
        None => store.equipements(filter.status, page.part),
    };
    http::list(&page, equipements).await
}
