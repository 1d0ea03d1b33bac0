//! Lists, their pages and their filters.

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use reqwest::header::LINK;
use serde_json::{Value, json};
use shared::models::{ClientRegister, ClientUpdate, Code, EquipementRegister, Nom, OptionalText, SiteRegister, Status};

use testkit::fresh;
use testkit::inputs::{self, nom};

use crate::support::{Api, body};

/// Returns the nom that takes the most bytes of an answer: each of its characters is escaped twice.
pub(crate) fn longest_nom() -> Nom {
    nom(&"\u{1}".repeat(256))
}

/// Registers clients with this nom and the codes from 0, eight at a time.
async fn register_clients(api: &Api, count: i64, nom: impl Fn(i64) -> Nom) {
    let register = async |code| {
        let client = ClientRegister { nom: nom(code), code: Code::from(code) };
        fresh(api.store().register_client(client)).await
    };
    stream::iter(0..count).map(register).buffer_unordered(8).for_each(async |_| {}).await;
}

/// Reads a list from `path` on, following its links. Returns the values of `id` of its entities as JSON, and
/// the number of answers. `list` finds the list in an answer.
pub(crate) async fn follow(api: &Api, path: &str, id: &str, list: fn(&Value) -> &Value) -> (Vec<String>, usize) {
    let (mut ids, mut answers, mut next) = (Vec::new(), 0, Some(path.to_owned()));
    while let Some(path) = next {
        let response = api.get(&path).await;
        assert_eq!(response.status(), 200, "{path}");
        let link = response.headers().get(LINK).map(|link| link.to_str().expect("text").to_owned());
        let text = String::from_utf8(response.bytes().await.expect("a body").into()).expect("text");
        let size_on_lambda = Value::String(text.clone()).to_string().len();
        assert!(size_on_lambda < 6_200_000, "{size_on_lambda} bytes");
        // Without a limit, only the size ends a page.
        let is_full = link.is_none() || path.contains("limit=") || size_on_lambda > 5_900_000;
        assert!(is_full, "a page of {size_on_lambda} bytes has a link");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        ids.extend(list(&answer).as_array().expect("a list").iter().map(|entity| entity[id].to_string()));
        answers += 1;
        next = link.map(|link| {
            assert_eq!(link.matches("cursor=").count(), 1, "{link}");
            let path = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
            path.expect("a link").to_owned()
        });
    }
    assert!(ids.is_sorted_by(|a, b| a < b), "{path}: not in order of creation, or listed twice");
    (ids, answers)
}

/// Like [`follow`], for an answer that is a list.
async fn follow_list(api: &Api, path: &str, id: &str) -> (Vec<String>, usize) {
    follow(api, path, id, |answer| answer).await
}

#[tokio::test]
async fn pages_list_each_client_once_during_writes() {
    let api = Api::start().await;
    register_clients(&api, 60, |_| longest_nom()).await;
    let (all, _) = follow_list(&api, "/clients/all", "client_id").await;
    let write = join_all((0..16).map(async |writer| {
        for code in (1_000 + writer..1_100).step_by(16) {
            let client = api.register("x", code).await;
            let id = all[usize::try_from(code % 60).expect("an index")].trim_matches('"');
            let path = format!("/clients/{id}");
            for (method, path) in [(Method::DELETE, path.clone()), (Method::POST, format!("{path}/reactivate"))] {
                assert_eq!(api.request(method, &path).send().await.expect("an answer").status(), 200);
            }
            assert_eq!(client["code"], code);
        }
    }));
    let read = async {
        for limit in [1, 7, 50, 59, 1000] {
            let (mut ids, answers) = follow_list(&api, &format!("/clients/all?limit={limit}"), "client_id").await;
            assert!(answers >= 60_usize.div_ceil(limit), "{answers} answers of {limit}");
            ids.retain(|id| all.contains(id));
            assert_eq!(ids, all);
        }
    };
    futures_util::join!(write, read);
}

