//! Histories without a violation, changed as a defect of the store would change them: the checker must see it.

use std::ops::Range;

use proof::simulation::check::check;
use proof::simulation::recording::Answer;
use proof::simulation::{Call, History, Simulator};
use serde_json::Value;

/// Changes histories without a violation. Returns whether at least one could be changed, and the checker sees each
/// change.
fn is_seen(change: impl Fn(&mut History) -> bool) -> bool {
    is_seen_among(1..20, change)
}

/// Does the same with these seeds, for a change that few histories allow.
fn is_seen_among(seeds: Range<u64>, change: impl Fn(&mut History) -> bool) -> bool {
    let simulator = Simulator::default();
    let mut changed = 0;
    for seed in seeds {
        let mut history = simulator.run(seed, &[]);
        check(&history).expect("no violation");
        if change(&mut history) {
            changed += 1;
            if check(&history).is_ok() {
                return false;
            }
        }
    }
    changed > 0
}

/// Returns the index of the last transaction that changed something.
fn last_change(history: &History) -> Option<usize> {
    history.commits.iter().rposition(|commit| !commit.entries.is_empty())
}

#[test]
fn a_lost_write_is_seen() {
    assert!(is_seen(|history| last_change(history).map(|last| history.commits.remove(last)).is_some()));
}

#[test]
fn a_write_that_is_carried_out_twice_is_seen() {
    assert!(is_seen(|history| {
        let Some(last) = last_change(history) else { return false };
        let again = history.commits[last].clone();
        history.commits.insert(last, again);
        true
    }));
}

#[test]
fn a_wrong_counter_in_the_table_is_seen() {
    assert!(is_seen(|history| {
        let counter = history.items.iter_mut().find_map(|item| item.get_mut("equipements")?.get_mut("N"));
        counter.map(|counter| *counter = Value::from("77")).is_some()
    }));
}

#[test]
fn a_missing_item_is_seen() {
    assert!(is_seen(|history| {
        let entry = history
            .items
            .iter()
            .position(|item| item["SK"]["S"].as_str().is_some_and(|key| key.starts_with("VERSION")));
        entry.map(|entry| history.items.remove(entry)).is_some()
    }));
}

#[test]
fn an_invented_answer_is_seen() {
    assert!(is_seen(|history| {
        let sent = history.requests.iter_mut().flat_map(|request| &mut request.attempts);
        let mut answers = sent.filter_map(|attempt| attempt.answer.as_mut());
        let nom = answers.find_map(|answer| (answer.status == 200).then(|| answer.body.get_mut("nom")).flatten());
        nom.map(|nom| *nom = Value::from("an invented nom")).is_some()
    }));
}

#[test]
fn a_repeated_entity_in_a_list_is_seen() {
    assert!(is_seen(|history| {
        let answers = history.requests.iter_mut().flat_map(|request| &mut request.attempts);
        let mut lists = answers.filter_map(|attempt| attempt.answer.as_mut()?.body.as_array_mut());
        let list = lists.find(|list| list.first().is_some_and(|one| one.get("status").is_some()));
        list.map(|list| list.insert(0, list[0].clone())).is_some()
    }));
}

#[test]
fn a_503_without_a_fault_is_seen() {
    assert!(is_seen(|history| {
        let mut sent = history.requests.iter_mut().flat_map(|request| &mut request.attempts);
        let calm = sent.find(|attempt| !attempt.is_faulty() && attempt.answer.is_some());
        calm.and_then(|attempt| attempt.answer.as_mut()).map(|answer| answer.status = 503).is_some()
    }));
}

#[test]
fn a_late_answer_is_seen() {
    assert!(is_seen(|history| {
        let mut sent = history.requests.iter_mut().flat_map(|request| &mut request.attempts);
        let answer = sent.find_map(|attempt| attempt.answer.as_mut());
        answer.map(|answer| answer.answered_at += 30_000).is_some()
    }));
}

#[test]
fn a_refused_operation_that_a_dry_run_accepts_is_seen() {
    assert!(is_seen_among(45..55, |history| {
        change_a_dry_run(history, |answer| {
            let results = answer.body["resultats"].as_array_mut()?;
            results.iter_mut().find(|result| result["status"] == 404).map(|result| result["status"] = 200.into())?;
            let totals = &mut answer.body["bilan"];
            for (name, change) in [("ok", 1), ("refus", -1)] {
                totals[name] = (totals[name].as_i64()? + change).into();
            }
            Some(())
        })
    }));
}

#[test]
fn a_wrong_nom_in_a_dry_run_is_seen() {
    assert!(is_seen(|history| {
        change_a_dry_run(history, |answer| {
            let mut results = answer.body["resultats"].as_array_mut()?.iter_mut();
            let nom = results.find_map(|result| result["body"].get_mut("nom"))?;
            *nom = Value::from("an invented nom");
            Some(())
        })
    }));
}

/// Changes an answer to a dry run during which others wrote.
fn change_a_dry_run(history: &mut History, change: impl Fn(&mut Answer) -> Option<()>) -> bool {
    let commits = &history.commits;
    let dry_runs =
        history.requests.iter_mut().filter(|request| matches!(request.call, Call::Batch { dry_run: true, .. }));
    let mut changed = dry_runs.filter_map(|request| {
        let attempt = request.attempts.first_mut()?;
        let answer = attempt.answer.as_mut().filter(|answer| answer.status == 200)?;
        let others_wrote = commits.iter().any(|commit| (attempt.invoked..answer.at).contains(&commit.at));
        others_wrote.then(|| change(answer)).flatten()
    });
    changed.next().is_some()
}
