//! Answers to reads: lists, histories, and entities with their children.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde_json::{Value, json};
use shared::models::Kind;

use super::super::call::Call;
use super::super::model::{Entity, State};
use super::super::recording::Recorded;
use super::timeline::Timeline;
use super::{Answered, Violation, writes};

/// Entries of a history without a limit.
const DEFAULT_HISTORY: usize = 100;

/// Checks the answers to one read: each page is one answer.
///
/// # Errors
/// Returns the first violation.
pub(super) fn check(timeline: &Timeline<'_>, request: &Recorded, pages: &[Answered<'_>]) -> Result<(), Violation> {
    match &request.call {
        Call::History { kind, id, limit } => check_history(timeline, *kind, id, *limit, pages),
        Call::Infos { kind: kind @ Kind::Equipement, id, .. } => pages.iter().try_for_each(|page| {
            at_some_moment(timeline, *page, |state| {
                matches_entity_or_404(state, *kind, id, *page, |state, entity| {
                    page.answer.body == state.infos(entity) && page.answer.version == Some(entity.version)
                })
            })
        }),
        Call::Infos { kind, id, limit } => check_infos(timeline, *kind, id, *limit, pages),
        Call::List { kind, filter } => check_list(timeline, *kind, filter, pages),
        Call::Write(_) | Call::Batch { .. } => Ok(()),
    }
}

/// Checks that an answer is right in one of the states between the request and the answer.
fn at_some_moment(
    timeline: &Timeline<'_>,
    page: Answered<'_>,
    is_right: impl FnMut(&State) -> bool,
) -> Result<(), Violation> {
    let window = timeline.window(page.attempt.invoked, page.answer.at);
    if timeline.states(window).iter().any(is_right) { Ok(()) } else { Err(page.violation("not at any moment")) }
}

/// Returns `true` if an answer is 404 for an entity that is missing, or if `is_right` holds for one that is there.
fn matches_entity_or_404(
    state: &State,
    kind: Kind,
    id: &str,
    page: Answered<'_>,
    is_right: impl FnOnce(&State, &Entity) -> bool,
) -> bool {
    match state.find(kind, id) {
        Ok(entity) => page.answer.status == 200 && is_right(state, entity),
        Err(refusal) => writes::refusal(page) == refusal,
    }
}

