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
    .returning_history::<ClientFields>()
    .fails_if_unknown(Kind::Client)
}

/// Returns the history of a client, newest entry first.
///
/// # Errors
/// Returns 404 if the client does not exist, 422 if a parameter is invalid.
pub async fn handle(store: Store, request: Request) -> Answer {
    history::<Client>(store, request).await
}
