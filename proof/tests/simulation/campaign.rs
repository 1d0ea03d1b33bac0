use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::{SystemTime, UNIX_EPOCH};

use proof::simulation::campaign::{self, Progress};
use proof::simulation::shrink::shrink;
use proof::simulation::{FIRST_CONTENDED, Simulator};

/// Time for the histories of fresh seeds, in seconds; as long again for contended ones.
const SECONDS: f64 = 20.0;

/// Runs a campaign, and fails the test with the steps that show a violation.
fn check(first: u64, histories: u64, seconds: Option<f64>) -> Progress {
    let threads = available_parallelism().map_or(1, NonZero::get);
    let before = Progress { first, ..Progress::default() };
    let progress = campaign::run(before, histories, seconds, threads, |_| Ok(())).expect("nothing is written");
    if let Some((seed, _)) = progress.violations.first_key_value() {
        let shrunk = shrink(&mut Simulator::default(), *seed);
        panic!("cargo run --profile bench -p proof --bin simulate show {seed}: {shrunk:?}");
    }
    progress
}

#[test]
fn histories_of_known_seeds_have_no_violation() {
    let progress = check(1, 60, None);
    assert!(progress.requests > 30 * progress.histories, "{progress}");
    for status in [200, 404, 409, 412, 422, 503] {
        assert!(progress.answers.contains_key(&status), "no answer {status}: {progress}");
    }
}

#[test]
fn histories_of_fresh_seeds_have_no_violation() {
    let first = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
    check(first, u64::MAX, Some(SECONDS));
    check(FIRST_CONTENDED + first, u64::MAX, Some(SECONDS));
}

#[test]
fn a_seed_repeats_its_history() {
    let export = |seed| serde_json::to_value(Simulator::default().run(seed, &[])).expect("JSON");
    for seed in 1..4 {
        assert_eq!(export(seed), export(seed), "seed {seed}");
    }
}

#[test]
fn an_interrupted_campaign_continues() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("progress.json");
    let run = |histories| {
        let before = Progress::read(&file).expect("its progress");
        let before = before.unwrap_or_else(|| Progress { first: 1, ..Progress::default() });
        campaign::run(before, histories, None, 1, |progress| progress.write(&file)).expect("a campaign")
    };
    assert_eq!(run(2).histories, 2);
    let continued = run(5);
    let mut at_once = campaign::run(Progress { first: 1, ..Progress::default() }, 5, None, 1, |_| Ok(())).expect("it");
    at_once.seconds = continued.seconds;
    assert_eq!(continued, at_once);
}
