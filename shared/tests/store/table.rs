//! The table and its layout.

use shared::store::{Database, Settings, TableError};
use testkit::embedded::Embedded;
use testkit::raw::{RawTable, number, text};
use testkit::template;

use crate::support::{fresh, register};

async fn table() -> (Embedded, Database, RawTable) {
    let engine = Embedded::in_memory().expect("an engine");
    let database = engine.table().await.expect("a table");
    let raw = RawTable::new(engine.url());
    (engine, database, raw)
}

fn layout(result: Result<(), TableError>) -> Option<(u32, u32)> {
    match result {
        Err(TableError::Layout { found, needed, .. }) => Some((found, needed)),
        Ok(()) => None,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_table_is_created_once_and_records_its_layout() {
    let (engine, database, raw) = table().await;
    assert_eq!(raw.item(["LAYOUT", "LAYOUT"]).await.expect("an item")["layout"], number(3));
    fresh(database.for_command().register_client(register(1))).await;
    assert_eq!(layout(database.create_table(&template::table().expect("a definition")).await), None);
    let again = Database::connect(Settings::for_endpoint("parc", engine.url())).expect("a connection");
    assert_eq!(layout(again.check_layout().await), None);
}

#[tokio::test]
async fn a_table_of_another_layout_is_refused() {
    let (_engine, database, raw) = table().await;
    raw.set(["LAYOUT", "LAYOUT"], "layout", number(4)).await;
    assert_eq!(layout(database.check_layout().await), Some((4, 3)));
    assert_eq!(layout(database.create_table(&template::table().expect("a definition")).await), Some((4, 3)));
}

#[tokio::test]
async fn an_unmarked_older_table_is_refused_unchanged() {
    let (_engine, database, raw) = table().await;
    fresh(database.for_command().register_client(register(1))).await;
    raw.delete(["LAYOUT", "LAYOUT"]).await;
    let client = raw.items().await.into_iter().find(|item| item["SK"] == text("CLIENT")).expect("a client");
    let key = [client["PK"].as_s().expect("a text").as_str(), "CLIENT"];
    // Layout 1 had no separate version for counters.
    raw.remove(key, "counts_version").await;
    assert_eq!(layout(database.check_layout().await), Some((1, 3)));
    assert!(raw.item(["LAYOUT", "LAYOUT"]).await.is_none());
}

#[tokio::test]
async fn an_unmarked_table_with_current_items_is_accepted() {
    let (_engine, database, raw) = table().await;
    raw.delete(["LAYOUT", "LAYOUT"]).await;
    fresh(database.for_command().register_client(register(1))).await;
    assert_eq!(layout(database.check_layout().await), None);
    assert_eq!(raw.item(["LAYOUT", "LAYOUT"]).await.expect("an item")["layout"], number(3));
}
