//! Random histories of a sequential execution, and mutations of them.

use fastrand::Rng;
use testkit::linear::entity::{Call, Entity, EntityModel, Fields, Operation, Reply};
use testkit::linear::{Model, Outcome, check, visited_states};

use crate::{inactive, register, update};

const HISTORIES: u64 = 500;
const OPERATIONS: u64 = 60;
/// Time between the moments at which two operations take effect.
const STEP: u64 = 10;

fn random_call(rng: &mut Rng, version: u64) -> Call {
    let expected = [None, Some(version), Some(version.saturating_sub(1))][rng.usize(0..3)];
    match rng.u32(0..10) {
        0..4 => Call::Read,
        4..8 => update(["a", "b", "c", "d"][rng.usize(0..4)], expected),
        _ => Call::SetStatus { active: rng.bool(), expected },
    }
}

/// Returns the history of a sequential execution. Its calls overlap up to about eight at a time, and one
/// in 20 has an unknown outcome.
fn random_history(rng: &mut Rng, operations: u64) -> Vec<Operation> {
    let mut state = EntityModel::initial();
    let mut history = Vec::new();
    for index in 0..operations {
        let version = state.as_ref().map_or(0, |entity: &Entity| entity.version);
        let call = if index == 0 { register("a") } else { random_call(rng, version) };
        let effect_at = (index + 4) * STEP;
        let invoked = effect_at - rng.u64(0..4 * STEP);
        let (after, reply) = EntityModel::apply(&state, &call);
        let outcome = match rng.u32(0..20) {
            0 if index > 0 => Outcome::Unknown,
            _ => Outcome::Answered { at: effect_at + rng.u64(0..4 * STEP), reply },
        };
        // An operation with an unknown outcome may never take effect.
        if outcome != Outcome::Unknown || rng.bool() {
            state = after;
        }
        history.push(Operation { caller: 0, invoked, call, outcome });
    }
    rng.shuffle(&mut history);
    history
}

/// Returns one of the eligible replies of a history.
fn any_reply<'a>(
    rng: &mut Rng,
    history: &'a mut [Operation],
    is_eligible: fn(&Reply) -> bool,
) -> Option<&'a mut Reply> {
    let replies = history.iter_mut().filter_map(|operation| match &mut operation.outcome {
        Outcome::Answered { reply, .. } => Some(reply).filter(|reply| is_eligible(reply)),
        Outcome::Unknown => None,
    });
    rng.choice(replies.collect::<Vec<_>>())
}

/// Adds `change` to the version in a reply, if there is one.
fn with_version_changed(reply: &Reply, change: i64) -> Reply {
    let changed = |version: &u64| version.saturating_add_signed(change);
    match reply {
        Reply::Written(entity) => Reply::Written(Entity { version: changed(&entity.version), ..entity.clone() }),
        Reply::Found(entity) => Reply::Found(Entity { version: changed(&entity.version), ..entity.clone() }),
        Reply::Refused { current } => Reply::Refused { current: changed(current) },
        Reply::Done | Reply::Missing | Reply::Exists => reply.clone(),
    }
}

/// Returns a different reply that parc might give.
fn mutated(rng: &mut Rng, reply: &Reply) -> Reply {
    let change = |rng: &mut Rng, entity: &Entity| {
        let mut changed = entity.clone();
        match rng.u32(0..3) {
            0 => changed.version += 1,
            1 => changed.fields = Fields::new(if entity.fields.nom == "a" { "b" } else { "a" }),
            _ => changed.active = !entity.active,
        }
        changed
    };
    match reply {
        Reply::Written(entity) => Reply::Written(change(rng, entity)),
        Reply::Found(entity) => Reply::Found(change(rng, entity)),
        Reply::Refused { current } => Reply::Refused { current: current + 1 },
        Reply::Done => Reply::Refused { current: 1 },
        Reply::Missing | Reply::Exists => Reply::Found(inactive(1, "a")),
    }
}

