//! Cursors: a list accepts its own cursors only.

use reqwest::header::LINK;
use shared::models::{ClientId, EntityId, EquipementId, Filter, Rank};
use shared::validation::{ClientFilter, CursorKey, ListFilter, ListScope};
use testkit::{fresh, inputs};

use crate::support::{Api, body};

/// Returns the identifier of no client.
fn unknown_id() -> ClientId {
    ClientId::parse_lenient("019a5a1e-3c08-7000-8000-000000000009").expect("an identifier")
}

#[tokio::test]
async fn a_malformed_cursor_is_refused() {
    let api = Api::start().await;
    let id = api.register("x", 1).await["client_id"].as_str().expect("an id").to_owned();
    for path in ["/clients/all", "/sites/all?status=actif", "/equipements/all", &format!("/clients/{id}/infos")] {
        for cursor in ["", "x", "3019a5a1e3c08700080000000000000010123456789abcdef0123456789abcdef"] {
            let response =
                api.get(&format!("{path}{}cursor={cursor}", if path.contains('?') { '&' } else { '?' })).await;
            assert_eq!(response.status(), 422);
            assert_eq!(body(response).await["detail"][0]["loc"], serde_json::json!(["query", "cursor"]));
        }
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let api = Api::start().await;
    let mut lists = vec!["/clients/all?".to_owned(), "/clients/all?status=actif&".to_owned()];
    lists.extend(["/sites/all?", "/sites/all?status=actif&"].map(str::to_owned));
    lists.extend(["/equipements/all?", "/equipements/all?status=actif&"].map(str::to_owned));
    for code in 0..2 {
        let client = inputs::client("x", code);
        let client_id = fresh(api.store().register_client(client)).await.client_id;
        for _ in 0..2 {
            let site = inputs::site(client_id, "x");
            let site_id = fresh(api.store().register_site(site)).await.site_id;
            for _ in 0..2 {
                let equipement = inputs::equipement(site_id, "x");
                fresh(api.store().register_equipement(equipement)).await;
            }
            lists.push(format!("/equipements/all?site_id={site_id}&"));
        }
        lists.push(format!("/sites/all?client_id={client_id}&"));
        lists.push(format!("/sites/all?client_id={client_id}&status=actif&"));
    }
    for source in &lists {
        let first = api.get(&format!("{source}limit=1")).await;
        let link = first.headers()[LINK].to_str().expect("text").to_owned();
        let cursor = link.split("cursor=").nth(1).and_then(|rest| rest.split('>').next()).expect("a cursor");
        let first = body(first).await;
        for target in &lists {
            let answer = api.get(&format!("{target}cursor=x&limit=1&cursor={cursor}")).await;
            assert_eq!(answer.status(), if source == target { 200 } else { 422 }, "{source} {target}");
            assert_ne!(body(answer).await, first, "{source}");
        }
    }
}

#[tokio::test]
async fn a_cursor_of_another_parent_is_refused() {
    let api = Api::start().await;
    let mut ids = Vec::new();
    for code in 0..2 {
        let client = inputs::client("x", code);
        let client_id = fresh(api.store().register_client(client)).await.client_id;
        let site = inputs::site(client_id, "x");
        let site_id = fresh(api.store().register_site(site.clone())).await.site_id;
        fresh(api.store().register_site(site)).await;
        ids.push((client_id, site_id, EquipementId::from_uuid(site_id.as_uuid())));
    }
    for (index, (client_id, site_id, equipement_id)) in ids.iter().enumerate() {
        let of_client = api.app.cursors.write(&ListScope::infos(*client_id), Rank::of(*site_id));
        let of_site = api.app.cursors.write(&ListScope::infos(*site_id), Rank::of(*equipement_id));
        for (other, (client_id, site_id, _)) in ids.iter().enumerate() {
            let status = if index == other { 200 } else { 422 };
            let answer = api.get(&format!("/clients/{client_id}/infos?cursor={of_client}")).await;
            assert_eq!(answer.status(), status);
            if status == 200 {
                assert_eq!(body(answer).await["sites"].as_array().map(Vec::len), Some(1));
            }
            assert_eq!(api.get(&format!("/sites/{site_id}/infos?cursor={of_site}")).await.status(), status);
        }
    }
}

#[tokio::test]
async fn a_cursor_of_an_unknown_client_is_404() {
    let api = Api::start().await;
    let unknown = unknown_id();
    let cursor = api.app.cursors.write(&ListScope::infos(unknown), Rank::of(unknown));
    let response = api.get(&format!("/clients/{unknown}/infos?cursor={cursor}")).await;
    assert_eq!(response.status(), 404);
}

#[tokio::test]
async fn an_invalid_cursor_is_refused_without_a_call() {
    let api = Api::start().await;
    let unreachable = Api::without_table().await;
    let rank = Rank::of(unknown_id());
    let clients = ClientFilter { entities: Filter::ALL, code: None }.scope();
    let signed = api.app.cursors.write(&clients, rank);
    assert_eq!(unreachable.get(&format!("/clients/all?cursor={signed}")).await.status(), 503);
    let forged = CursorKey::new("another").write(&clients, rank);
    for cursor in ["x", &forged, &signed[..64], &signed.to_uppercase()] {
        assert_eq!(unreachable.get(&format!("/clients/all?cursor={cursor}")).await.status(), 422, "{cursor}");
    }
}
