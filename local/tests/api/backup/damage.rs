//! Exports that were damaged. Nothing of them is written.

use std::fs;
use std::path::Path;

use super::Backup;

/// A change of a folder, and the error of an import.
type Damage = (fn(&Path), &'static str);

const DAMAGES: [Damage; 18] = [
    (|folder| remove(folder, "manifest.json"), "export has no manifest.json: it is not an export, or one that did not"),
    (
        |folder| edit(folder, "manifest.json", |text| text.replace("\"format\": 1", "\"format\": 2")),
        "manifest.json has format 2; this version of parc reads format 1 only",
    ),
    (
        |folder| edit(folder, "manifest.json", |text| text.replace("\"layout\": 3", "\"layout\": 2")),
        "manifest.json has layout 2, and this version needs 3; use the version of parc that",
    ),
    (
        |folder| edit(folder, "manifest.json", |text| text.replace("sites.jsonl", "../sites.jsonl")),
        "manifest.json is damaged: its files are not clients.jsonl, ",
    ),
    (
        |folder| edit(folder, "manifest.json", |text| text.replace("  \"layout\": 3,\n", "")),
        "manifest.json is damaged: missing field `layout` at line ",
    ),
    (
        |folder| edit(folder, "manifest.json", |text| text[..text.len() / 2].to_owned()),
        "manifest.json is damaged: EOF while parsing",
    ),
    (|folder| remove(folder, "sites.jsonl"), "sites.jsonl is missing; use another copy of the export"),
    (
        |folder| fs::write(folder.join("copy.jsonl"), "").expect("a file"),
        "copy.jsonl is not a file of the export; move it",
    ),
    (
        |folder| edit(folder, "equipements.jsonl", |text| text[..text.len() - 50].to_owned()),
        "equipements.jsonl line 122 is cut off: it has no line break",
    ),
    (
        |folder| edit(folder, "clients.jsonl", |text| without_last_line(&text)),
        "clients.jsonl ends after line 3, but has 4 lines in the manifest",
    ),
    (|folder| edit(folder, "others.jsonl", |text| text.clone() + &text), " repeats item "),
    (
        |folder| edit(folder, "clients.jsonl", |text| text.replace("Noël", "Noel")),
        "clients.jsonl has a line that was edited: its SHA-256 is not that of the manifest",
    ),
    (
        |folder| edit(folder, "clients.jsonl", |text| text.replacen("\"sites\":1,", "\"sites\":1.0,", 1)),
        "clients.jsonl line 1 has an attribute sites that no exported item has",
    ),
    (
        |folder| edit(folder, "clients.jsonl", |text| text.replace('\n', "\r\n")),
        "clients.jsonl line 1 is not written as an export writes it",
    ),
    (
        |folder| edit(folder, "history.jsonl", |text| text.replacen('\n', "\n[\n", 2)),
        "history.jsonl line 2 is not JSON: EOF while parsing a list at column 1",
    ),
    (
        |folder| edit(folder, "sites.jsonl", |text| text.replacen('{', "{\"A\":1}\n{", 2)),
        "sites.jsonl line 1 has no PK, or it is not a text",
    ),
    (
        |folder| edit(folder, "others.jsonl", |text| text.replace("\"layout\":3", "\"layout\":4")),
        " is the layout item, but its layout is not 3",
    ),
    (not_utf8, "clients.jsonl line 2 is not UTF-8: invalid utf-8 sequence"),
];

fn remove(folder: &Path, name: &str) {
    fs::remove_file(folder.join(name)).expect("a file");
}

fn edit(folder: &Path, name: &str, change: fn(String) -> String) {
    let path = folder.join(name);
    let text = fs::read_to_string(&path).expect("a file");
    let changed = change(text.clone());
    assert_ne!(changed, text, "{name} was not changed");
    fs::write(path, changed).expect("a file");
}

fn without_last_line(text: &str) -> String {
    text.trim_end().rsplit_once('\n').expect("lines").0.to_owned() + "\n"
}

fn not_utf8(folder: &Path) {
    let path = folder.join("clients.jsonl");
    let mut bytes = fs::read(&path).expect("a file");
    let second = bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    bytes[second + 10] = 0xff;
    fs::write(path, bytes).expect("a file");
}

#[tokio::test]
async fn damaged_exports_are_refused_before_anything_is_written() {
    let mut backup = Backup::exported().await;
    let original = super::files(&backup.path());
    for (index, (damage, expected)) in DAMAGES.into_iter().enumerate() {
        backup.folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(backup.path()).expect("a folder");
        for (name, text) in &original {
            fs::write(backup.path().join(name), text).expect("a file");
        }
        damage(&backup.path());
        // Both check the same.
        let options: &[&str] = if index % 2 == 0 { &[] } else { &["--dry-run"] };
        let refused = backup.import(options).await;
        let error = refused.error();
        assert!(error.contains(expected) && error.ends_with(". Nothing was written"), "{expected:?} is not in {error}");
        assert_eq!(backup.tables.target.items().await.len(), 1, "{expected}");
    }
}

#[tokio::test]
async fn items_that_two_files_have_are_refused() {
    let backup = Backup::exported().await;
    let folder = backup.path();
    fs::copy(folder.join("clients.jsonl"), folder.join("sites.jsonl")).expect("a copy");
    let refused = backup.import(&[]).await;
    assert!(refused.error().contains("sites.jsonl line 1 repeats item CLIENT#"), "{}", refused.error());
}
