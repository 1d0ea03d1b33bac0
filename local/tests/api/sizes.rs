//! Lists and pages that one response cannot carry.

use reqwest::Method;
use reqwest::header::LINK;
use serde_json::Value;
use shared::models::{ClientRegister, Code, EquipementRegister, OptionalText, SiteRegister};
use testkit::raw::text;
use testkit::{fresh, inputs};

use crate::lists::{follow, longest_nom, often};
use crate::support::Api;

#[tokio::test]
async fn a_list_too_large_for_one_response_is_paged() {
    let api = Api::start().await;
    let nom = longest_nom();
    // Each takes 2,000 bytes of the answer.
    often(3_500, async |code| {
        api.store().register_client(ClientRegister { nom: nom.clone(), code: Code::from(code) }).await
    })
    .await;
    let (ids, answers) = follow(&api, "/clients/all?status=actif", "client_id", |answer| answer).await;
    assert_eq!(answers, 2);
    assert!(ids.is_sorted_by(|a, b| a < b), "not in order of creation, or twice");
    assert_eq!(ids.len(), 3_500);
}

#[tokio::test]
async fn compressed_responses_fit_lambda() {
    let api = Api::start().await;
    // What compression makes the least of.
    let mut rng = fastrand::Rng::with_seed(1);
    let noms: Vec<_> = (0..16_000).map(|_| (0..256).map(|_| rng.alphanumeric()).collect::<String>()).collect();
    api.register("x", 0).await;
    api.raw().copy_client(noms.iter().map(|nom| Some(nom.as_str()))).await;
    let request = api.request(Method::GET, "/clients/all").header("accept-encoding", "gzip");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert!(answer.headers().contains_key(LINK), "all of it fits");
    let headers: usize = answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 6).sum();
    let bytes = answer.bytes().await.expect("a body").len();
    let as_lambda_counts = bytes.div_ceil(3) * 4 + headers + 100;
    assert!((2_000_000..6_291_556).contains(&as_lambda_counts), "{as_lambda_counts}");
}

#[tokio::test]
async fn an_answer_that_gzip_makes_larger_is_sent_as_text() {
    let api = Api::start().await;
    let client = fresh(api.store().register_client(inputs::client("x", 1))).await;
    let site = fresh(api.store().register_site(inputs::site(client.client_id, "x"))).await;
    fresh(api.store().register_equipement(inputs::equipement(site.site_id, "x"))).await;
    // Gzip takes less off than base64 adds.
    let mut rng = fastrand::Rng::with_seed(1);
    let mut random = || text((0..256).map(|_| rng.alphanumeric()).collect::<String>());
    let partition = text(format!("SITE#{}", site.site_id));
    let items = api.raw().items().await;
    let copy = items.iter().find(|item| item["PK"] == partition && item.contains_key("nom")).expect("a copy");
    let copies = (0..7_500).map(|number| {
        let mut item = copy.clone();
        let rank = format!("019a5a1e-3c08-7000-8000-{number:012}");
        item.extend([("SK", text(format!("EQUIPEMENT#{rank}")))].map(|(name, value)| (name.to_owned(), value)));
        item.extend(["nom", "type", "numero_serie"].map(|name| (name.to_owned(), random())));
        item
    });
    api.raw().put_all(copies.collect::<Vec<_>>()).await;
    let path = format!("/sites/{}/infos", site.site_id);
    let answer = api.request(Method::GET, &path).header("accept-encoding", "gzip").send().await.expect("an answer");
    assert_eq!(answer.headers().get("content-encoding"), None);
    assert_eq!(answer.headers()["vary"], "Accept-Encoding");
    let text = answer.text().await.expect("a text");
    let as_gzip = shared::http::gzip(&text).len().div_ceil(3) * 4;
    let as_text = Value::String(text).to_string().len();
    assert!(as_text < 6_291_556 && 6_291_556 < as_gzip, "{as_text} bytes as text, {as_gzip} as gzip");
}

#[tokio::test]
async fn children_too_large_for_one_response_are_paged() {
    let api = Api::start().await;
    let client = ClientRegister { nom: longest_nom(), code: Code::from(1) };
    let client_id = fresh(api.store().register_client(client)).await.client_id;
    let site = fresh(api.store().register_site(SiteRegister { client_id, nom: longest_nom() })).await;
    let texte = OptionalText::try_from(Some("\u{1}".repeat(256))).expect("a text");
    let equipement =
        EquipementRegister { site_id: site.site_id, nom: longest_nom(), r#type: texte.clone(), numero_serie: texte };
    // Each takes 5,500 bytes of the site's page.
    often(1_300, async |_| api.store().register_equipement(equipement.clone()).await).await;
    let path = format!("/sites/{}/infos", site.site_id);
    let (ids, answers) = follow(&api, &path, "equipement_id", |answer| &answer["equipements"]).await;
    assert_eq!((ids.len(), answers), (1_300, 2));
    assert!(ids.is_sorted_by(|a, b| a < b), "not in order of creation, or twice");

    // Each takes 1,900 bytes of the client's page.
    let site = SiteRegister { client_id, nom: longest_nom() };
    often(3_200, async |_| api.store().register_site(site.clone()).await).await;
    let path = format!("/clients/{client_id}/infos");
    let (ids, answers) = follow(&api, &path, "site_id", |answer| &answer["sites"]).await;
    assert_eq!((ids.len(), answers), (3_201, 2));
    assert!(ids.is_sorted_by(|a, b| a < b), "not in order of creation, or twice");
    let (ids, answers) = follow(&api, &format!("/sites/all?client_id={client_id}"), "site_id", |answer| answer).await;
    assert_eq!((ids.len(), answers), (3_201, 2));
}
