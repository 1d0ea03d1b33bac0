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
    .reads::<ClientUpdate>("ClientUpdate")
    .answers::<Client>()
    .changes(Kind::Client)
    .code_taken()
}

/// Answers with the client as it is from now on.
///
/// # Errors
/// 422 for a wrong body, 404 for an unknown client, 409 for a code that another client has.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.update_client(&request.body()?).await?)
}
