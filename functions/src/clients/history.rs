//! `GET /clients/{client_id}/historique`

use shared::http::{self, Answer, Request};
use shared::models::{Client, ClientFields, ClientId, Kind};
use shared::store::Store;

use crate::Operation;

/// What callers are told of it.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "get_client_history",
        "Donne l’historique d’un client, de la version la plus récente à la plus ancienne.",
    )
    .lists_history::<ClientFields>()
    .unknown(Kind::Client)
}

/// Answers with the history of a client, newest entry first.
///
/// # Errors
/// 404 for an unknown client, 422 for a wrong parameter.
pub async fn handle(store: Store, request: Request) -> Answer {
    let id: ClientId = request.id()?;
    let page = request.children(&format!("history of client {id}"))?;
    http::history(&page, store.history::<Client>(id, page.pagination).await?)
}
