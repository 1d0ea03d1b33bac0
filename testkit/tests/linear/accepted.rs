//! Histories that are linearizable.

use testkit::linear::entity::{Call, EntityModel, Operation, Reply};
use testkit::linear::{Recorder, check, visited_states};

use crate::{
    after_registration, answered, check_after_registration, found, inactive, register, set_status, unknown, update,
    written,
};

fn accept(operations: impl IntoIterator<Item = Operation>) -> Vec<usize> {
    check_after_registration(operations).unwrap_or_else(|violation| panic!("{violation}"))
}

#[test]
fn a_sequential_history_is_accepted() {
    accept([
        answered([2, 3], Call::Read, found(1, "a")),
        answered([4, 5], update("b", Some(1)), written(2, "b")),
        answered([6, 7], update("c", Some(1)), Reply::Refused { current: 2 }),
        answered([8, 9], update("b", Some(2)), written(2, "b")),
        answered([10, 11], set_status(false), Reply::Done),
        answered([12, 13], set_status(false), Reply::Done),
        answered([14, 15], update("c", None), Reply::Written(inactive(4, "c"))),
        answered([16, 17], Call::Read, Reply::Found(inactive(4, "c"))),
    ]);
}

#[test]
fn overlapping_calls_are_accepted_in_any_order() {
    let order = accept([
        answered([2, 9], update("b", None), written(3, "b")),
        answered([3, 8], update("c", None), written(2, "c")),
        answered([4, 7], Call::Read, found(1, "a")),
        answered([5, 6], Call::Read, found(2, "c")),
    ]);
    assert_eq!(order, [0, 3, 2, 4, 1]);
}

#[test]
fn a_reply_at_the_time_of_another_call_overlaps_it() {
    accept([answered([2, 3], Call::Read, found(2, "b")), answered([3, 4], update("b", None), written(2, "b"))]);
}

#[test]
fn an_unknown_outcome_is_accepted_with_and_without_effect() {
    accept([unknown(2, update("b", None)), answered([3, 4], Call::Read, found(2, "b"))]);
    let order = accept([unknown(2, update("b", None)), answered([3, 4], Call::Read, found(1, "a"))]);
    assert_eq!(order, [0, 2]);
}

#[test]
fn an_unknown_outcome_may_take_effect_after_later_reads() {
    accept([
        unknown(2, update("b", None)),
        answered([3, 4], Call::Read, found(1, "a")),
        answered([5, 6], update("c", None), written(2, "c")),
        answered([7, 8], Call::Read, found(2, "c")),
        answered([9, 10], Call::Read, found(3, "b")),
    ]);
}

#[test]
fn a_read_before_the_registration_finds_nothing() {
    let history = [
        answered([0, 5], register("a"), written(1, "a")),
        answered([1, 2], Call::Read, Reply::Missing),
        answered([3, 4], Call::Read, found(1, "a")),
    ];
    assert_eq!(check::<EntityModel>(&history).expect("an order"), [1, 0, 2]);
}

#[test]
fn many_unknown_outcomes_visit_few_states() {
    let reads = (0..30).map(|n| answered([20 + 2 * n, 21 + 2 * n], Call::Read, found(1, "a")));
    let updates = (0..8).map(|n| unknown(2 + n, update(&format!("nom {n}"), None)));
    let valid = after_registration(updates.chain(reads));
    check::<EntityModel>(&valid).expect("an order");
    let last = answered([100, 101], Call::Read, found(10, "b"));
    let invalid: Vec<_> = valid.iter().cloned().chain([last]).collect();
    check::<EntityModel>(&invalid).expect_err("a violation");
    // Eight updates have 109,601 orders with or without some of them.
    for history in [valid, invalid] {
        let states = visited_states::<EntityModel>(&history);
        assert!(states < 50_000, "{states} states");
    }
}

#[tokio::test]
async fn a_recorder_keeps_the_times_of_calls() {
    let recorder = Recorder::default();
    let read = recorder.record(1, Call::Read, async |_| {
        recorder.record(0, register("a"), async |_| Some(written(1, "a"))).await;
        recorder.record(0, update("b", None), async |_| None).await;
        Some(found(1, "a"))
    });
    read.await;
    let history = recorder.into_history();
    assert_eq!(history.iter().map(|operation| operation.invoked).collect::<Vec<_>>(), [1, 3, 0]);
    assert_eq!(check::<EntityModel>(&history).expect("an order"), [0, 2]);
}
