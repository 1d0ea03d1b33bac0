//! Lists of many, and cursors.

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use reqwest::header::LINK;
use serde_json::Value;
use shared::models::{ClientRegister, ClientUpdate, Code, EquipementRegister, Nom, OptionalText, SiteRegister, Status};

use testkit::{fresh, inputs};

use crate::support::{Api, body};

/// The name that takes the most room: each of its characters is escaped twice in the end.
pub(crate) fn longest_nom() -> Nom {
    Nom::try_from("\u{1}".repeat(256)).expect("a nom")
}

/// Does something so often, eight at a time.
pub(crate) async fn often<T, E: std::fmt::Debug>(count: i64, work: impl AsyncFn(i64) -> Result<T, E>) {
    let results: Vec<_> = stream::iter(0..count).map(async |n| work(n).await).buffer_unordered(8).collect().await;
    for result in results {
        result.expect("work");
    }
}

/// Every entity that a list gives from `path` on, following its links, as the texts of `id`; and
/// the number of answers. `list` finds the list in an answer.
pub(crate) async fn follow(api: &Api, path: &str, id: &str, list: fn(&Value) -> &Value) -> (Vec<String>, usize) {
    let (mut ids, mut answers, mut next) = (Vec::new(), 0, Some(path.to_owned()));
    while let Some(path) = next {
        let response = api.get(&path).await;
        assert_eq!(response.status(), 200, "{path}");
        let link = response.headers().get(LINK).map(|link| link.to_str().expect("text").to_owned());
        let text = String::from_utf8(response.bytes().await.expect("a body").into()).expect("text");
        let as_lambda_counts = Value::String(text.clone()).to_string().len();
        assert!(as_lambda_counts < 6_200_000, "{as_lambda_counts} bytes");
        // Without a limit, nothing but the size of an answer ends it.
        let full = link.is_none() || path.contains("limit=") || as_lambda_counts > 5_900_000;
        assert!(full, "{as_lambda_counts} bytes, and a link");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        ids.extend(list(&answer).as_array().expect("a list").iter().map(|entity| entity[id].to_string()));
        answers += 1;
        next = link.map(|link| {
            assert_eq!(link.matches("cursor=").count(), 1, "{link}");
            let path = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
            path.expect("a link").to_owned()
        });
    }
    (ids, answers)
}

#[tokio::test]
async fn pages_of_any_length_give_every_client_once_while_others_write() {
    let api = Api::start().await;
    often(120, async |code| {
        api.store().register_client(ClientRegister { nom: longest_nom(), code: Code::from(code) }).await
    })
    .await;
    let (all, _) = follow(&api, "/clients/all", "client_id", |answer| answer).await;
    let write = join_all((0..16).map(async |writer| {
        for code in (1_000 + writer..1_100).step_by(16) {
            let client = api.register("x", code).await;
            let path = format!("/clients/{}", all[usize::try_from(code % 120).expect("a place")].trim_matches('"'));
            for (method, path) in [(Method::DELETE, path.clone()), (Method::POST, format!("{path}/reactivate"))] {
                assert_eq!(api.request(method, &path).send().await.expect("an answer").status(), 200);
            }
            assert_eq!(client["code"], code);
        }
    }));
    let read = async {
        for limit in [1, 7, 50, 119, 1000] {
            let path = format!("/clients/all?limit={limit}");
            let (mut ids, answers) = follow(&api, &path, "client_id", |answer| answer).await;
            assert!(answers >= 120_usize.div_ceil(limit), "{answers} answers of {limit}");
            assert!(ids.is_sorted_by(|a, b| a < b), "not in order of creation, or twice");
            ids.retain(|id| all.contains(id));
            assert_eq!(ids, all);
        }
    };
    futures_util::join!(write, read);
}

#[tokio::test]
async fn pages_of_a_name_give_every_client_once_while_they_are_renamed() {
    let api = Api::start().await;
    let nom = |text: String| Nom::try_from(text).expect("a nom");
    often(60, async |code| {
        let nom = nom(format!("Boulangerie {code}"));
        api.store().register_client(ClientRegister { nom, code: Code::from(code) }).await
    })
    .await;
    let clients = body(api.get("/clients/all").await).await;
    let clients = clients.as_array().expect("a list");
    let rename = join_all((0..16).map(async |writer| {
        for (place, client) in clients.iter().enumerate().skip(writer).step_by(16) {
            for letter in ["z", "A", "é"] {
                let asked = ClientUpdate {
                    client_id: serde_json::from_value(client["client_id"].clone()).expect("an id"),
                    nom: nom(format!("BOULANGERIE {letter}{place}")),
                    code: Code::from(client["code"].as_i64().expect("a code")),
                };
                fresh(api.store().update_client(&asked)).await;
            }
        }
    }));
    let read = async {
        for limit in [1, 7, 59] {
            let (ids, _) =
                follow(&api, &format!("/clients/all?nom=boul&limit={limit}"), "client_id", |list| list).await;
            assert!(
                ids.iter().eq(clients.iter().map(|client| client["client_id"].to_string()).collect::<Vec<_>>().iter())
            );
        }
    };
    futures_util::join!(rename, read);
}

