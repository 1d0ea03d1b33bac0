//! `POST /clients/{client_id}/reactivate`

use shared::http::{self, Answer, Request};
use shared::models::{Client, Kind, Status};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "reactivate_client",
        "Réactiver un client",
        "Réactive un client. Si le client est déjà actif, rien ne change.",
    )
    .returning::<Client>()
    .updates(Kind::Client)
}

/// Returns the active client.
///
/// # Errors
/// Returns 404 if the client does not exist.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.set_client_status(request.id()?, Status::Actif).await?)
}
