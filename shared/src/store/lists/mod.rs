//! Lists of entities, in order of creation.

mod queries;
mod search;
mod source;

use futures_util::future::{try_join, try_join_all};

use super::error::StoreError;
use super::rows::{Item, PartialRow};
use super::table::Table;
use crate::models::{Entity, Filter, Pagination, Rank};
pub(crate) use queries::Parent;
use source::{ReadItem, Source};

/// Entities in order of creation, read on demand.
#[derive(Debug)]
pub struct List<T: Entity> {
    table: Table,
    read: ReadItem<T>,
    filter: Filter,
    sources: Vec<Source<T>>,
    budget: Option<usize>,
    resume_after: Option<Rank>,
}

impl<T: Entity> List<T> {
    fn new(table: &Table, read: ReadItem<T>, filter: &Filter, sources: Vec<Source<T>>) -> Self {
        Self { table: table.clone(), read, filter: filter.clone(), sources, budget: None, resume_after: None }
    }

    /// Returns a list of entities that are already read.
    pub(crate) fn of_entities(table: &Table, filter: &Filter, entities: impl IntoIterator<Item = T>) -> Self {
        let entities = entities.into_iter().filter(|entity| filter.passes(entity));
        let never = |_| Err(StoreError::Bug("a list of entities reads nothing".to_owned()));
        Self::new(table, never, filter, vec![Source::of_entities(entities)])
    }

    /// Limits the list to this many rounds of reads (1 MB from each query, or a thousand keys) and to
    /// half of the request's time. It ends there, and [`Self::resume_after`] returns the rank to continue
    /// from.
    #[must_use]
    pub fn with_budget(self, rounds: usize) -> Self {
        Self { budget: Some(self.budget.map_or(rounds, |fewer| fewer.min(rounds))), ..self }
    }

    /// Returns the rank after which the list continues, if it ended before its end.
    #[must_use]
    pub fn resume_after(&self) -> Option<Rank> {
        self.resume_after
    }

    /// Returns the next entity, or `None` at the end. Do not call it again after an error.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn next(&mut self) -> Result<Option<T>, StoreError> {
        while self.sources.iter().any(Source::needs_refill) && self.may_read() {
            self.budget = self.budget.map(|left| left.saturating_sub(1));
            self.refill().await?;
        }
        // A source that was not refilled may hold entities after this rank.
        let complete_to = self.sources.iter().filter(|source| source.needs_refill()).filter_map(Source::read_to).min();
        let first = self.sources.iter_mut().filter_map(|source| Some((source.first_rank()?, source)));
        let first = first.min_by_key(|(rank, _)| *rank);
        let known = first.filter(|(rank, _)| complete_to.is_none_or(|complete_to| *rank <= complete_to));
        let entity = match known {
            Some((_, source)) => source.pop(self.read, &self.filter)?,
            None => None,
        };
        if entity.is_none() {
            self.resume_after = complete_to;
        }
        Ok(entity)
    }

    /// Returns `true` if one more round is within the budget, and always for the first round: before
    /// it there is no rank to resume after.
    fn may_read(&self) -> bool {
        let unread = self.sources.iter().any(|source| source.needs_refill() && source.read_to().is_none());
        unread || self.budget.is_none_or(|left| left > 0 && !self.table.is_late())
    }

    /// Reads one more page of every source that has no entity left, at the same time.
    async fn refill(&mut self) -> Result<(), StoreError> {
        let (table, read, filter) = (&self.table, self.read, &self.filter);
        let empty = self.sources.iter_mut().filter(|source| source.needs_refill());
        try_join_all(empty.map(|source| source.refill(table, read, filter))).await?;
        Ok(())
    }
}

/// Lists the entities of a kind; eventually consistent.
///
/// # Errors
/// Returns [`StoreError::Unavailable`].
pub(crate) async fn of_kind<R: PartialRow<Part: Entity>>(
    table: &Table,
    filter: &Filter,
    page: Pagination,
) -> Result<List<R::Part>, StoreError> {
    let kind = R::Part::KIND;
    let found = match &filter.nom {
        Some(nom) => search::find(table, kind, nom, page.after).await?,
        None => None,
    };
    let sources = found.map_or_else(
        || {
            let queries = queries::of_kind(kind, filter, page).into_iter();
            queries.map(|query| Source::of_query(query.reading(&[R::ATTRIBUTES]))).collect()
        },
        |keys| vec![Source::of_keys(keys, page.limit)],
    );
    Ok(List::new(table, read_part::<R>, filter, sources))
}

/// Reads the head of a parent's partition, and lists the children in it; strongly consistent.
///
/// # Errors
/// Returns [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
pub(crate) async fn with_children<H: PartialRow, C: PartialRow<Part: Entity>>(
    table: &Table,
    parent: &Parent,
    filter: &Filter,
    page: Pagination,
) -> Result<(Option<H::Part>, List<C::Part>), StoreError> {
    let query = parent.query(filter, page).reading(&[H::ATTRIBUTES, C::ATTRIBUTES]);
    let (head, first) = if page.after.is_some() {
        try_join(table.get_item(parent.head.clone()), table.query(query.clone())).await?
    } else {
        // The head comes first, if it exists.
        let mut first = table.query(query.clone()).await?;
        let is_head = first.items.first().is_some_and(|item| item.key() == parent.head);
        (is_head.then(|| first.items.remove(0)), first)
    };
    let head = head.map(read_part::<H>).transpose()?;
    let source = Source::of_first_page(query, first, read_part::<C>, filter)?;
    Ok((head, List::new(table, read_part::<C>, filter, vec![source])))
}

fn read_part<R: PartialRow>(mut item: Item) -> Result<R::Part, StoreError> {
    Ok(R::part_from_item(&mut item)?)
}
