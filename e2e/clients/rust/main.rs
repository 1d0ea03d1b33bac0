//! Calls every endpoint with the client that openapi-generator makes for Rust: `main URL`.

use std::env;
use std::error::Error;

use parc_client::apis::configuration::Configuration;
use parc_client::apis::{self, ResponseContent, clients_api, equipements_api, lot_api, sites_api};
use parc_client::models::operation_de_lot::{Kind, Op};
use parc_client::models::{
    self, ClientRegister, ClientUpdate, EquipementRegister, EquipementUpdate, LotRequest, OperationDeLot, SiteRegister,
    SiteUpdate,
};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("usage: main URL")?;
    let api = Configuration { base_path: url, ..Configuration::new() };
    let client = clients(&api)?;
    let site = sites(&api, &client)?;
    equipements(&api, &site)?;
    batch(&api)?;
    Ok(())
}

fn clients(api: &Configuration) -> Result<String, Box<dyn Error>> {
    let body = ClientRegister::new("Crêperie".to_owned(), i64::MAX);
    let client = clients_api::register_new_client_clients_register_post(api, body.clone(), Some("one"))?;
    assert_eq!((client.nom.as_str(), client.code), ("Crêperie", i64::MAX));
    let again = clients_api::register_new_client_clients_register_post(api, body.clone(), Some("one"))?;
    assert_eq!(again, client);
    let taken = clients_api::register_new_client_clients_register_post(api, body, None);
    let (status, content) = refusal(taken.err());
    assert_eq!(status, 409);
    let refused: models::HttpError = serde_json::from_str(&content)?;
    assert_eq!(refused.detail, format!("Le code {} est déjà attribué", i64::MAX));

    let id = client.client_id.to_string();
    let body = ClientUpdate::new(client.client_id, "Crêperie du Port".to_owned(), 12);
    let stale = clients_api::update_client_clients_update_put(api, body.clone(), Some("\"7-x\""), None);
    assert_eq!(refusal(stale.err()).0, 412);
    let updated = clients_api::update_client_clients_update_put(api, body, Some("*"), None)?;
    assert_eq!((updated.nom.as_str(), updated.code), ("Crêperie du Port", 12));
    let infos = clients_api::get_one_client_clients_client_id_infos_get(api, &id, Some(50), None, None)?;
    assert_eq!((infos.code, infos.sites.len()), (12, 0));
    let history = clients_api::get_client_history_clients_client_id_historique_get(api, &id, None, None, None)?;
    assert_eq!(history.iter().map(|entry| entry.version).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(history[0].avant.as_ref().and_then(|before| before.code), Some(i64::MAX));
    assert!(history[1].avant.is_none() && history[1].par.is_none());

    assert!(clients_api::deactivate_client_clients_client_id_delete(api, &id, None, None)?);
    let list = |status, code| clients_api::get_all_client_clients_all_get(api, status, None, code, None, None, None);
    assert_eq!(list(Some("inactif"), None)?.len(), 1);
    let client = clients_api::reactivate_client_clients_client_id_reactivate_post(api, &id, None, None)?;
    assert_eq!(list(None, Some(12))?, [client]);
    let unknown = clients_api::get_one_client_clients_client_id_infos_get(api, "x", None, None, None);
    assert_eq!(refusal(unknown.err()).0, 404);
    let cursor = clients_api::get_all_client_clients_all_get(api, None, None, None, None, Some("x"), None);
    let (status, content) = refusal(cursor.err());
    assert_eq!(status, 422);
    let refused: models::HttpValidationError = serde_json::from_str(&content)?;
    let location = [models::LocInner::String("query".to_owned()), models::LocInner::String("cursor".to_owned())];
    assert_eq!(refused.detail[0].loc, location);
    Ok(id)
}

fn sites(api: &Configuration, client: &str) -> Result<String, Box<dyn Error>> {
    let body = SiteRegister::new(client.parse()?, "Cuisine".to_owned());
    let site = sites_api::register_new_site_sites_register_post(api, body, None)?;
    let id = site.site_id.to_string();
    let body = SiteUpdate::new(site.site_id, "Terrasse".to_owned());
    let updated = sites_api::update_site_sites_update_put(api, body, None, None)?;
    assert_eq!(updated.nom, "Terrasse");
    let infos = sites_api::get_one_site_sites_site_id_infos_get(api, &id, Some(50), None, None)?;
    assert_eq!((infos.nom.as_str(), infos.equipements.len()), ("Terrasse", 0));
    let history = sites_api::get_site_history_sites_site_id_historique_get(api, &id, None, None, None)?;
    assert_eq!(history.len(), 2);
    assert!(sites_api::deactivate_site_sites_site_id_delete(api, &id, None, None)?);
    let site = sites_api::reactivate_site_sites_site_id_reactivate_post(api, &id, None, None)?;
    let list = sites_api::get_all_site_sites_all_get(api, Some(client), None, Some("terr"), Some(10), None, None)?;
    assert_eq!(list, [site]);
    Ok(id)
}

fn equipements(api: &Configuration, site: &str) -> Result<(), Box<dyn Error>> {
    let mut body = EquipementRegister::new(site.parse()?, "Bilig".to_owned());
    body.r#type = Some(Some("plaque".to_owned()));
    let equipement = equipements_api::register_new_equipement_equipements_register_post(api, body, None)?;
    assert_eq!((equipement.r#type.as_deref(), equipement.numero_serie.as_deref()), (Some("plaque"), None));
    let id = equipement.equipement_id.to_string();
    let mut body = EquipementUpdate::new(equipement.equipement_id, site.parse()?, "Bilig".to_owned());
    body.numero_serie = Some(Some("B-12".to_owned()));
    let updated = equipements_api::update_equipement_equipements_update_put(api, body, None, None)?;
    assert_eq!((updated.r#type.as_deref(), updated.numero_serie.as_deref()), (None, Some("B-12")));
    let infos = equipements_api::get_one_equipement_equipements_equipement_id_infos_get(api, &id, None)?;
    assert_eq!(infos, updated);
    let history =
        equipements_api::get_equipement_history_equipements_equipement_id_historique_get(api, &id, None, None, None)?;
    assert_eq!(history.len(), 2);
    assert!(equipements_api::deactivate_equipement_equipements_equipement_id_delete(api, &id, None, None)?);
    let equipement =
        equipements_api::reactivate_equipement_equipements_equipement_id_reactivate_post(api, &id, None, None)?;
    let list = equipements_api::get_all_equipement_equipements_all_get(api, Some(site), None, None, None, None, None)?;
    assert_eq!(list, [equipement]);
    Ok(())
}

/// Registers a client, a site and an équipement in one request, after a dry run.
fn batch(api: &Configuration) -> Result<(), Box<dyn Error>> {
    let named = |name: &str, kind, body| OperationDeLot {
        r#ref: Some(Some(name.to_owned())),
        ..OperationDeLot::new(Op::Register, kind, body)
    };
    let body = LotRequest::new(vec![
        named("c", Kind::Client, json!({ "nom": "Fournil", "code": 77 })),
        named("s", Kind::Site, json!({ "client_id": "$c", "nom": "Gare" })),
        OperationDeLot::new(Op::Register, Kind::Equipement, json!({ "site_id": "$s", "nom": "Four" })),
    ]);
    let statuses = |lot: &models::Lot| lot.resultats.iter().map(|result| result.status).collect::<Vec<_>>();
    let trial = lot_api::run_batch_lot_post(api, body.clone(), Some(true), None, None)?;
    assert_eq!(statuses(&trial), [200, 200, 200]);
    assert!(trial.resultats.iter().all(|result| result.etag.is_none()));
    let lot = lot_api::run_batch_lot_post(api, body.clone(), None, None, Some("lot"))?;
    assert_eq!((lot.bilan.ok, lot.bilan.refus, lot.bilan.restant), (3, 0, 0));
    let client = |index: usize| lot.resultats[index].body.as_ref().map(|body| &body["client_id"]);
    assert_eq!(client(0), client(1));
    assert_eq!(lot_api::run_batch_lot_post(api, body, None, None, Some("lot"))?, lot);
    Ok(())
}

/// Returns the status and the body of a refusal, and panics if the error is not a refusal.
fn refusal<T: std::fmt::Debug>(error: Option<apis::Error<T>>) -> (u16, String) {
    match error {
        Some(apis::Error::ResponseError(ResponseContent { status, content, .. })) => (status.as_u16(), content),
        other => panic!("not a refusal: {other:?}"),
    }
}