/// Checks the pages of a history: one descending run of versions, from the newest one at the first page.
fn check_history(
    timeline: &Timeline<'_>,
    kind: Kind,
    id: &str,
    limit: Option<u32>,
    pages: &[Answered<'_>],
) -> Result<(), Violation> {
    let limit = limit.map_or(DEFAULT_HISTORY, |limit| limit as usize);
    // The oldest version that the pages so far have shown.
    let mut oldest: Option<u64> = None;
    for page in pages {
        at_some_moment(timeline, *page, |state| {
            matches_entity_or_404(state, kind, id, *page, |_, entity| {
                let newest = usize::try_from(oldest.unwrap_or(entity.version + 1) - 1).unwrap_or(usize::MAX);
                let all = &timeline.versions[id][..newest];
                let expected: Vec<_> = all.iter().rev().take(limit).cloned().collect();
                page.answer.body == Value::Array(expected) && page.answer.next.is_some() == (newest > limit)
            })
        })?;
        let last = page.answer.body.as_array().and_then(|entries| entries.last()?["version"].as_u64());
        oldest = last.or(oldest);
    }
    Ok(())
}

/// Checks an entity and the pages of its active children.
fn check_infos(
    timeline: &Timeline<'_>,
    kind: Kind,
    id: &str,
    limit: Option<u32>,
    pages: &[Answered<'_>],
) -> Result<(), Violation> {
    let (name, child) = match kind {
        Kind::Client => ("sites", Kind::Site),
        Kind::Site | Kind::Equipement => ("equipements", Kind::Equipement),
    };
    for page in pages {
        // The entity and its children may be read one after the other.
        at_some_moment(timeline, *page, |state| {
            matches_entity_or_404(state, kind, id, *page, |state, entity| {
                let mut own = page.answer.body.clone();
                own.as_object_mut().map(|own| own.remove(name));
                own == state.infos(entity) && page.answer.version == Some(entity.version)
            })
        })?;
    }
    let Some(pages) = Pages::of(pages, limit, |body| &body[name]) else { return Ok(()) };
    let matches = |state: &State, entity: &Entity| {
        entity.kind == child && entity.active && entity.parent.as_deref() == Some(id) && state.get(id).is_some()
    };
    let window = pages.window(timeline);
    pages.check(timeline, window, child, matches, State::summary)
}

fn check_list(
    timeline: &Timeline<'_>,
    kind: Kind,
    filter: &BTreeMap<&'static str, String>,
    pages: &[Answered<'_>],
) -> Result<(), Violation> {
    let parent = kind.parent().and_then(|parent| Some((parent, filter.get(parent.id_name())?)));
    for page in pages.iter().filter(|page| page.answer.status != 200) {
        let refusal = writes::refusal(*page);
        at_some_moment(timeline, *page, |state| {
            parent.is_some_and(|(kind, id)| state.find(kind, id).err().as_ref() == Some(&refusal))
        })?;
    }
    let limit = filter.get("limit").and_then(|limit| limit.parse().ok());
    let Some(pages) = Pages::of(pages, limit, |body| body) else { return Ok(()) };
    let prefix = filter.get("nom").map(|nom| folded(&nom.replace("%C3%89", "É")));
    let code = filter.get("code").and_then(|code| code.parse::<i64>().ok());
    let matches = |_: &State, entity: &Entity| {
        entity.kind == kind
            && filter.get("status").is_none_or(|status| status == entity.status())
            && prefix.as_ref().is_none_or(|prefix| folded(&entity.nom).starts_with(prefix.as_str()))
            && (code.is_none() || entity.code == code)
            && parent.is_none_or(|(_, id)| entity.parent.as_ref() == Some(id))
    };
    let is_of_index = parent.is_none() && code.is_none();
    let window = if is_of_index { pages.window_of_index(timeline) } else { pages.window(timeline) };
    pages.check(timeline, window, kind, matches, State::json)
}

/// Returns a text as searches compare it.
fn folded(text: &str) -> String {
    text.to_lowercase().replace(['é', 'è'], "e")
}

/// The pages of one list that a caller read one after the other.
struct Pages<'a> {
    answers: Vec<Answered<'a>>,
    /// What they show.
    shown: Vec<&'a Value>,
    /// How many entities each shows.
    lengths: Vec<usize>,
    /// Whether the last one has no further page.
    is_complete: bool,
    limit: Option<u32>,
}

impl<'a> Pages<'a> {
    fn of(answers: &[Answered<'a>], limit: Option<u32>, list: impl Fn(&'a Value) -> &'a Value) -> Option<Self> {
        let pages: Vec<_> = answers.iter().copied().filter(|page| page.answer.status == 200).collect();
        let lengths = pages.iter().map(|page| list(&page.answer.body).as_array().map_or(0, Vec::len)).collect();
        let shown = pages.iter().flat_map(|page| list(&page.answer.body).as_array().into_iter().flatten()).collect();
        let is_complete = pages.last()?.answer.next.is_none();
        Some(Self { answers: pages, shown, lengths, is_complete, limit })
    }

    fn last(&self) -> Answered<'a> {
        self.answers[self.answers.len() - 1]
    }

    /// Returns the states from the first page to the last one.
    fn window(&self, timeline: &Timeline<'_>) -> RangeInclusive<usize> {
        timeline.window(self.answers[0].attempt.invoked, self.last().answer.at)
    }

    /// Returns the states that an index may have shown from the first page to the last one.
    fn window_of_index(&self, timeline: &Timeline<'_>) -> RangeInclusive<usize> {
        timeline.window_of_index(self.answers[0].attempt, self.last().answer.at)
    }

    /// Checks that every entity that matched throughout is shown once, in order of creation, and that every entity that
    /// is shown matched as it is shown.
    fn check(
        &self,
        timeline: &Timeline<'_>,
        window: RangeInclusive<usize>,
        kind: Kind,
        matches: impl Fn(&State, &Entity) -> bool,
        show: impl Fn(&State, &Entity) -> Value,
    ) -> Result<(), Violation> {
        let last = self.last();
        let wrong = |what: String| last.violation(format!("{what} in {:?}", self.shown));
        let ids: Vec<_> = self.shown.iter().filter_map(|shown| shown[kind.id_name()].as_str()).collect();
        if ids.len() != self.shown.len() || !ids.is_sorted_by(|one, next| one < next) {
            return Err(wrong("not in order of creation".to_owned()));
        }
        for (id, shown) in ids.iter().zip(&self.shown) {
            let is_right = |state: &State| {
                state.get(id).is_some_and(|entity| matches(state, entity) && show(state, entity) == **shown)
            };
            if !timeline.states(window.clone()).iter().any(is_right) {
                return Err(wrong(format!("never was {shown}")));
            }
        }
        if let Some(missing) = missing(timeline, window, &ids, self.is_complete, matches) {
            return Err(wrong(format!("{missing} is missing")));
        }
        self.check_lengths(wrong)
    }

    fn check_lengths(&self, wrong: impl Fn(String) -> Violation) -> Result<(), Violation> {
        let most = self.limit.map_or(usize::MAX, |limit| limit as usize);
        for (Answered { attempt, answer, .. }, length) in self.answers.iter().zip(&self.lengths) {
            // A list that takes half of the request's time continues in another request.
            let is_late = 2 * (answer.answered_at - attempt.invoked_at) >= attempt.time_limit;
            let is_short = *length < most && answer.next.is_some() && !is_late;
            if *length > most || is_short {
                return Err(wrong(format!("a page of {length} with next {:?}", answer.next)));
            }
        }
        Ok(())
    }
}

/// Returns an entity that matched throughout, and is not shown though the pages pass its place.
fn missing(
    timeline: &Timeline<'_>,
    window: RangeInclusive<usize>,
    shown: &[&str],
    is_complete: bool,
    matches: impl Fn(&State, &Entity) -> bool,
) -> Option<String> {
    let matching = |state: &State| -> BTreeSet<String> {
        state.entities().filter(|entity| matches(state, entity)).map(|entity| entity.id.clone()).collect()
    };
    let mut states = timeline.states(window).iter();
    let mut throughout = matching(states.next()?);
    for state in states {
        throughout.retain(|id| state.get(id).is_some_and(|entity| matches(state, entity)));
    }
    throughout.retain(|id| is_complete || shown.last().is_some_and(|last| id.as_str() < *last));
    throughout.into_iter().find(|id| !shown.contains(&id.as_str()))
}

/// Returns a history entry as responses show it.
pub(super) fn history_entry(before: Option<&Entity>, after: &Entity, entry: &Value) -> Value {
    let fields = after.fields();
    let old = before.map(Entity::fields);
    let differs = |name: &str| old.as_ref().is_none_or(|old| old[name] != fields[name]);
    let keep = |fields: &Value| -> Value {
        let fields = fields.as_object().into_iter().flatten();
        fields.filter(|(name, _)| differs(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    json!({
        "version": after.version,
        "timestamp": entry["at"],
        "operation": entry["operation"],
        "par": entry["by"],
        "requete": entry["request_id"],
        "avant": old.as_ref().map(keep),
        "apres": keep(&fields),
    })
}
