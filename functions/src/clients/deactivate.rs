//! `DELETE /clients/{client_id}`

use shared::http::{self, Answer, Request};
use shared::models::{Kind, Status};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "deactivate_client",
        "Désactive un client ; rien n’est effacé. Répond `true`, même s’il était déjà inactif.",
    )
    .changes(Kind::Client)
}

/// Answers `true`, whether the client was active or not.
///
/// # Errors
/// 404 for an unknown client.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::done(&store.set_client_status(request.id()?, Status::Inactif).await?)
}
