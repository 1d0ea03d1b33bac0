//! `GET /clients/all`

use shared::http::{self, Answer, Request};
use shared::store::Store;
use shared::validation::ClientFilter;

/// Answers with the clients, oldest first.
///
/// # Errors
/// 422 for a wrong parameter.
pub async fn handle(store: Store, request: Request) -> Answer {
    let (filter, page) = request.list::<ClientFilter, _>()?;
    let clients = match filter.code {
        Some(code) => store.clients_of_code(code, &filter.entities, page.part).await?,
        None => store.clients(&filter.entities, page.part).await?,
    };
    http::list(&page, clients).await
}
