//! `GET /sites/{site_id}/infos`

use shared::http::{self, Answer, Request};
use shared::models::{Equipement, EquipementSummary, Filter, Kind, SiteId, SiteInfos, Status};
use shared::store::Store;
use shared::validation::ListScope;

use crate::Operation;

/// Describes the operation to callers.
pub(crate) fn operation() -> Operation {
    Operation::named(
        "get_one_site",
        "Consulter un site",
        "Renvoie un site, actif ou non, avec ses équipements actifs. Un site peut avoir des milliers d’équipements : \
         indiquez `limit` pour les recevoir page par page.",
    )
    .returning_infos::<SiteInfos, EquipementSummary<'_>>("equipements")
    .fails_if_unknown(Kind::Site)
}

/// Returns the site with its active équipements.
///
/// # Errors
/// Returns 404 if the site does not exist, 422 if a parameter is invalid.
pub async fn handle(store: Store, request: Request) -> Answer {
    let id: SiteId = request.id()?;
    let page = request.unfiltered(ListScope::infos(id))?;
    let (site, equipements) =
        store.site_with_equipements(id, &Filter::of_status(Status::Actif), page.pagination).await?;
    let write = |body: &mut Vec<u8>, equipement: &Equipement| http::write_json(body, &equipement.summary());
    http::infos(&page, site.version, &SiteInfos::from(site), "equipements", equipements, write).await
}
