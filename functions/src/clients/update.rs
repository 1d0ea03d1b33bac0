//! `PUT /clients/update`

use shared::http::{self, Answer, Request};
use shared::models::{Client, ClientUpdate, Kind};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "update_client",
        "Modifier un client",
        "Modifie le nom et le code d’un client. L’ancien code redevient disponible.",
    )
    .with_body::<ClientUpdate>("ClientUpdate")
    .returning::<Client>()
    .updates(Kind::Client)
    .fails_if_code_taken()
}

/// Returns the updated client.
///
/// # Errors
/// Returns 422 if the body is invalid, 404 if the client does not exist, 409 if another client has the code.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.update_client(&request.body()?).await?)
}
