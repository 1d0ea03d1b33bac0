//! `GET /clients/{client_id}/historique`

use shared::http::{Answer, Request};
use shared::models::{Client, ClientFields, Kind};
use shared::store::Store;

use crate::Operation;
use crate::history::history;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "get_client_history",
        "Consulter l’historique d’un client",
        "Renvoie les versions successives d’un client, de la plus récente à la plus ancienne.",
    )
    .lists_history::<ClientFields>()
    .unknown(Kind::Client)
}

/// Answers with the history of a client, newest entry first.
///
/// # Errors
/// 404 for an unknown client, 422 for a wrong parameter.
pub async fn handle(store: Store, request: Request) -> Answer {
    history::<Client>(store, request).await
}
