//! The deployed binaries.

use std::path::{Path, PathBuf};

use serde_json::Value;
pub(crate) use testkit::function::Function;
pub(crate) use testkit::{TestTable as Table, event};
use tokio::process::Command;

/// Starts a binary as Lambda does, with the table behind `endpoint`.
pub(crate) async fn start(name: &str, endpoint: &str) -> Function {
    Function::start(command(name, endpoint)).await
}

/// Returns a binary with the environment of Lambda and the template, except for the Runtime API.
pub(crate) fn command(name: &str, endpoint: &str) -> Command {
    testkit::function::command(&binaries().join(name), endpoint)
}

pub(crate) fn binaries() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_clients-all")).parent().expect("a folder").to_owned()
}

/// Returns the root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a root").to_owned()
}

/// Returns the JSON body of an answer as API Gateway passes it on.
pub(crate) fn body(answer: &Value) -> Value {
    assert_eq!(answer["headers"]["content-type"], "application/json");
    assert_eq!(answer["isBase64Encoded"], false);
    serde_json::from_str(answer["body"].as_str().expect("text")).expect("JSON")
}
