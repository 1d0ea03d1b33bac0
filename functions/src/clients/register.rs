//! `POST /clients/register`

use shared::http::{self, Answer, Request};
use shared::models::{Client, ClientRegister};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "register_new_client",
        "Enregistrer un client",
        "Enregistre un client. Son code lui reste réservé, même après sa désactivation.",
    )
    .reads::<ClientRegister>("ClientRegister")
    .answers::<Client>()
    .code_taken()
}

/// Answers with the new client.
///
/// # Errors
/// 422 for a wrong body, 409 for a code that another client has.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.register_client(request.body()?).await?)
}
