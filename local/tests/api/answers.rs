//! The recorded answers of the service that parc replaces, replayed request by request.
//!
//! By default, the requests go to an API of the test's own. Environment variables change that:
//!
//! - `PARC_URL` is the `http` URL of another API, which must be empty, and `PARC_TOKEN` its bearer token.
//! - `PARC_RECORD=1` writes the answers of the service at `PARC_URL` into the files of `cases`. A status of
//!   500 is not recorded: where the replaced service breaks, the file holds the answer that parc gives.
//!
//! Each file starts from an empty register, so replay one file at a time against another API:
//!
//! ```sh
//! PARC_URL=http://127.0.0.1:8099 PARC_RECORD=1 cargo test -p local --test api -- answers::clients
//! ```

mod case;
mod recording;
mod target;

use std::path::Path;
use std::{env, fs};

use case::{Case, Names};
use target::Target;

/// Replays a file of cases, and fails if an answer differs from the recorded one.
async fn replay(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/cases").join(file);
    let text = fs::read_to_string(&path).expect("a file of cases");
    let recording = env::var("PARC_RECORD").is_ok_and(|value| value == "1");
    let target = Target::start(recording).await;
    assert!(!recording || target.is_remote(), "PARC_RECORD needs the service to record in PARC_URL");

    let mut names = Names::default();
    let mut recorded = Vec::new();
    let mut differences = Vec::new();
    for line in recording::lines(&text) {
        let case: Case = serde_json::from_str(line).expect("a case");
        let (status, mut answer) = target.send(&case, &names).await;
        names.learn(&case, &answer);
        names.hide(&mut answer);
        if recording {
            recorded.push(recording::record(line, &case, status, answer));
        } else if let Some(difference) = target.difference(case, status, answer) {
            differences.push(difference);
        }
    }
    assert!(differences.is_empty(), "{} answers differ:\n{}", differences.len(), differences.join("\n"));
    if recording {
        fs::write(&path, recording::file(&recorded)).expect("the file can be written");
    }
}

#[tokio::test]
async fn clients_are_answered_as_recorded() {
    replay("clients.json").await;
}

#[tokio::test]
async fn sites_and_equipements_are_answered_as_recorded() {
    replay("sites.json").await;
}
