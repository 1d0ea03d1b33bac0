//! `POST /sites/register`

use shared::http::{self, Answer, Request};
use shared::models::{Kind, Site, SiteRegister};
use shared::store::Store;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named("register_new_site", "Enregistrer un site", "Enregistre un site pour un client actif.")
        .with_body::<SiteRegister>("SiteRegister")
        .returning::<Site>()
        .fails_if_unknown(Kind::Client)
        .fails_if_inactive(Kind::Client)
}

/// Returns the new site.
///
/// # Errors
/// Returns 422 if the body is invalid, 404 if the client does not exist, 409 if it is inactive.
pub async fn handle(store: Store, request: Request) -> Answer {
    http::written(store.register_site(request.body()?).await?)
}
