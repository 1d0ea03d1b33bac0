//! The table itself.

use local::embedded::Embedded;
use local::template;
use shared::models::{Filter, Folded, Part};
use shared::store::{Settings, Store, TableDefinition};

use crate::support::{all, register};

#[tokio::test]
async fn a_table_from_before_an_index_gets_it_and_keeps_what_it_has() {
    let engine = Embedded::in_memory().await.expect("an engine");
    let store = Store::connect(Settings::for_endpoint("parc", engine.url())).expect("a store");
    let mut old = template::template().expect("the template")["Resources"]["Table"]["Properties"].take();
    old["GlobalSecondaryIndexes"].as_array_mut().expect("indexes").pop();
    old["AttributeDefinitions"].as_array_mut().expect("attributes").pop();
    let old: TableDefinition = serde_json::from_value(old).expect("a table");
    assert!(store.create_table(&old).await.expect("a table"));
    let client = store.register_client(register(1)).await.expect("a client");

    let now = template::table().expect("a table");
    for _ in 0..2 {
        assert!(!store.create_table(&now).await.expect("a table"));
        let named = Filter { status: None, nom: Some(Folded::of("boul")) };
        let found = store.clients(&named, Part::ALL).await.expect("a list");
        assert_eq!(all(found).await, std::slice::from_ref(&client));
    }
}
