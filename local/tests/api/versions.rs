//! Entity tags, `If-None-Match` and `If-Match`.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::Method;
use serde_json::json;

use crate::entities::{Entities, id, renamed, send, tag, version};
use crate::support::body;

#[tokio::test]
async fn every_answer_about_an_entity_has_a_tag() {
    let entities = Entities::new().await;
    for (kind, entity) in entities.all() {
        let path = format!("/{kind}s/{}", id(kind, entity));
        for path in [format!("{path}/infos"), format!("{path}/infos?limit=1")] {
            assert_eq!(version(&tag(&entities.api.get(&path).await)), 1, "{path}");
        }
        for path in [format!("/{kind}s/all"), format!("/{kind}s/all?nom=f"), format!("{path}/historique")] {
            let tag = tag(&entities.api.get(&path).await);
            assert!(tag.len() == 34 && !tag.contains('-'), "{path}: {tag}");
        }
        let update = renamed(entity, "Autre");
        let updated = send(&entities.api, Method::PUT, &format!("/{kind}s/update"), Some(update), &[]).await;
        assert_eq!(version(&tag(&updated)), 2);
        let deactivated = send(&entities.api, Method::DELETE, &path, None, &[]).await;
        assert!(!deactivated.headers().contains_key("etag"), "`true` is not an entity");
        let reactivated = send(&entities.api, Method::POST, &format!("{path}/reactivate"), None, &[]).await;
        assert_eq!(version(&tag(&reactivated)), 4);
    }
}

#[tokio::test]
async fn children_and_counters_do_not_change_a_version() {
    let entities = Entities::new().await;
    let site = json!({ "client_id": entities.client["client_id"], "nom": "Dépôt" });
    entities.api.post("/sites/register", site.to_string()).await;
    for (kind, entity) in &entities.all()[..2] {
        let answer = entities.api.get(&format!("/{kind}s/{}/infos", id(kind, entity))).await;
        assert_eq!(version(&tag(&answer)), 1, "{kind}");
    }
}

