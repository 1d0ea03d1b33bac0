//! The histories of all kinds.

use shared::http::{self, Answer, Request};
use shared::models::Entity;
use shared::store::Store;
use shared::validation::ListScope;

/// Answers with the history of an entity, newest entry first.
///
/// # Errors
/// 404 for an unknown entity, 422 for a wrong parameter.
pub(crate) async fn history<E: Entity>(store: Store, request: Request) -> Answer {
    let id: E::Id = request.id()?;
    let page = request.unfiltered(ListScope::history(id))?;
    http::history(&page, store.history::<E>(id, page.pagination).await?)
}