#[tokio::test]
async fn search_pages_list_each_client_once_during_renames() {
    let api = Api::start().await;
    register_clients(&api, 60, |code| nom(&format!("Boulangerie {code}"))).await;
    let clients = body(api.get("/clients/all").await).await;
    let clients = clients.as_array().expect("a list");
    let rename = join_all((0..16).map(async |writer| {
        for (index, client) in clients.iter().enumerate().skip(writer).step_by(16) {
            for letter in ["z", "A", "é"] {
                let update = ClientUpdate {
                    client_id: serde_json::from_value(client["client_id"].clone()).expect("an id"),
                    nom: nom(&format!("BOULANGERIE {letter}{index}")),
                    code: Code::from(client["code"].as_i64().expect("a code")),
                };
                fresh(api.store().update_client(&update)).await;
            }
        }
    }));
    let expected: Vec<_> = clients.iter().map(|client| client["client_id"].to_string()).collect();
    let read = async {
        for limit in [1, 7, 59] {
            let (ids, _) = follow_list(&api, &format!("/clients/all?nom=boul&limit={limit}"), "client_id").await;
            assert_eq!(ids, expected);
        }
    };
    futures_util::join!(rename, read);
}

#[tokio::test]
async fn links_lead_through_a_list_of_several_answers() {
    let api = Api::start().await;
    let baker = format!("Boulangerie{}", "\u{1}".repeat(245));
    api.register(&baker, 0).await;
    let raw = api.raw();
    // 2,000 bytes each in an answer, and more than a search puts in order.
    raw.copy_client(std::iter::repeat_n(None, 6_599)).await;
    // Few enough to be put in order, in two batches of keys.
    raw.copy_client(std::iter::repeat_n(Some("Café du Port"), 1_500)).await;
    for (path, clients, answers) in [
        ("/clients/all", 8_100, 3),
        ("/clients/all?nom=BOUL", 6_600, 3),
        ("/clients/all?nom=cafe", 1_500, 1),
        ("/clients/all?limit=1000", 8_100, 9),
    ] {
        let (ids, seen) = follow_list(&api, path, "client_id").await;
        assert_eq!((ids.len(), seen), (clients, answers), "{path}");
    }
}

#[tokio::test]
async fn every_page_but_the_last_is_full_and_links_on() {
    let api = Api::start().await;
    for code in 0..5 {
        api.register("x", code).await;
    }
    for (limit, answers) in [(1, 5), (2, 3), (4, 2), (5, 1), (6, 1)] {
        let (ids, seen) = follow_list(&api, &format!("/clients/all?limit={limit}"), "client_id").await;
        assert_eq!((ids.len(), seen), (5, answers), "{limit}");
    }
    for limit in ["0", "1001", "x", "", "1.5"] {
        let response = api.get(&format!("/clients/all?limit={limit}")).await;
        assert_eq!(response.status(), 422);
        assert_eq!(body(response).await["detail"][0]["loc"], json!(["query", "limit"]));
    }
}

#[tokio::test]
async fn a_client_is_listed_by_its_code() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    api.register("Café du Port", 13).await;
    assert_eq!(body(api.get("/clients/all?code=12").await).await, json!([client]));
    assert_eq!(body(api.get("/clients/all?code=14").await).await, json!([]));
    assert_eq!(api.get("/clients/all?code=x").await.status(), 422);
}

