//! `GET /clients/all`

use shared::http::{self, Answer, Request};
use shared::models::Client;
use shared::store::Store;
use shared::validation::ClientFilter;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "get_all_client",
        "Lister les clients",
        "Renvoie les clients, actifs ou non, du plus ancien au plus récent.",
    )
    .returning_list::<ClientFilter, Client>()
}

/// Returns the clients, oldest first.
///
/// # Errors
/// Returns 422 if a parameter is invalid.
pub async fn handle(store: Store, request: Request) -> Answer {
    let (filter, page) = request.list::<ClientFilter>()?;
    let clients = match filter.code {
        Some(code) => store.clients_with_code(code, &filter.entities, page.pagination).await?,
        None => store.clients(&filter.entities, page.pagination).await?,
    };
    http::list(&page, clients).await
}
