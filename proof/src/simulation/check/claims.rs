//! Refusals that hold for some of the items that an operation of a batch depends on.
//!
//! A batch reads its items one after the other. If others write meanwhile, the items that one operation was decided on may
//! never have been in the table at one moment: each of them is right, but not the order in which they are judged.

use shared::models::Kind;

use super::super::call::{Fields, Write};
use super::super::if_match::IfMatch;
use super::super::model::{Refusal, State};

/// Returns every refusal of a change that holds in a state, whichever comes first.
pub(super) fn claims(state: &State, write: &Write, if_match: Option<IfMatch>) -> Vec<Refusal> {
    let (kind, id, fields) = (write.kind(), write.id(), write.fields());
    let activates = !matches!(write, Write::SetStatus(_, _, false));
    let own = id.map(|id| state.find(kind, id));
    let own_parent = own.as_ref().and_then(|own| own.as_ref().ok()?.parent.clone());
    let parent = fields.and_then(|fields| fields.parent.clone()).or(own_parent).zip(kind.parent());
    let code = fields.and_then(|Fields { code, .. }| *code);
    let mut refusals = Vec::new();
    if let Some(own) = own {
        refusals.extend(own.and_then(|own| own.check(if_match)).err());
    }
    if let Some((parent, parent_kind)) = parent.filter(|_| activates) {
        refusals.extend(state.find(parent_kind, &parent).err());
        refusals.extend(inactive_parents(state, parent_kind, &parent));
    }
    refusals.extend(code.and_then(|code| state.check_code(code, id.unwrap_or_default()).err()));
    refusals
}

fn inactive_parents(state: &State, kind: Kind, id: &str) -> Vec<Refusal> {
    let Ok(entity) = state.find(kind, id) else { return Vec::new() };
    let above = entity.parent.as_deref().zip(kind.parent());
    let above = above.map_or_else(Vec::new, |(parent, kind)| inactive_parents(state, kind, parent));
    above.into_iter().chain((!entity.active).then(|| Refusal::inactive(kind))).collect()
}
