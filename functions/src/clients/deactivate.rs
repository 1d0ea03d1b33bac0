//! `DELETE /clients/{client_id}`

use shared::http::{self, Answer, Request};
use shared::models::{Kind, Status};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "deactivate_client",
        "Désactiver un client",
        "Désactive un client, sans rien effacer. Renvoie `true`, même si le client était déjà inactif.",
    )
    .updates(Kind::Client)
}

/// Returns `true`, even if the client was already inactive.
///
/// # Errors
/// Returns 404 if the client does not exist.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::done(&store.set_client_status(request.id()?, Status::Inactif).await?)
}
