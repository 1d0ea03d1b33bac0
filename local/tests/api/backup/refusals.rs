//! Folders and tables that are refused.

use std::fs;

use testkit::raw::number;

use super::{Backup, export, import};
use crate::copy::{TARGET, Tables, sorted};
use crate::verify::key;

#[tokio::test]
async fn a_target_with_other_items_is_refused() {
    let backup = Backup::exported().await;
    let target = &backup.tables.target;
    let source = backup.tables.source();
    let client = backup.tables.fixture.client_key();
    target.put(source.item(key(&client)).await.expect("a client")).await;
    target.set(key(&client), "nom", testkit::raw::text("Autre")).await;
    target.set(["OTHER", "OTHER"], "x", number(1)).await;
    let before = sorted(target.items().await);
    for options in [&[][..], &["--dry-run"]] {
        let refused = backup.import(options).await;
        assert!(
            refused.error().starts_with("2 items are not those of the export in table cible"),
            "{}",
            refused.error()
        );
        assert!(refused.error().contains("; nothing was written: import into an empty table"), "{}", refused.error());
        refused.assert_prints(&format!("item {} CLIENT: is not that of the export", client[0]));
        refused.assert_prints("item OTHER OTHER: is not that of the export");
        assert_eq!(sorted(target.items().await), before);
    }
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let backup = Backup::exported().await;
    let items = backup.tables.source().items().await.len();
    let target = &backup.tables.target;
    target.delete(["LAYOUT", "LAYOUT"]).await;
    let dry = backup.import(&["--dry-run"]).await;
    dry.assert_success();
    dry.assert_prints(&format!("0 items are equal, {items} would be written"));
    assert_eq!(target.items().await, []);
    let data = backup.folder.path().join("table");
    let dry = import(&backup.path(), &["--dry-run", "--data", data.to_str().expect("text")]).await;
    dry.assert_success();
    dry.assert_prints(&format!("the table does not exist: it would be created, and {items} items written"));
    assert!(!data.exists());
}

#[tokio::test]
async fn an_import_does_not_create_the_table_of_an_endpoint() {
    let backup = Backup::exported().await;
    let url = backup.tables.fixture.api.endpoint();
    for options in [&[][..], &["--dry-run"]] {
        let options = [&["--endpoint", url, "--table", "lost"], options].concat();
        let refused = import(&backup.path(), &options).await;
        assert!(refused.error().starts_with(&format!("there is no table lost at {url}")), "{}", refused.error());
    }
    let refused = import(&backup.path(), &["--memory"]).await;
    assert!(refused.error().starts_with("a table in memory is new and empty"), "{}", refused.error());
}

#[tokio::test]
async fn folders_that_cannot_be_used_are_refused() {
    let tables = Tables::new().await;
    let endpoint = ["--endpoint", tables.fixture.api.endpoint()];
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let not_empty = export(folder.path(), &endpoint).await;
    assert!(not_empty.error().ends_with(" is not empty; export to a new or an empty folder"), "{}", not_empty.error());
    let no_folder = export(&file, &endpoint).await;
    assert!(no_folder.error().ends_with(" is a file; export to a new or an empty folder"), "{}", no_folder.error());
    let new = folder.path().join("new");
    let lost = export(&new, &[&endpoint[..], &["--table", "lost"]].concat()).await;
    assert!(lost.error().starts_with("there is no table lost"), "{}", lost.error());
    assert!(!new.exists());
    let refused = import(folder.path(), &[&endpoint[..], &["--table", TARGET, "--refused", "x"]].concat()).await;
    let expected = " is a folder: its items are restored as they are, and none is refused; omit --refused";
    assert!(refused.error().ends_with(expected), "{}", refused.error());
}
