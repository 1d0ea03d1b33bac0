//! Versions that work.

use std::collections::{BTreeMap, BTreeSet};

use functions::docs::Access;
use functions::routes;
use lambda_simulator::InvocationStatus;
use testkit::raw::{RawItem, RawTable};
use testkit::{TestTable, fresh, inputs};

use crate::aws::Code;
use crate::{Outcome, deploy, name_of, start};

/// Returns a table with one entity of each kind.
async fn table() -> TestTable {
    let table = TestTable::new().await;
    let store = table.store();
    let client = fresh(store.register_client(inputs::client("Café du Port", 12))).await;
    let site = fresh(store.register_site(inputs::site(client.client_id, "Terrasse"))).await;
    fresh(store.register_equipement(inputs::equipement(site.site_id, "Machine à café"))).await;
    table
}

/// Returns every item, by its key.
async fn items(table: &TestTable) -> BTreeMap<String, RawItem> {
    let items = RawTable::new(table.url()).items().await;
    items.into_iter().map(|item| (format!("{:?} {:?}", item["PK"], item["SK"]), item)).collect()
}

/// Returns the name of a function's resource in the template: `ClientsAll` for `clients-all`.
fn resource_of(binary: &str) -> String {
    let capitalized = binary.split('-').map(|word| word[..1].to_ascii_uppercase() + &word[1..]);
    capitalized.collect()
}

#[tokio::test]
async fn every_function_passes_and_changes_nothing() {
    let table = table().await;
    let before = items(&table).await;
    assert!(before.len() > 3, "{before:?}");
    let all = routes(Access::Token);
    for binary in all.iter().map(|route| route.name).collect::<BTreeSet<_>>() {
        let code = start(binary, table.url()).await;
        let Outcome { ended, reports, log } = deploy(&name_of(&resource_of(binary)), code).await;
        assert_eq!((ended, reports), (InvocationStatus::Success, vec!["Succeeded".to_owned()]), "{binary}: {log}");
        assert_eq!(log.lines().count(), 1, "{log}");
        for route in all.iter().filter(|route| route.name == binary) {
            assert!(log.contains(&route.key()) && log.contains(&name_of(&resource_of(binary))), "{log}");
        }
    }
    assert!(items(&table).await == before, "a probe changed the table");
}

#[tokio::test]
async fn a_version_that_is_not_ready_is_invoked_again() {
    let refusals =
        vec![(409, "ResourceConflictException"), (429, "TooManyRequestsException"), (403, "AccessDeniedException")];
    let outcome = deploy(&name_of("ClientsAll"), Code::Refusals(refusals, r#"{"statusCode": 200}"#)).await;
    assert_eq!(outcome.reports, ["Succeeded"], "{}", outcome.log);
}
