//! Lists and pages that do not fit into one response.

use reqwest::Method;
use reqwest::header::LINK;
use serde_json::Value;
use shared::models::{ClientRegister, Code, EquipementRegister, OptionalText, SiteRegister};
use testkit::raw::{RawItem, text};
use testkit::{fresh, inputs};

use crate::lists::{follow, longest_nom};
use crate::support::Api;

/// Size limit of a Lambda function's response, in bytes.
const LAMBDA_LIMIT: usize = 6_291_556;

#[tokio::test]
async fn a_list_too_large_for_one_response_is_paged() {
    let api = Api::start().await;
    let client = ClientRegister { nom: longest_nom(), code: Code::from(0) };
    fresh(api.store().register_client(client)).await;
    // Each takes 2,000 bytes of the answer.
    api.raw().copy_client(std::iter::repeat_n(None, 3_499)).await;
    let (ids, answers) = follow(&api, "/clients/all?status=actif", "client_id", |answer| answer).await;
    assert_eq!((ids.len(), answers), (3_500, 2));
}

#[tokio::test]
async fn a_compressed_list_fits_into_a_response() {
    let api = Api::start().await;
    // Random text compresses worst.
    let mut rng = fastrand::Rng::with_seed(1);
    let noms: Vec<_> = (0..16_000).map(|_| (0..256).map(|_| rng.alphanumeric()).collect::<String>()).collect();
    api.register("x", 0).await;
    api.raw().copy_client(noms.iter().map(|nom| Some(nom.as_str()))).await;
    let request = api.request(Method::GET, "/clients/all").header("accept-encoding", "gzip");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert!(answer.headers().contains_key(LINK), "the whole list fits");
    let headers: usize = answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 6).sum();
    let bytes = answer.bytes().await.expect("a body").len();
    let size_on_lambda = bytes.div_ceil(3) * 4 + headers + 100;
    assert!((2_000_000..LAMBDA_LIMIT).contains(&size_on_lambda), "{size_on_lambda}");
}

#[tokio::test]
async fn an_answer_that_gzip_enlarges_is_sent_as_text() {
    let api = Api::start().await;
    let client = fresh(api.store().register_client(inputs::client("x", 1))).await;
    let site = fresh(api.store().register_site(inputs::site(client.client_id, "x"))).await;
    fresh(api.store().register_equipement(inputs::equipement(site.site_id, "x"))).await;
    // Gzip saves less than base64 adds.
    let mut rng = fastrand::Rng::with_seed(1);
    let mut random = || text((0..256).map(|_| rng.alphanumeric()).collect::<String>());
    let randomise = |copy: &mut RawItem| {
        copy.extend(["nom", "type", "numero_serie"].map(|name| (name.to_owned(), random())));
    };
    api.raw().copy_equipement(7_500, randomise).await;
    let path = format!("/sites/{}/infos", site.site_id);
    let answer = api.request(Method::GET, &path).header("accept-encoding", "gzip").send().await.expect("an answer");
    assert_eq!(answer.headers().get("content-encoding"), None);
    assert_eq!(answer.headers()["vary"], "Accept-Encoding");
    let text = answer.text().await.expect("a text");
    let as_gzip = shared::http::gzip(&text).len().div_ceil(3) * 4;
    let as_text = Value::String(text).to_string().len();
    assert!(as_text < LAMBDA_LIMIT && LAMBDA_LIMIT < as_gzip, "{as_text} bytes as text, {as_gzip} as gzip");
}

#[tokio::test]
async fn children_too_large_for_one_response_are_paged() {
    let api = Api::start().await;
    let client = ClientRegister { nom: longest_nom(), code: Code::from(1) };
    let client_id = fresh(api.store().register_client(client)).await.client_id;
    let site = fresh(api.store().register_site(SiteRegister { client_id, nom: longest_nom() })).await;
    let longest = OptionalText::try_from(Some("\u{1}".repeat(256))).expect("a text");
    let equipement = EquipementRegister {
        site_id: site.site_id,
        nom: longest_nom(),
        r#type: longest.clone(),
        numero_serie: longest,
    };
    fresh(api.store().register_equipement(equipement)).await;
    // Each takes 5,500 bytes of the site's page.
    api.raw().copy_equipement(1_299, |_| {}).await;
    let path = format!("/sites/{}/infos", site.site_id);
    let (ids, answers) = follow(&api, &path, "equipement_id", |answer| &answer["equipements"]).await;
    assert_eq!((ids.len(), answers), (1_300, 2));

    // Each takes 1,900 bytes of the client's page.
    api.raw().copy_site(3_200).await;
    let path = format!("/clients/{client_id}/infos");
    let (ids, answers) = follow(&api, &path, "site_id", |answer| &answer["sites"]).await;
    assert_eq!((ids.len(), answers), (3_201, 2));
    let (ids, answers) = follow(&api, &format!("/sites/all?client_id={client_id}"), "site_id", |answer| answer).await;
    assert_eq!((ids.len(), answers), (3_201, 2));
}
