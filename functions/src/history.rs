//! The histories of all kinds.

use shared::http::{self, Answer, Request};
use shared::models::Entity;
use shared::store::Store;
use shared::validation::ListScope;

/// Returns the history of an entity, newest entry first.
///
/// # Errors
/// Returns 404 if the entity does not exist, 422 if a parameter is invalid.
pub(crate) async fn history<E: Entity>(store: Store, request: Request) -> Answer {
    let id: E::Id = request.id()?;
    let page = request.unfiltered(ListScope::history(id))?;
    http::history(&page, store.history::<E>(id, page.pagination).await?)
}
