//! The corpus of each fuzz target, and random changes of it. `proof/fuzz` searches for longer.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use proof::fuzz::{Check, TARGETS, event, mutate};

/// Number of random inputs of a target that calls the table, and of one that does not.
const INPUTS: [usize; 2] = [500, 10_000];

const SEED: u64 = 1;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).expect("a corpus").map(|file| file.expect("a file").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("an input")).collect()
}

fn run(check: Check, input: &[u8]) {
    let result = catch_unwind(AssertUnwindSafe(|| check(input)));
    assert!(result.is_ok(), "the input is {:?}", String::from_utf8_lossy(input));
}

#[test]
fn targets_accept_their_corpus_and_changes_of_it() {
    for (name, check) in TARGETS {
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "{name}");
        for input in &corpus {
            run(check, input);
        }
        let mut random = fastrand::Rng::with_seed(SEED);
        let calls_table = matches!(name, "batch" | "event");
        for _ in 0..INPUTS[usize::from(!calls_table)] {
            let input = corpus[random.usize(..corpus.len())].clone();
            let mut bytes = random.fork();
            let input = match name {
                "event" => event::mutate(&input, &mut random, |text| mutate(text, &mut bytes)).unwrap_or(input),
                _ => mutate(input, &mut random),
            };
            run(check, &input);
        }
    }
}
