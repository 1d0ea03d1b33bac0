//! Whether an atomic batch fits into one transaction.

use std::collections::BTreeSet;

use super::super::call::BatchedWrite;
use super::super::model::State;

/// Number of operations that fit into one transaction of 100 items if none changes what another one depends on: each writes
/// at most eight, and the batch keeps its answer in one more.
const ALWAYS_FIT: usize = 12;

/// What an operation changes, by identifiers and codes.
struct Touched {
    /// Its entity, and the codes of it.
    own: BTreeSet<String>,
    /// These, and the entities above, whose counters it may change.
    all: BTreeSet<String>,
}

/// Returns `true` if there are many operations, or if one changes an entity that another one depends on: a transaction
/// writes each item once, and not every two changes can become one.
pub(super) fn may_be_too_long(states: &[State], operations: &[BatchedWrite]) -> bool {
    let touched: Vec<_> = operations.iter().map(|operation| Touched::by(states, operation)).collect();
    let depends = |one: &Touched| touched.iter().filter(|other| !one.own.is_disjoint(&other.all)).count() > 1;
    operations.len() > ALWAYS_FIT || touched.iter().any(depends)
}

impl Touched {
    fn by(states: &[State], BatchedWrite { write, reference, .. }: &BatchedWrite) -> Self {
        let code = |code: i64| format!("code {code}");
        let of_new = || reference.as_ref().map(|name| format!("${name}"));
        let (id, fields) = (write.id().map(str::to_owned).or_else(of_new), write.fields());
        let parent = fields.and_then(|fields| fields.parent.clone());
        let in_states = |id: &Option<String>| {
            let id = id.clone().unwrap_or_default();
            states.iter().filter_map(move |state| Some((state, state.get(&id)?)))
        };
        let mut own: BTreeSet<_> = fields.and_then(|fields| fields.code).map(code).into_iter().collect();
        own.extend(in_states(&id).filter_map(|(_, entity)| entity.code).map(code));
        own.extend(id.clone());
        let mut all = own.clone();
        for (state, entity) in in_states(&id).chain(in_states(&parent)) {
            all.extend(entity.parent.clone());
            all.extend(state.client_of(entity).map(str::to_owned));
        }
        all.extend(parent);
        Self { own, all }
    }
}
