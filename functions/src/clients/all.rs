//! `GET /clients/all`

use shared::http::{self, Answer, Request};
use shared::store::Store;
use shared::validation::ClientList;

/// Answers with the clients, oldest first.
///
/// # Errors
/// 422 for a wrong parameter.
pub async fn handle(store: Store, request: Request) -> Answer {
    let ClientList { status, after } = request.query()?;
    http::list(&request, ClientList::scope(status), store.clients(status, after)).await
}
