//! `parc import`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{Ended, Parc, failure, run, text};

/// Writes a file with one operation on each line.
fn write(path: &Path, operations: &[Value]) {
    let lines: Vec<_> = operations.iter().map(Value::to_string).collect();
    fs::write(path, lines.join("\n")).expect("a file");
}

/// Returns the registrations of a client with one site, and of équipements there.
fn equipements(count: usize) -> Vec<Value> {
    let mut operations = vec![
        json!({ "op": "register", "kind": "client", "ref": "c", "body": { "nom": "Morin", "code": 12 } }),
        json!({ "op": "register", "kind": "site", "ref": "s", "body": { "client_id": "$c", "nom": "Fournil" } }),
    ];
    operations.extend((0..count).map(|number| {
        json!({ "op": "register", "kind": "equipement", "body": { "site_id": "$s", "nom": format!("Four {number}") } })
    }));
    operations
}

#[tokio::test]
async fn a_file_of_several_batches_is_imported_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, data) = (folder.path().join("parc.jsonl"), folder.path().join("table"));
    write(&file, &equipements(1500));
    let import = async || run(&["import", text(&file), "--data", text(&data)]).await;
    for _ in 0..2 {
        let Ended { status, stdout, stderr } = import().await;
        assert!(status.success(), "{stdout}{stderr}");
        assert_eq!(stdout, "1502 operations carried out, 0 refused\n");
        assert_eq!(stderr, "1000 operations carried out\n");
    }
    let parc = Parc::in_folder(&data).await;
    let sites = reqwest::get(format!("{}/sites/all", parc.url)).await.expect("an answer");
    let sites: Value = serde_json::from_slice(&sites.bytes().await.expect("a body")).expect("JSON");
    assert_eq!(sites[0]["equipements"], 1500);
    parc.interrupt().await;
    assert!(run(&["verify", "--data", text(&data)]).await.status.success());
    // The same lines from a file that was changed.
    let mut changed = equipements(1500);
    changed[0]["body"]["code"] = 13.into();
    write(&file, &changed);
    let error = failure(&["import", text(&file), "--data", text(&data)]).await;
    assert!(error.starts_with("the lines from 1 on: ") && error.contains("a file parc.jsonl less than 24"), "{error}");
}

#[tokio::test]
async fn refused_lines_are_printed_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let [file, refused, data] = ["parc.jsonl", "refused.jsonl", "table"].map(|name| folder.path().join(name));
    let mut operations = equipements(1);
    operations.push(json!({ "op": "register", "kind": "client", "ref": "d", "body": { "nom": "Petit", "code": 12 } }));
    operations.push(json!({ "op": "register", "kind": "client", "body": { "nom": 7, "code": 13 } }));
    write(&file, &operations);
    let options = ["import", text(&file), "--data", text(&data), "--refused", text(&refused)];
    let dry = run(&[&options[..], &["--dry-run"]].concat()).await;
    assert!(dry.stdout.ends_with("3 operations would be carried out, 2 would be refused\n"), "{}", dry.stdout);
    let Ended { status, stdout, .. } = run(&options).await;
    assert_eq!(status.code(), Some(1));
    let expected = "line 4: 409 Le code 12 est déjà attribué\n\
                    line 5: 422 nom: Input should be a valid string\n\
                    3 operations carried out, 2 refused\n";
    assert_eq!(stdout, expected);
    let kept = fs::read_to_string(&refused).expect("a file");
    assert_eq!(
        kept.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect::<Vec<Value>>(),
        operations[3..]
    );
}

#[tokio::test]
async fn references_reach_across_batches() {
    let folder = tempfile::tempdir().expect("a folder");
    let [file, refused, data] = ["parc.jsonl", "refused.jsonl", "table"].map(|name| folder.path().join(name));
    let mut operations = equipements(1200);
    // The code is taken, and more than one batch refers to the client that is not registered.
    let taken = json!({ "op": "register", "kind": "client", "ref": "t", "body": { "nom": "Petit", "code": 12 } });
    operations.insert(1, taken);
    let site = json!({ "op": "register", "kind": "site", "ref": "u", "body": { "client_id": "$t", "nom": "Dépôt" } });
    operations.push(site.clone());
    operations.push(json!({ "op": "update", "kind": "site", "body": { "site_id": "$s", "nom": "" } }));
    write(&file, &operations);
    let options = ["import", text(&file), "--data", text(&data), "--refused", text(&refused)];
    let Ended { stdout, .. } = run(&options).await;
    let expected = "line 2: 409 Le code 12 est déjà attribué\n\
                    line 1204: 404 Client introuvable\n\
                    line 1205: 422 nom: String should have at least 1 character\n\
                    1202 operations carried out, 3 refused\n";
    assert_eq!(stdout, expected);
    // Corrected, the refused lines are a file of their own.
    let kept = fs::read_to_string(&refused).expect("a file");
    fs::write(&refused, kept.replace("\"code\":12", "\"code\":13").replace("\"nom\":\"\"", "\"nom\":\"Quai\""))
        .expect("a file");
    assert_eq!(
        run(&["import", text(&refused), "--data", text(&data)]).await.stdout,
        "3 operations carried out, 0 refused\n"
    );

    operations.push(site);
    write(&file, &operations);
    let repeated = run(&["import", text(&file), "--data", text(&data.join("other"))]).await;
    assert!(repeated.stderr.ends_with("error: line 1206: its ref u is that of line 1204\n"), "{}", repeated.stderr);
}

#[tokio::test]
async fn a_file_that_cannot_be_imported_is_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, data) = (folder.path().join("parc.jsonl"), folder.path().join("table"));
    let options = ["import", text(&file), "--data", text(&data)];
    assert!(failure(&options).await.starts_with("cannot read "));
    fs::write(&file, "{}\n{").expect("a file");
    assert!(failure(&options).await.starts_with("line 2 is not JSON: EOF while parsing an object at column 1"));
    let no_export = failure(&["import", text(folder.path())]).await;
    assert!(
        no_export.contains(" has no manifest.json: it is not an export, or one that did not finish; "),
        "{no_export}"
    );
    let onto_itself = [&options[..], &["--refused", text(&file)]].concat();
    assert!(failure(&onto_itself).await.contains("name another file"));
    assert_eq!(fs::read_to_string(&file).expect("a file"), "{}\n{");
    write(&file, &[json!({ "op": "register", "kind": "site", "body": { "client_id": "$x", "nom": "Fournil" } })]);
    let Ended { stderr, .. } = run(&options).await;
    let unknown = "line 1: client_id: Input should be $ and the ref of an earlier register operation of kind client";
    assert!(stderr.contains(unknown), "{stderr}");
    write(&file, &equipements(1000));
    let dry = [&options[..], &["--dry-run"]].concat();
    let Ended { stderr, .. } = run(&dry).await;
    assert!(stderr.ends_with("error: a dry run takes one batch: at most 1000 lines and 512 KiB\n"), "{stderr}");
}
