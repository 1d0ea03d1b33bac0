//! `parc export`, and `parc import` of what it wrote.

mod damage;
mod disturbed;
mod forms;
mod refusals;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::copy::{TARGET, Tables};
use crate::entities::send;
use crate::process::Ended;
use crate::verify::post;

/// A table with items, an empty one, and a folder to export to.
struct Backup {
    tables: Tables,
    folder: TempDir,
}

impl Backup {
    /// Fills the table with entities that were changed, moved and deactivated, and with answers of requests and batches.
    async fn new() -> Self {
        let tables = Tables::new().await;
        tables.grow().await;
        let (api, client, site) = (&tables.fixture.api, &tables.fixture.client, &tables.fixture.site);
        for (code, nom) in [(i64::MIN, "🥐 \u{1f9d1}\u{200d}\u{1f33e}"), (i64::MAX, "L\"Été\\\u{2028}\u{7}/")] {
            api.register(nom, code).await;
        }
        let renamed = json!({ "client_id": client, "nom": "Morin & fils", "code": -12 });
        assert_eq!(api.send(Method::PUT, "/clients/update", renamed.to_string()).await.status(), 200);
        let other = post(api, "/sites/register", json!({ "client_id": client, "nom": "Dépôt" })).await;
        let mut operations = vec![
            json!({ "op": "register", "kind": "equipement", "ref": "e", "body": { "site_id": site, "nom": "Étuve", "type": "cuisson" } }),
            json!({ "op": "update", "kind": "equipement", "body": { "equipement_id": "$e", "site_id": other["site_id"], "nom": "Étuve" } }),
        ];
        operations.extend((0..80).map(|number| {
            let body = json!({ "site_id": site, "nom": format!("Four {number}"), "numero_serie": "0" });
            json!({ "op": "register", "kind": "equipement", "body": body })
        }));
        operations.push(json!({ "op": "deactivate", "kind": "site", "body": { "site_id": site } }));
        let body = json!({ "operations": operations });
        let answer = send(api, Method::POST, "/lot", Some(body), &[("idempotency-key", "batch")]).await;
        assert_eq!(answer.status(), 200);
        let parts = tables.source().items().await.into_iter();
        let parts = parts.filter(|item| item["SK"].as_s().is_ok_and(|sort| sort.starts_with("RETRY#"))).count();
        assert!(parts > 1, "the answer of the batch has too few parts");
        Self { tables, folder: tempfile::tempdir().expect("a folder") }
    }

    /// Returns the folder of the export.
    fn path(&self) -> PathBuf {
        self.folder.path().join("export")
    }

    /// Exports the table that has items.
    async fn exported() -> Self {
        let backup = Self::new().await;
        backup.export().await.assert_success();
        backup
    }

    async fn export(&self) -> Ended {
        export(&self.path(), &["--endpoint", self.tables.fixture.api.endpoint()]).await
    }

    /// Imports into the other table.
    async fn import(&self, options: &[&str]) -> Ended {
        let target = ["--endpoint", self.tables.fixture.api.endpoint(), "--table", TARGET];
        import(&self.path(), &[&target[..], options].concat()).await
    }
}

fn command(name: &str, folder: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parc"));
    command.arg(name).arg(folder).args(options).kill_on_drop(true);
    command
}

async fn export(folder: &Path, options: &[&str]) -> Ended {
    Ended::of(command("export", folder, options).output().await.expect("an output"))
}

async fn import(folder: &Path, options: &[&str]) -> Ended {
    Ended::of(command("import", folder, options).output().await.expect("an output"))
}

/// Returns the files of a folder.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    entries.map(|path| (name(&path), fs::read_to_string(&path).expect("text"))).collect()
}

/// Returns the lines of a file of an export.
fn lines(folder: &Path, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(name)).expect("a file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn an_imported_table_is_equal_byte_for_byte() {
    let backup = Backup::exported().await;
    let items = backup.tables.source().items().await.len();
    let imported = backup.import(&[]).await;
    imported.assert_success();
    backup.tables.assert_equal().await;
    // The layout item of the target was equal.
    imported.assert_prints(&format!("1 items were equal, {} written", items - 1));
    let again = backup.import(&[]).await;
    again.assert_success();
    again.assert_prints(&format!("{items} items were equal, 0 written"));
}

#[tokio::test]
async fn exports_of_equal_tables_are_identical() {
    let backup = Backup::exported().await;
    let [data, again] = ["table", "again"].map(|name| backup.folder.path().join(name));
    let data = data.to_str().expect("text");
    import(&backup.path(), &["--data", data]).await.assert_success();
    let exported = export(&again, &["--data", data]).await;
    exported.assert_success();
    let files = files(&again);
    assert_eq!(files, self::files(&backup.path()));
    assert_eq!(files.len(), 6);
    for (name, text) in files.iter().filter(|(name, _)| *name != "manifest.json") {
        exported.assert_prints(&format!("{} lines in {name}", text.lines().count()));
    }
}

#[tokio::test]
async fn damaged_items_are_restored_as_they_were() {
    let backup = Backup::new().await;
    let fixture = &backup.tables.fixture;
    let source = backup.tables.source();
    source.delete(crate::verify::key(&fixture.copy_key())).await;
    source.remove(crate::verify::key(&fixture.client_key()), "code").await;
    backup.export().await.assert_success();
    backup.import(&[]).await.assert_success();
    backup.tables.assert_equal().await;
}