#[tokio::test]
async fn a_matching_if_none_match_gets_304() {
    let entities = Entities::new().await;
    let client = id("client", &entities.client);
    entities.api.register("Café du Port", 13).await;
    for path in [
        format!("/clients/{client}/infos"),
        format!("/clients/{client}/historique"),
        "/clients/all?limit=1".to_owned(),
        "/docs".to_owned(),
        "/openapi.json".to_owned(),
    ] {
        for encoding in ["identity", "gzip"] {
            let get = async |known: &str| {
                let headers = [("accept-encoding", encoding), ("if-none-match", known)];
                send(&entities.api, Method::GET, &path, None, &headers).await
            };
            let answer = get("\"other\"").await;
            assert_eq!(answer.status(), 200);
            let tag = tag(&answer);
            for known in [tag.clone(), format!("W/{tag}"), format!("\"a\", {tag}"), "*".to_owned()] {
                let unchanged = get(&known).await;
                assert_eq!(unchanged.status(), 304, "{path} {known}");
                for header in ["etag", "vary", "link", "cache-control", "x-content-type-options"] {
                    assert_eq!(unchanged.headers().get(header), answer.headers().get(header), "{path} {header}");
                }
                assert!(!unchanged.headers().contains_key("content-type"));
                assert!(!unchanged.headers().contains_key("content-encoding"));
                assert_eq!(unchanged.bytes().await.expect("a body"), "");
            }
            for malformed in [tag.trim_matches('"').to_owned(), format!("{tag} x"), String::new()] {
                assert_eq!(get(&malformed).await.status(), 200, "{malformed}");
            }
        }
    }
    let missing = send(&entities.api, Method::GET, "/clients/x/infos", None, &[("if-none-match", "*")]).await;
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn a_compressed_answer_has_its_own_tag() {
    let entities = Entities::new().await;
    let long = "n".repeat(250);
    for code in 20..60 {
        entities.api.register(&long, code).await;
    }
    let client = id("client", &entities.client).to_owned();
    for _ in 0..50 {
        let site = json!({ "client_id": client, "nom": long });
        entities.api.post("/sites/register", site.to_string()).await;
    }
    for path in ["/clients/all".to_owned(), format!("/clients/{client}/infos")] {
        let get = async |encoding: &str, known: &str| {
            let headers = [("accept-encoding", encoding), ("if-none-match", known)];
            send(&entities.api, Method::GET, &path, None, &headers).await
        };
        let (plain, compressed) = (get("identity", "").await, get("gzip", "").await);
        let (tag, gzip_tag) = (tag(&plain), tag(&compressed));
        assert_eq!(gzip_tag, format!("{}-gzip\"", tag.trim_end_matches('"')));
        for answer in [&plain, &compressed] {
            assert_eq!(answer.headers()["vary"], "Accept-Encoding");
        }
        // A tag matches in its own encoding only.
        for (encoding, known, status) in
            [("identity", &tag, 304), ("gzip", &gzip_tag, 304), ("identity", &gzip_tag, 200), ("gzip", &tag, 200)]
        {
            assert_eq!(get(encoding, known).await.status(), status, "{path} {encoding} {known}");
        }
        let (plain, compressed) = (plain.bytes().await.expect("a body"), compressed.bytes().await.expect("a body"));
        let mut text = Vec::new();
        GzDecoder::new(&compressed[..]).read_to_end(&mut text).expect("gzip");
        assert_eq!(text, plain);
    }
    // The tag of any answer about the client is accepted for an update.
    let infos = format!("/clients/{client}/infos");
    let read = send(&entities.api, Method::GET, &infos, None, &[("accept-encoding", "gzip")]).await;
    let update = Some(renamed(&entities.client, "Autre"));
    let updated = send(&entities.api, Method::PUT, "/clients/update", update, &[("if-match", &tag(&read))]).await;
    assert_eq!(updated.status(), 200);
}

#[tokio::test]
async fn a_stale_if_match_is_refused() {
    let entities = Entities::new().await;
    let (api, names) = (&entities.api, ["Le client", "Le site", "L'équipement"]);
    for ((kind, entity), name) in entities.all().into_iter().zip(names) {
        let path = format!("/{kind}s/{}", id(kind, entity));
        let infos = format!("{path}/infos");
        let first = tag(&api.get(&infos).await);
        let list = tag(&api.get(&format!("/{kind}s/all")).await);
        let update = async |nom: &str, tag: &str| {
            let update = Some(renamed(entity, nom));
            send(api, Method::PUT, &format!("/{kind}s/update"), update, &[("if-match", tag)]).await
        };
        let second = update("Deux", &first).await;
        assert_eq!(second.status(), 200);
        let second = tag(&second);
        let stale = [first.as_str(), &list, &format!("W/{second}"), "\"2\"", "\"02-x\"", "\"1-a\", \"3-a\""];
        for stale in stale {
            for refused in [
                update("Trois", stale).await,
                // The tag is checked even if nothing would change.
                update("Deux", stale).await,
                send(api, Method::DELETE, &path, None, &[("if-match", stale)]).await,
                send(api, Method::POST, &format!("{path}/reactivate"), None, &[("if-match", stale)]).await,
            ] {
                assert_eq!(refused.status(), 412, "{kind} {stale}");
                assert_eq!(tag(&refused), second);
                assert_eq!(refused.headers()["cache-control"], "no-store");
                let detail = format!(
                    "{name} a changé depuis votre lecture (version 2) ; relisez-le et renvoyez votre modification"
                );
                assert_eq!(body(refused).await, json!({ "detail": detail }));
            }
        }
        assert_eq!(body(api.get(&infos).await).await["nom"], "Deux");
        for current in ["*", "\"2-x\"", "\"9-a\" ,, \"2-b-gzip\""] {
            let unchanged = update("Deux", current).await;
            assert_eq!((unchanged.status().as_u16(), tag(&unchanged)), (200, second.clone()), "{current}");
        }
        assert_eq!(send(api, Method::DELETE, &path, None, &[("if-match", &second)]).await.status(), 200);
        let reactivate = format!("{path}/reactivate");
        assert_eq!(send(api, Method::POST, &reactivate, None, &[("if-match", &second)]).await.status(), 412);
        assert_eq!(send(api, Method::POST, &reactivate, None, &[("if-match", "\"3-\"")]).await.status(), 200);
    }
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn status_404_precedes_412_and_412_precedes_409() {
    let entities = Entities::new().await;
    let (api, other) = (&entities.api, entities.api.register("Café du Port", 13).await);
    let unknown = json!({ "client_id": "019a5a1e-3c08-7000-8000-000000000001", "nom": "x", "code": 13 });
    for (update, tag, status) in [
        (unknown, "\"7-a\"", 404),
        (json!({ "client_id": other["client_id"], "nom": "x", "code": 12 }), "\"7-a\"", 412),
        (json!({ "client_id": other["client_id"], "nom": "x", "code": 12 }), "\"1-a\"", 409),
    ] {
        let answer = send(api, Method::PUT, "/clients/update", Some(update), &[("if-match", tag)]).await;
        assert_eq!(answer.status(), status);
    }
}

#[tokio::test]
async fn invalid_headers_and_fields_are_reported_together() {
    let entities = Entities::new().await;
    let headers = [("if-match", "2-x"), ("idempotency-key", "deux mots")];
    let answer = send(&entities.api, Method::PUT, "/clients/update", Some(json!({ "nom": "" })), &headers).await;
    assert_eq!(answer.status(), 422);
    let answer = body(answer).await;
    let violations = answer["detail"].as_array().expect("violations").iter();
    let found: Vec<_> = violations.map(|violation| (violation["loc"].clone(), violation["type"].clone())).collect();
    let violation = |loc: [&str; 2], kind: &str| (json!(loc), json!(kind));
    let expected = [
        violation(["header", "if-match"], "if_match_invalid"),
        violation(["header", "idempotency-key"], "idempotency_key_invalid"),
        violation(["body", "client_id"], "missing"),
        violation(["body", "nom"], "string_too_short"),
        violation(["body", "code"], "missing"),
    ];
    assert_eq!(found, expected);
    // A body that is not JSON is reported alone.
    let broken = entities.api.request(Method::PUT, "/clients/update").header("if-match", "2-x").body("{");
    let broken = body(broken.send().await.expect("an answer")).await;
    assert_eq!(broken["detail"].as_array().map(Vec::len), Some(1));
    assert_eq!(broken["detail"][0]["type"], "json_invalid");
    // The header is checked before the entity is read.
    let unknown = send(&entities.api, Method::DELETE, "/clients/x", None, &[("if-match", "x")]).await;
    assert_eq!(unknown.status(), 422);
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing() {
    let entities = Entities::new().await;
    let before = entities.api.raw().items().await;
    let (through, proxy) = entities.api.behind(Vec::new()).await;
    for (kind, entity) in entities.all() {
        let current = entities.api.get(&format!("/{kind}s/{}/infos", id(kind, entity))).await;
        let update = renamed(entity, entity["nom"].as_str().expect("a nom"));
        let update = send(&through, Method::PUT, &format!("/{kind}s/update"), Some(update), &[]).await;
        assert_eq!(version(&tag(&update)), version(&tag(&current)), "{kind}");
    }
    assert!(proxy.take_calls().iter().all(|call| call.operation != "TransactWriteItems"));
    assert_eq!(entities.api.raw().items().await, before);
}

#[tokio::test]
async fn a_write_ignores_if_none_match() {
    let entities = Entities::new().await;
    let update = renamed(&entities.client, "Autre");
    let headers = [("if-none-match", "*")];
    let updated = send(&entities.api, Method::PUT, "/clients/update", Some(update), &headers).await;
    assert_eq!(updated.status(), 200);
    assert_eq!(body(updated).await["nom"], "Autre");
}

#[tokio::test]
async fn answers_have_cache_headers() {
    let entities = Entities::new().await;
    for (path, expected) in
        [("/clients/all", "private, no-cache"), ("/clients/x/infos", "no-store"), ("/docs", "private, no-cache")]
    {
        let answer = entities.api.get(path).await;
        assert_eq!(answer.headers()["cache-control"], expected, "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
    }
}
