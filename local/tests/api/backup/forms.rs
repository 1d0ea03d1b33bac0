//! The files of an export.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use reqwest::Method;
use serde_json::json;
use testkit::Proxy;
use testkit::raw::{AttributeValue, number, text};

use super::{Backup, export, lines};
use crate::copy::Tables;
use crate::copy::faults::units;
use crate::verify::{key, post};

#[tokio::test]
async fn only_the_owner_can_read_an_export() {
    let backup = Backup::new().await;
    // Without this, the mode of the folder would be that of the test.
    fs::create_dir(backup.path()).expect("a folder");
    fs::set_permissions(backup.path(), fs::Permissions::from_mode(0o755)).expect("a folder");
    backup.export().await.assert_success();
    let mode = |path: &std::path::Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&backup.path()), 0o700);
    for entry in fs::read_dir(backup.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn entities_are_in_order_of_creation() {
    let tables = Tables::new().await;
    let backup = Backup { tables, folder: tempfile::tempdir().expect("a folder") };
    let api = &backup.tables.fixture.api;
    let second = api.register("Petit", 13).await;
    // In the order of the keys, the sites of a client follow each other.
    for (nom, client) in
        [("A", &second["client_id"]), ("B", &json!(backup.tables.fixture.client)), ("C", &second["client_id"])]
    {
        post(api, "/sites/register", json!({ "client_id": client, "nom": nom })).await;
    }
    let source = backup.tables.source();
    source.set(["OTHER", "OTHER"], "x", number(1)).await;
    source.set(["CLIENT#0", "CLIENT"], "x", AttributeValue::L(vec![text("a")])).await;
    let renamed = json!({ "client_id": second["client_id"], "nom": "Petit et fils", "code": 13 });
    assert_eq!(api.send(Method::PUT, "/clients/update", renamed.to_string()).await.status(), 200);
    backup.export().await.assert_success();
    let values = |file: &str, name: &str| -> Vec<_> {
        lines(&backup.path(), file).iter().map(|line| line[name].as_str().unwrap_or_default().to_owned()).collect()
    };
    // A damaged entity is first, because it has no rank.
    assert_eq!(values("clients.jsonl", "nom"), ["", "Boulangerie Morin", "Petit et fils"]);
    assert_eq!(values("sites.jsonl", "nom"), ["Fournil", "A", "B", "C"]);
    assert_eq!(values("equipements.jsonl", "nom"), ["Four"]);
    let kinds = values("history.jsonl", "PK");
    let kinds: Vec<_> = kinds.iter().map(|key| key.split_once('#').expect("a kind").0).collect();
    assert_eq!(kinds, ["CLIENT", "CLIENT", "CLIENT", "EQUIPEMENT", "SITE", "SITE", "SITE", "SITE"]);
    let keys = values("others.jsonl", "PK");
    assert!(keys.is_sorted() && keys.contains(&"OTHER".to_owned()) && keys.contains(&"LAYOUT".to_owned()), "{keys:?}");
}

#[tokio::test]
async fn values_that_a_line_cannot_hold_are_refused() {
    let backup = Backup::new().await;
    let client = &backup.tables.fixture.client_key();
    let source = backup.tables.source();
    for value in [AttributeValue::N("1.5".to_owned()), AttributeValue::Ss(vec!["a".to_owned()])] {
        source.set(key(client), "x", value).await;
        let refused = backup.export().await;
        let expected = format!(
            "item {} CLIENT: attribute x has a value that a line of JSON cannot hold, and that parc never writes; \
             correct or remove the attribute, and run this command again",
            client[0]
        );
        assert_eq!(refused.error(), expected);
    }
    source.remove(key(client), "x").await;
    backup.export().await.assert_success();
}

#[tokio::test]
async fn printed_units_are_those_of_two_consistent_scans() {
    let backup = Backup::new().await;
    let proxy = Proxy::start(backup.tables.fixture.api.endpoint(), vec![]).await;
    let exported = export(&backup.path(), &["--endpoint", proxy.url()]).await;
    exported.assert_success();
    let calls = proxy.take_calls();
    let is_consistent = |call: &&testkit::Call| call.request["ConsistentRead"] == json!(true);
    assert_eq!(calls.iter().filter(|call| call.operation == "Scan").filter(is_consistent).count(), 2);
    exported.assert_prints(&format!("the export consumed {:.1} read units", units(&calls, "Scan")));
}