#[tokio::test]
async fn lists_of_active_entities_are_paged() {
    let api = Api::start().await;
    let client = ClientRegister { nom: longest_nom(), code: Code::from(1) };
    let client_id = fresh(api.store().register_client(client)).await.client_id;
    let mut active = Vec::new();
    for index in 0..6 {
        let site = SiteRegister { client_id, nom: longest_nom() };
        let site = fresh(api.store().register_site(site)).await;
        let (r#type, numero_serie) = (OptionalText::default(), OptionalText::default());
        let equipement = EquipementRegister { site_id: site.site_id, nom: longest_nom(), r#type, numero_serie };
        let equipement = fresh(api.store().register_equipement(equipement)).await;
        if index % 3 == 0 {
            fresh(api.store().set_equipement_status(equipement.equipement_id, Status::Inactif)).await;
            fresh(api.store().set_site_status(site.site_id, Status::Inactif)).await;
        } else {
            active.push((format!("\"{}\"", site.site_id), format!("\"{}\"", equipement.equipement_id)));
        }
    }
    let (sites, equipements): (Vec<_>, Vec<_>) = active.into_iter().unzip();
    for filter in ["", &format!("client_id={client_id}&")] {
        let path = format!("/sites/all?{filter}status=actif&limit=1");
        assert_eq!(follow_list(&api, &path, "site_id").await, (sites.clone(), 4), "{path}");
    }
    let path = "/equipements/all?status=actif&limit=3";
    assert_eq!(follow_list(&api, path, "equipement_id").await, (equipements, 2));
}

#[tokio::test]
async fn the_children_in_infos_are_paged() {
    let api = Api::start().await;
    let client_id = fresh(api.store().register_client(inputs::client("x", 1))).await.client_id;
    let mut sites = Vec::new();
    for _ in 0..5 {
        sites.push(fresh(api.store().register_site(inputs::site(client_id, "x"))).await.site_id);
        fresh(api.store().register_equipement(inputs::equipement(sites[0], "x"))).await;
    }
    let paths = [format!("/clients/{client_id}/infos"), format!("/sites/{}/infos", sites[0])];
    for (limit, answers) in [(1, 5), (2, 3), (5, 1), (6, 1)] {
        let path = format!("{}?limit={limit}", paths[0]);
        let (ids, seen) = follow(&api, &path, "site_id", |answer| &answer["sites"]).await;
        assert_eq!((ids.len(), seen), (5, answers), "{path}");
        let path = format!("{}?limit={limit}", paths[1]);
        let (ids, seen) = follow(&api, &path, "equipement_id", |answer| &answer["equipements"]).await;
        assert_eq!((ids.len(), seen), (5, answers), "{path}");
    }
    for path in &paths {
        assert_eq!(api.get(&format!("{path}?limit=0")).await.status(), 422);
    }
}

#[tokio::test]
async fn every_list_is_searched_by_nom_and_paged() {
    let api = Api::start().await;
    let client_id = fresh(api.store().register_client(inputs::client("Crêperie", 1))).await.client_id;
    for text in ["Crêpes", "CREPES à emporter", "Dépôt", "crêpes"] {
        let site = fresh(api.store().register_site(inputs::site(client_id, text))).await;
        fresh(api.store().register_equipement(inputs::equipement(site.site_id, text))).await;
    }
    for (path, id, found) in [
        ("/clients/all?nom=cr%C3%AApe", "client_id", 1),
        ("/clients/all?nom=cr%C3%AApe&code=1", "client_id", 1),
        ("/clients/all?nom=x&code=1", "client_id", 0),
        ("/sites/all?nom=crepes", "site_id", 3),
        (&format!("/sites/all?client_id={client_id}&nom=Cr%C3%8APES"), "site_id", 3),
        ("/equipements/all?nom=crepes&status=actif", "equipement_id", 3),
        ("/equipements/all?nom=crepes&status=inactif", "equipement_id", 0),
        ("/equipements/all?nom=", "equipement_id", 4),
        ("/equipements/all?nom=pes", "equipement_id", 0),
    ] {
        let (ids, _) = follow_list(&api, path, id).await;
        assert_eq!(ids.len(), found, "{path}");
        let (one_by_one, answers) = follow_list(&api, &format!("{path}&limit=1"), id).await;
        assert_eq!((one_by_one, answers), (ids, found.max(1)), "{path}");
    }
}

#[tokio::test]
async fn all_invalid_list_parameters_are_reported() {
    let api = Api::start().await;
    let long = "n".repeat(257);
    for (query, invalid) in [
        (&format!("nom={long}&limit=0&status=x")[..], &["status", "nom", "limit"][..]),
        ("limit=0&cursor=x", &["limit", "cursor"]),
        // A cursor is checked against its list, which an invalid filter leaves unknown.
        ("status=x&cursor=x", &["status"]),
    ] {
        let answer = api.get(&format!("/sites/all?{query}")).await;
        assert_eq!(answer.status(), 422, "{query}");
        let violations = body(answer).await;
        let violations = violations["detail"].as_array().expect("violations");
        assert!(violations.iter().map(|violation| &violation["loc"][1]).eq(invalid), "{query}: {violations:?}");
    }
}