#[test]
fn random_valid_histories_are_accepted() {
    let mut rng = Rng::with_seed(1);
    let mut most_states = 0;
    for _ in 0..HISTORIES {
        let history = random_history(&mut rng, OPERATIONS);
        check::<EntityModel>(&history).unwrap_or_else(|violation| panic!("{violation}"));
        most_states = most_states.max(visited_states::<EntityModel>(&history));
    }
    assert!(most_states < 20_000, "{most_states} states");
}

/// Changes the version in one reply of each of many histories, and returns how many are accepted.
fn accepted_with_version_changed(change: i64, is_eligible: fn(&Reply) -> bool) -> u64 {
    let mut rng = Rng::with_seed(3);
    let mut accepted = 0;
    for _ in 0..HISTORIES {
        let mut history = random_history(&mut rng, OPERATIONS);
        let Some(reply) = any_reply(&mut rng, &mut history, is_eligible) else { continue };
        *reply = with_version_changed(reply, change);
        accepted += u64::from(check::<EntityModel>(&history).is_ok());
    }
    accepted
}

#[test]
fn most_random_mutations_are_refused() {
    let mut rng = Rng::with_seed(2);
    let mut refused = 0;
    for _ in 0..HISTORIES {
        let mut history = random_history(&mut rng, OPERATIONS);
        let reply = any_reply(&mut rng, &mut history, |_| true).expect("a reply");
        *reply = mutated(&mut rng, reply);
        refused += u64::from(check::<EntityModel>(&history).is_err());
    }
    // Because the calls overlap, the other mutations are valid too.
    assert!(refused >= HISTORIES * 85 / 100, "{refused} of {HISTORIES}");
}

#[test]
fn a_changed_version_is_refused() {
    let of_entity = |reply: &Reply| matches!(reply, Reply::Written(_) | Reply::Found(_));
    assert_eq!(accepted_with_version_changed(1, of_entity), 0);
    assert_eq!(accepted_with_version_changed(-1, of_entity), 0);
}

#[test]
fn a_version_that_was_never_reached_is_refused() {
    let has_version = |reply: &Reply| with_version_changed(reply, 1) != *reply;
    assert_eq!(accepted_with_version_changed(100, has_version), 0);
}

#[test]
fn every_order_of_short_histories_is_tried() {
    let mut rng = Rng::with_seed(4);
    let mut accepted = 0;
    for _ in 0..HISTORIES {
        let mut history = random_history(&mut rng, 6);
        let reply = any_reply(&mut rng, &mut history, |_| true).expect("a reply");
        *reply = mutated(&mut rng, reply);
        let expected = any_order_is_valid(&history, &mut Vec::new());
        assert_eq!(check::<EntityModel>(&history).is_ok(), expected, "{history:#?}");
        accepted += u64::from(expected);
    }
    assert!((1..HISTORIES).contains(&accepted), "{accepted} of {HISTORIES}");
}

/// Tries every order that starts with `order`.
fn any_order_is_valid(history: &[Operation], order: &mut Vec<usize>) -> bool {
    if is_valid(history, order) {
        return true;
    }
    (0..history.len()).any(|index| {
        if order.contains(&index) {
            return false;
        }
        order.push(index);
        let valid = any_order_is_valid(history, order);
        order.pop();
        valid
    })
}

/// Returns `true` if the order contains every answered operation, respects the times and yields the replies.
fn is_valid(history: &[Operation], order: &[usize]) -> bool {
    let answered_at = |index: usize| match history[index].outcome {
        Outcome::Answered { at, .. } => at,
        Outcome::Unknown => u64::MAX,
    };
    let complete = (0..history.len()).all(|index| answered_at(index) == u64::MAX || order.contains(&index));
    let in_time = order
        .iter()
        .enumerate()
        .all(|(place, index)| order[place..].iter().all(|later| history[*index].invoked <= answered_at(*later)));
    let mut state = EntityModel::initial();
    complete
        && in_time
        && order.iter().all(|index| {
            let (after, expected) = EntityModel::apply(&state, &history[*index].call);
            state = after;
            match &history[*index].outcome {
                Outcome::Answered { reply, .. } => *reply == expected,
                Outcome::Unknown => true,
            }
        })
}