#[tokio::test]
async fn links_cover_60_000_clients() {
    let api = Api::start().await;
    api.register("Boulangerie des Grands Moulins de la Vallée", 0).await;
    let raw = api.raw();
    raw.copy_client(std::iter::repeat_n(None, 59_999)).await;
    // What was found to be few is given whole as well.
    raw.copy_client(std::iter::repeat_n(Some("Café du Port"), 3_900)).await;
    for (path, clients, answers) in [
        ("/clients/all", 63_900, 3),
        ("/clients/all?nom=BOUL", 60_000, 3),
        ("/clients/all?nom=cafe", 3_900, 1),
        ("/clients/all?limit=1000", 63_900, 64),
    ] {
        let (ids, seen) = follow(&api, path, "client_id", |answer| answer).await;
        assert_eq!((ids.len(), seen), (clients, answers), "{path}");
        assert!(ids.is_sorted_by(|a, b| a < b), "not in order of creation, or twice");
    }
}

#[tokio::test]
async fn pages_are_full_and_the_last_has_no_link() {
    let api = Api::start().await;
    for code in 0..5 {
        api.register("x", code).await;
    }
    for (limit, answers) in [(1, 5), (2, 3), (4, 2), (5, 1), (6, 1)] {
        let followed = follow(&api, &format!("/clients/all?limit={limit}"), "client_id", |answer| answer).await;
        assert_eq!((followed.0.len(), followed.1), (5, answers), "{limit}");
    }
    for limit in ["0", "1001", "x", "", "1.5"] {
        let response = api.get(&format!("/clients/all?limit={limit}")).await;
        assert_eq!(response.status(), 422);
        assert_eq!(body(response).await["detail"][0]["loc"], serde_json::json!(["query", "limit"]));
    }
}

#[tokio::test]
async fn a_client_is_listed_by_its_code() {
    let api = Api::start().await;
    let client = api.register("Boulangerie Morin", 12).await;
    api.register("Café du Port", 13).await;
    assert_eq!(body(api.get("/clients/all?code=12").await).await, serde_json::json!([client]));
    assert_eq!(body(api.get("/clients/all?code=14").await).await, serde_json::json!([]));
    assert_eq!(api.get("/clients/all?code=x").await.status(), 422);
}

#[tokio::test]
async fn children_filtered_by_status_are_paged() {
    let api = Api::start().await;
    let client = ClientRegister { nom: longest_nom(), code: Code::from(1) };
    let client_id = fresh(api.store().register_client(client)).await.client_id;
    let mut active = Vec::new();
    for place in 0..6 {
        let site = SiteRegister { client_id, nom: longest_nom() };
        let site = fresh(api.store().register_site(site)).await;
        let (r#type, numero_serie) = (OptionalText::default(), OptionalText::default());
        let equipement = EquipementRegister { site_id: site.site_id, nom: longest_nom(), r#type, numero_serie };
        let equipement = fresh(api.store().register_equipement(equipement)).await;
        if place % 3 == 0 {
            fresh(api.store().set_equipement_status(equipement.equipement_id, Status::Inactif)).await;
            fresh(api.store().set_site_status(site.site_id, Status::Inactif)).await;
        } else {
            active.push((format!("\"{}\"", site.site_id), format!("\"{}\"", equipement.equipement_id)));
        }
    }
    let (sites, equipements): (Vec<_>, Vec<_>) = active.into_iter().unzip();
    for filter in ["", &format!("client_id={client_id}&")] {
        let path = format!("/sites/all?{filter}status=actif&limit=1");
        assert_eq!(follow(&api, &path, "site_id", |answer| answer).await, (sites.clone(), 4), "{path}");
    }
    let path = "/equipements/all?status=actif&limit=3";
    assert_eq!(follow(&api, path, "equipement_id", |answer| answer).await, (equipements, 2));
}

#[tokio::test]
async fn the_lists_inside_infos_take_a_limit() {
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
async fn every_list_is_searched_by_name_and_paged() {
    let api = Api::start().await;
    let client = ClientRegister { nom: Nom::try_from("Crêperie".to_owned()).expect("a nom"), code: Code::from(1) };
    let client_id = fresh(api.store().register_client(client)).await.client_id;
    for text in ["Crêpes", "CREPES à emporter", "Dépôt", "crêpes"] {
        let nom = Nom::try_from(text.to_owned()).expect("a nom");
        let site = fresh(api.store().register_site(SiteRegister { client_id, nom: nom.clone() })).await;
        let (r#type, numero_serie) = (OptionalText::default(), OptionalText::default());
        let equipement = EquipementRegister { site_id: site.site_id, nom, r#type, numero_serie };
        fresh(api.store().register_equipement(equipement)).await;
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
        let (ids, _) = follow(&api, path, id, |answer| answer).await;
        assert_eq!(ids.len(), found, "{path}");
        assert!(ids.is_sorted_by(|a, b| a < b), "not in order of creation");
        let (one_by_one, answers) = follow(&api, &format!("{path}&limit=1"), id, |answer| answer).await;
        assert_eq!((one_by_one, answers), (ids, found.max(1)), "{path}");
    }
    let long = "n".repeat(257);
    for (query, wrong) in [
        (&format!("nom={long}&limit=0&status=x")[..], &["status", "nom", "limit"][..]),
        ("limit=0&cursor=x", &["limit", "cursor"]),
        // Of which list it would be is not known.
        ("status=x&cursor=x", &["status"]),
    ] {
        let answer = api.get(&format!("/sites/all?{query}")).await;
        assert_eq!(answer.status(), 422, "{query}");
        let violations = body(answer).await;
        let violations = violations["detail"].as_array().expect("violations");
        assert!(violations.iter().map(|violation| &violation["loc"][1]).eq(wrong), "{query}: {violations:?}");
    }
}
