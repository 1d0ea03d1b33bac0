//! Errors name the thing, the cause and the remedy.

use std::fs;

use tokio::process::Command;

use super::{Ended, Parc, failure, text};

#[tokio::test]
async fn a_taken_port_is_reported() {
    let parc = Parc::start(&["--memory"]).await;
    let port = parc.url.rsplit(':').next().expect("a port");
    let error = failure(&["--memory", "--port", port]).await;
    assert!(error.starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")), "{error}");
}

#[tokio::test]
async fn a_folder_in_use_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let parc = Parc::in_folder(folder.path()).await;
    let path = text(folder.path());
    let export = folder.path().join("export");
    let file = tempfile::NamedTempFile::new().expect("a file");
    let commands: [&[&str]; 5] = [
        &["--port", "0"],
        &["verify"],
        &["verify", "--repair"],
        &["export", text(&export)],
        &["import", text(file.path())],
    ];
    for command in commands {
        let error = failure(&[command, &["--data", path]].concat()).await;
        assert!(error.starts_with(&format!("{path} is in use by another parc")), "{error}");
    }
    assert_eq!(parc.register(12).await, Some(12));
}

#[tokio::test]
async fn an_invalid_endpoint_is_reported() {
    for (endpoint, cause) in
        [("", "is not a URL"), ("127.0.0.1:1", "is not a URL"), ("http://127.0.0.1:1", "cannot reach DynamoDB")]
    {
        let error = failure(&["--endpoint", endpoint, "--port", "0"]).await;
        assert!(error.contains(cause), "{error}");
    }
}

#[tokio::test]
async fn commands_on_a_missing_table_create_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    for missing in [folder.path().join("missing"), folder.path().to_owned()] {
        for command in ["verify", "layout"] {
            let error = failure(&[command, "--data", text(&missing)]).await;
            assert!(error.starts_with(&format!("there is no table in {}: ", missing.display())), "{error}");
        }
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    assert!(failure(&["demo", "--data", text(folder.path()), "--table", "x"]).await.contains("table x in "));
    let error = failure(&["verify", "--data", text(folder.path()), "--table", "other"]).await;
    assert!(error.starts_with(&format!("there is no table other in {}; ", folder.path().display())), "{error}");
}

#[tokio::test]
async fn commands_on_a_table_in_memory_are_refused() {
    for command in ["verify", "layout", "demo"] {
        let error = failure(&[command, "--memory"]).await;
        assert!(error.starts_with("a table in memory is new and empty"), "{error}");
    }
}

#[tokio::test]
async fn a_file_instead_of_a_folder_is_reported() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = text(file.path());
    for command in [&["--port", "0"][..], &["verify"], &["demo"]] {
        let error = failure(&[command, &["--data", path]].concat()).await;
        assert!(error.starts_with(&format!("{path} is a file, not a folder")), "{error}");
    }
}

#[tokio::test]
async fn a_damaged_database_is_reported_with_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = text(folder.path());
    Parc::in_folder(folder.path()).await.interrupt().await;
    let file = folder.path().join("table.db");
    let whole = fs::read(&file).expect("a database");
    assert_eq!(
        fs::metadata(folder.path().join("table.db-wal")).ok().map(|log| log.len()),
        None,
        "not all is in the file"
    );
    let mut overwritten = whole.clone();
    overwritten.iter_mut().enumerate().for_each(|(at, byte)| *byte = u8::try_from(at * 31 % 251).unwrap_or_default());
    for damaged in [&whole[..whole.len() / 2], &whole[..10], &overwritten] {
        fs::write(&file, damaged).expect("a file");
        for command in [&["--port", "0"][..], &["verify"]] {
            let error = failure(&[command, &["--data", path]].concat()).await;
            assert!(error.contains(text(&file)) && error.contains("restore it from a copy"), "{error}");
            assert!(!error.contains("encrypt"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_short_cursor_key_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cursor.key");
    fs::write(&file, "").expect("a file");
    let error = failure(&["--data", text(folder.path()), "--port", "0"]).await;
    assert!(error.starts_with(&format!("the key in {} is too short", file.display())), "{error}");
}

#[tokio::test]
async fn a_full_disk_is_reported_with_the_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = env!("CARGO_BIN_EXE_parc");
    // A limit on the size of files, in blocks of 512 bytes, stands for a full disk.
    let script = format!("trap '' XFSZ; ulimit -f 8; exec {program} --port 0 --data {}", folder.path().display());
    let ended = Ended::of(Command::new("sh").args(["-c", &script]).output().await.expect("an end"));
    assert_eq!(ended.status.code(), Some(1));
    let start = format!("error: cannot open the database {}/table.db: ", folder.path().display());
    assert!(ended.stderr.starts_with(&start), "{}", ended.stderr);
}
