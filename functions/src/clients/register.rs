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
    .with_body::<ClientRegister>("ClientRegister")
    .returning::<Client>()
    .fails_if_code_taken()
}

/// Returns the new client.
///
/// # Errors
/// Returns 422 if the body is invalid, 409 if another client has the code.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.register_client(request.body()?).await?)
}
