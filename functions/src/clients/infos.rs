//! `GET /clients/{client_id}/infos`

use shared::http::{self, Answer, Request};
use shared::models::{ClientId, ClientInfos, Filter, Kind, Site, SiteSummary, Status};
use shared::store::Store;
use shared::validation::ListScope;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "get_one_client",
        "Consulter un client",
        "Renvoie un client, actif ou non, avec ses sites actifs. Un client peut avoir des milliers de sites : indiquez \
         `limit` pour les recevoir page par page.",
    )
    .returning_infos::<ClientInfos, SiteSummary<'_>>("sites")
    .fails_if_unknown(Kind::Client)
}

/// Returns the client with its active sites.
///
/// # Errors
/// Returns 404 if the client does not exist, 422 if a parameter is invalid.
pub async fn handle(store: Store, request: Request) -> Answer {
    let id: ClientId = request.id()?;
    let page = request.unfiltered(ListScope::infos(id))?;
    let (client, sites) = store.client_with_sites(id, &Filter::of_status(Status::Actif), page.pagination).await?;
    let write = |body: &mut Vec<u8>, site: &Site| http::write_json(body, &site.summary());
    http::infos(&page, client.version, &ClientInfos::from(client), "sites", sites, write).await
}
