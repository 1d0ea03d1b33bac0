//! Histories with one violation each.

use testkit::linear::entity::{Call, EntityModel, Operation, Reply};
use testkit::linear::{Violation, check};

use crate::{answered, check_after_registration, found, inactive, register, set_status, unknown, update, written};

fn violation(operations: impl IntoIterator<Item = Operation>) -> Violation {
    check_after_registration(operations).expect_err("a violation")
}

#[test]
fn a_lost_update_is_a_violation() {
    // Both replaced version 1.
    violation([
        answered([2, 5], update("b", None), written(2, "b")),
        answered([3, 4], update("c", None), written(2, "c")),
    ]);
    violation([
        answered([2, 5], update("b", None), written(2, "b")),
        answered([3, 4], update("c", None), written(3, "c")),
        answered([6, 7], Call::Read, found(3, "b")),
    ]);
    // A late attempt of the first update undid the second one.
    violation([
        answered([2, 3], update("b", None), written(2, "b")),
        answered([4, 5], update("c", None), written(3, "c")),
        answered([6, 7], Call::Read, found(4, "b")),
    ]);
}

#[test]
fn a_stale_read_is_a_violation() {
    violation([answered([2, 3], update("b", None), written(2, "b")), answered([4, 5], Call::Read, found(1, "a"))]);
    violation([answered([2, 3], set_status(false), Reply::Done), answered([4, 5], Call::Read, found(1, "a"))]);
    // Another read saw the update before it was answered.
    violation([
        answered([2, 9], update("b", None), written(2, "b")),
        answered([3, 4], Call::Read, found(2, "b")),
        answered([5, 6], Call::Read, found(1, "a")),
    ]);
}

#[test]
fn a_write_applied_twice_is_a_violation() {
    violation([answered([2, 3], update("b", None), written(3, "b"))]);
    violation([
        answered([2, 3], set_status(false), Reply::Done),
        answered([4, 5], Call::Read, Reply::Found(inactive(3, "a"))),
    ]);
    violation([
        answered([2, 3], update("b", None), written(2, "b")),
        answered([4, 5], update("c", None), written(4, "c")),
    ]);
    violation([unknown(2, update("b", None)), answered([3, 4], Call::Read, found(3, "b"))]);
}

#[test]
fn two_successes_with_one_version_are_a_violation() {
    violation([
        answered([2, 5], update("b", Some(1)), written(2, "b")),
        answered([3, 4], update("c", Some(1)), written(2, "c")),
    ]);
    violation([
        answered([2, 5], update("b", Some(1)), written(2, "b")),
        answered([3, 4], update("c", Some(1)), written(3, "c")),
    ]);
    let deactivate = Call::SetStatus { active: false, expected: Some(1) };
    violation([answered([2, 5], update("b", Some(1)), written(2, "b")), answered([3, 4], deactivate, Reply::Done)]);
}

#[test]
fn a_value_never_written_is_a_violation() {
    violation([answered([2, 3], Call::Read, found(1, "b"))]);
    violation([unknown(2, update("b", None)), answered([3, 4], Call::Read, found(2, "c"))]);
    violation([answered([2, 3], Call::Read, Reply::Found(inactive(1, "a")))]);
}

#[test]
fn a_refused_write_with_an_effect_is_a_violation() {
    violation([
        answered([2, 3], update("b", None), written(2, "b")),
        answered([4, 5], update("c", Some(1)), Reply::Refused { current: 2 }),
        answered([6, 7], Call::Read, found(3, "c")),
    ]);
}

#[test]
fn a_refusal_of_the_current_version_is_a_violation() {
    violation([answered([2, 3], update("b", Some(1)), Reply::Refused { current: 1 })]);
    // The first attempt of the same call wrote version 2.
    violation([answered([2, 3], update("b", Some(1)), Reply::Refused { current: 2 })]);
}

#[test]
fn a_success_with_a_stale_version_is_a_violation() {
    violation([
        answered([2, 3], update("b", None), written(2, "b")),
        // It would change nothing, but the version is decided first.
        answered([4, 5], update("b", Some(1)), written(2, "b")),
    ]);
}

#[test]
fn a_new_version_without_a_change_is_a_violation() {
    violation([answered([2, 3], update("a", None), written(2, "a"))]);
    violation([answered([2, 3], set_status(true), Reply::Done), answered([4, 5], Call::Read, found(2, "a"))]);
}

#[test]
fn answers_out_of_time_order_are_a_violation() {
    // The second update was sent after the first one was answered.
    violation([
        answered([2, 3], update("b", None), written(3, "b")),
        answered([4, 5], update("c", None), written(2, "c")),
    ]);
    // A read that was answered before the update was sent.
    violation([answered([2, 3], Call::Read, found(2, "b")), answered([4, 5], update("b", None), written(2, "b"))]);
    violation([answered([2, 3], Call::Read, found(2, "b")), unknown(4, update("b", None))]);
}

#[test]
fn an_effect_that_is_undone_is_a_violation() {
    violation([
        unknown(2, update("b", None)),
        answered([3, 4], Call::Read, found(2, "b")),
        answered([5, 6], Call::Read, found(1, "a")),
    ]);
}

#[test]
fn a_missing_or_second_registration_is_a_violation() {
    violation([answered([2, 3], Call::Read, Reply::Missing)]);
    violation([answered([2, 3], register("a"), written(1, "a"))]);
    check::<EntityModel>(&[answered([0, 1], Call::Read, found(1, "a"))]).expect_err("a violation");
}

#[test]
fn a_violation_describes_the_longest_prefix() {
    let violation =
        violation([answered([2, 3], update("b", None), written(2, "b")), answered([4, 5], Call::Read, found(1, "a"))]);
    assert_eq!(violation.prefix, [0, 1]);
    let text = violation.to_string();
    let last = text.lines().last().expect("a line");
    assert!(last.starts_with("  caller 0, 4 to 5: Read -> Found"), "{text}");
    assert!(last.contains(r#"expected Found(Entity { version: 2, fields: Fields { nom: "b""#), "{text}");
}
