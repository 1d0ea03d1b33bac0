//! Two processes on one folder.

use std::fs;
use std::path::Path;

use testkit::AnyError;

use super::ensure;
use super::http::{Call, Caller};
use super::process::{Parc, Program};

/// Runs the check.
///
/// # Errors
/// Returns an error if a second process is not refused, or harms the first one.
pub async fn run(program: &Program) -> Result<(), AnyError> {
    let parent = tempfile::tempdir()?;
    let folder = parent.path().join("data");
    let export = parent.path().join("export");
    let operations = parent.path().join("operations.jsonl");
    fs::write(&operations, r#"{"op": "register", "kind": "client", "body": {"nom": "x", "code": 1000}}"#)?;
    let [export, operations] = [&export, &operations].map(|path| path.to_string_lossy().into_owned());
    let commands =
        [&["--port", "0"][..], &["verify"], &["verify", "--repair"], &["import", &operations], &["export", &export]];

    let mut parc = program.start(&folder).await?;
    for (code, options) in (1..).zip(commands) {
        refused(program, options, &folder).await?;
        still_answers(&parc, code).await?;
    }
    println!("{} commands on a folder in use were refused, and the first process went on", commands.len());

    parc.kill().await?;
    parc = program.start(&folder).await?;
    still_answers(&parc, 100).await?;
    refused(program, &["verify"], &folder).await?;
    parc.stop().await?;
    println!("the lock of a killed process did not block the next one");

    let ended = program.run(&["import", &operations], &folder).await?;
    ensure(ended.status.success(), || format!("import failed: {}", String::from_utf8_lossy(&ended.stderr)))?;
    let items = program.verify(&folder).await?;
    println!("verify: {items} items, clean");
    Ok(())
}

/// Runs a command that must be refused, because another process uses the folder.
async fn refused(program: &Program, options: &[&str], folder: &Path) -> Result<(), AnyError> {
    let ended = program.run(options, folder).await?;
    let error = String::from_utf8_lossy(&ended.stderr);
    let expected = format!("error: {} is in use by another parc: ", folder.display());
    ensure(ended.status.code() == Some(1) && error.starts_with(&expected), || {
        format!("parc {} on a folder in use ended with {}: {error}", options.join(" "), ended.status)
    })
}

/// Registers a client, whose code is new, and reads all clients.
async fn still_answers(parc: &Parc, code: i64) -> Result<(), AnyError> {
    let caller = Caller::new(&parc.url)?;
    caller.ask(&Call::register_client("x", code)).await?;
    let listed = caller.ask(&Call::get(format!("/clients/all?code={code}"))).await?;
    ensure(listed[0]["code"] == code, || format!("a registered client is not listed: {listed}"))
}
