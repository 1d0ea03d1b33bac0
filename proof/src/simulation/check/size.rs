//! Whether an atomic batch fits into one transaction.

use std::collections::BTreeSet;

use super::super::call::{BatchedWrite, Write};
use super::super::model::State;

/// Number of operations that fit into one transaction of 100 items if they share no item: each writes at most eight, and
/// the batch keeps its answer in one more.
const ALWAYS_FIT: usize = 12;

/// Returns `true` if there are many operations, or if two of them may change one item: a transaction writes each item once,
/// and not every two changes can become one.
pub(super) fn may_be_too_long(states: &[State], operations: &[BatchedWrite]) -> bool {
    let mut all = BTreeSet::new();
    operations.len() > ALWAYS_FIT
        || operations.iter().any(|operation| {
            let own = touched(states, operation);
            let is_shared = own.iter().any(|name| all.contains(name));
            all.extend(own);
            is_shared
        })
}

/// Returns the entities and codes of which an operation may change an item.
fn touched(states: &[State], BatchedWrite { write, reference, .. }: &BatchedWrite) -> BTreeSet<String> {
    let (id, fields) = match write {
        Write::Register(_, fields) => (reference.as_ref().map(|name| format!("${name}")), Some(fields)),
        Write::Update(_, id, fields) => (Some(id.clone()), Some(fields)),
        Write::SetStatus(_, id, _) => (Some(id.clone()), None),
    };
    let code = |code: i64| format!("code {code}");
    let mut touched: BTreeSet<_> = fields.and_then(|fields| fields.code).map(code).into_iter().collect();
    for named in id.into_iter().chain(fields.and_then(|fields| fields.parent.clone())) {
        for (state, entity) in states.iter().filter_map(|state| Some((state, state.get(&named)?))) {
            touched.extend(entity.code.map(code));
            touched.extend(entity.parent.clone());
            touched.extend(state.client_of(entity).map(str::to_owned));
        }
        touched.insert(named);
    }
    touched
}
