use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;

use super::group::{Group, Limits, groups};
use super::plan::{Planned, Planner};
use super::records::Records;
use super::refusals::Refusals;
use super::{BatchOptions, BatchOutcome, BatchResult};
use crate::models::BatchOperation;
use crate::store::StoreError;
use crate::store::rows::Key;
use crate::store::table::{MAX_TRANSACTION, OnConditionFailed, Table, TransactOp, TransactOutcome};
use crate::time_limits::BATCH_MARGIN;

/// Maximum number of operations that are planned before they are committed. More would save a few writes of counters,
/// and would be planned again after each refusal.
const WINDOW: usize = 256;

/// A batch while it is carried out.
pub(super) struct Run<'a> {
    table: &'a Table,
    operations: &'a [BatchOperation],
    options: BatchOptions,
    planner: Planner<'a>,
    /// `None` if the request has no key.
    records: Option<Records>,
    /// Positions in `operations` of those that are still to be carried out.
    pending: BTreeSet<usize>,
    results: BTreeMap<u16, BatchResult>,
    /// Operations that a refused transaction would have written, of which an earlier attempt may still arrive.
    uncertain: Vec<Vec<usize>>,
    /// Indexes of operations that an earlier request with the same key carried out.
    replayed: BTreeSet<u16>,
}

/// Outcome of the transaction of a group.
enum Committed {
    Done,
    Refused,
    /// Nothing was written, because this item, of which the operations do not know, is in the way.
    Blocked(Key),
    /// Another request with the same key has added a record.
    Overtaken,
    /// Like [`Self::Overtaken`]; the record has been read.
    ReadAgain,
}

impl<'a> Run<'a> {
    /// Begins a batch. What an earlier request with the same key has done becomes results.
    ///
    /// # Errors
    /// Returns [`StoreError::KeyReused`] or [`StoreError::Unavailable`].
    pub(super) async fn new(
        table: &'a Table,
        operations: &'a [BatchOperation],
        options: BatchOptions,
    ) -> Result<Self, StoreError> {
        let mut run = Self {
            table,
            operations,
            options,
            planner: Planner::new(table, operations),
            records: None,
            pending: (0..operations.len()).collect(),
            results: BTreeMap::new(),
            uncertain: Vec::new(),
            replayed: BTreeSet::new(),
        };
        run.read_records().await?;
        Ok(run)
    }

    /// Returns `true` if an operation has a result.
    pub(super) fn has_results(&self) -> bool {
        !self.results.is_empty()
    }

    /// Returns the results, and why there are not more.
    pub(super) fn into_outcome(self, stopped: Option<StoreError>) -> BatchOutcome {
        BatchOutcome { results: self.results, replayed: self.replayed, stopped }
    }

    /// Plans and commits until every operation has a result, or until the time is over.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`]; of an atomic batch also [`StoreError::DoNotFit`], [`StoreError::Undecided`]
    /// and [`StoreError::Corrupt`].
    pub(super) async fn commit(&mut self) -> Result<(), StoreError> {
        let mut refusals = Refusals::new(self.table);
        while !self.pending.is_empty() {
            let groups = if self.options.atomic {
                self.plan_one_group(&mut refusals).await?
            } else {
                self.plan_groups(&mut refusals).await?
            };
            self.commit_groups(groups, &mut refusals).await?;
            if !self.options.dry_run {
                // Others write too.
                self.planner.forget();
            }
        }
        Ok(())
    }

    async fn plan_groups(&self, refusals: &mut Refusals) -> Result<Vec<Group>, StoreError> {
        // A dry run is planned at once: its plan is not forgotten between two windows.
        let window = if self.options.dry_run { usize::MAX } else { WINDOW };
        let window: Vec<_> = self.pending.iter().copied().take(window).collect();
        let planned = self.planner.plan(&window, refusals).await?;
        Ok(groups(planned, Limits { items: self.max_items(), operations: refusals.limit }))
    }

    /// Plans every operation as one group. If one is refused, returns no group, and the refusals become the results.
    async fn plan_one_group(&mut self, refusals: &mut Refusals) -> Result<Vec<Group>, StoreError> {
        let all: Vec<_> = self.pending.iter().copied().collect();
        let planned = self.planner.plan(&all, refusals).await?;
        let (carried_out, refused): (Vec<_>, Vec<_>) = planned.into_iter().partition(|one| one.result.is_ok());
        if !refused.is_empty() {
            // As in [`Self::send`].
            if self.read_records().await? {
                return Ok(Vec::new());
            }
            for refused in refused {
                self.finish(refused);
            }
            self.pending.clear();
            return Ok(Vec::new());
        }
        let limits = Limits { items: self.max_items(), operations: usize::MAX };
        let mut group = Group::default();
        for (count, planned) in carried_out.into_iter().enumerate() {
            if group.add(planned, limits).is_some() {
                return Err(StoreError::DoNotFit(count));
            }
        }
        Ok(vec![group])
    }

    /// Maximum number of items that the operations of a group write.
    fn max_items(&self) -> usize {
        MAX_TRANSACTION - usize::from(self.records.is_some())
    }

    /// Commits groups one after the other, until one is refused or the time is over.
    async fn commit_groups(&mut self, groups: Vec<Group>, refusals: &mut Refusals) -> Result<(), StoreError> {
        for mut group in groups {
            if self.is_out_of_time() {
                self.pending.clear();
                return Ok(());
            }
            let ops = take(&mut group.writes).into_ops();
            match self.send(&group, ops).await? {
                Committed::Done => {
                    *refusals = Refusals::new(self.table);
                    self.finish_all(group);
                }
                Committed::Refused if self.options.atomic && !self.uncertain.is_empty() => {
                    return Err(StoreError::uncertain());
                }
                Committed::Refused => return self.retry(group, refusals).await,
                Committed::Blocked(key) => {
                    return self.give_up(group, |member| member.writes_item(&key), StoreError::unexpected(&key));
                }
                Committed::ReadAgain => return Ok(()),
                Committed::Overtaken => {
                    let is_progress = self.read_records().await?;
                    return if is_progress { Ok(()) } else { refusals.wait().await };
                }
            }
        }
        Ok(())
    }

    /// Returns `true` if the next transaction might not end before the deadline. The first one of a request is always
    /// tried, so that each request makes progress.
    fn is_out_of_time(&self) -> bool {
        self.results.len() > self.replayed.len() && self.table.time_left() < BATCH_MARGIN
    }

    /// Sends the transaction of a group.
    async fn send(&mut self, group: &Group, mut ops: Vec<TransactOp>) -> Result<Committed, StoreError> {
        if self.options.dry_run {
            return Ok(Committed::Done);
        }
        let done: Vec<_> =
            group.members.iter().filter_map(|member| Some(&member.result.as_ref().ok()?.record)).collect();
        let record = self.records.as_ref().filter(|_| !done.is_empty()).map(|records| records.add(self.table, &done));
        let adds_record = record.is_some();
        // The record comes first: if it was added before, that takes precedence over other failed conditions.
        ops.splice(0..0, record);
        if ops.is_empty() {
            // The refusals hold unless another request with the same key has carried out what they depend on.
            return Ok(if self.read_records().await? { Committed::ReadAgain } else { Committed::Done });
        }
        let refusal = match self.table.transact(ops).await {
            Ok(TransactOutcome::Done) => {
                if adds_record && let Some(records) = &mut self.records {
                    records.added();
                }
                return Ok(Committed::Done);
            }
            Ok(TransactOutcome::Refused(refusal)) => refusal,
            // One item of many: its operation is found in a smaller group.
            Err(StoreError::Corrupt(_)) => return Ok(Committed::Refused),
            Err(error) => return Err(error),
        };
        if refusal.on_failed == OnConditionFailed::Answered {
            return Ok(Committed::Overtaken);
        }
        if refusal.on_failed == OnConditionFailed::Corrupt && !refusal.uncertain {
            return Ok(Committed::Blocked(refusal.key));
        }
        if refusal.uncertain {
            let writers = group.members.iter().filter(|member| member.writes());
            self.uncertain.push(writers.map(|member| member.position).collect());
        }
        Ok(Committed::Refused)
    }

    /// Waits after a refusal, or gives up an operation that is refused for no reason that can be read.
    async fn retry(&mut self, group: Group, refusals: &mut Refusals) -> Result<(), StoreError> {
        let Some(corrupt) = refusals.add(&group).await? else { return Ok(()) };
        *refusals = Refusals::new(self.table);
        // The group has one writer.
        self.give_up(group, Planned::writes, corrupt)
    }

    /// Ends the operation that keeps its group from being carried out; the others are planned again. An atomic batch
    /// ends as a whole.
    fn give_up(
        &mut self,
        group: Group,
        is_culprit: impl Fn(&Planned) -> bool,
        cause: StoreError,
    ) -> Result<(), StoreError> {
        match group.members.into_iter().find(is_culprit) {
            Some(culprit) if !self.options.atomic => self.finish(Planned { result: Err(cause), ..culprit }),
            _ => return Err(cause),
        }
        Ok(())
    }

    fn finish_all(&mut self, group: Group) {
        let is_written =
            |position: &usize| group.members.iter().any(|member| member.position == *position && member.writes());
        // An operation is carried out once, so an earlier attempt of it can no longer succeed.
        self.uncertain.retain(|positions| !positions.iter().any(is_written));
        for member in group.members {
            self.finish(member);
        }
    }

    fn finish(&mut self, Planned { position, result, .. }: Planned) {
        let is_uncertain = self.uncertain.iter().any(|positions| positions.contains(&position));
        let result = match result {
            Ok(done) if self.options.dry_run => Ok(self.planner.without_new_ids(done.answer)),
            Ok(done) => Ok(done.answer),
            Err(_) if is_uncertain => Err(StoreError::uncertain()),
            Err(error) => Err(error),
        };
        self.pending.remove(&position);
        self.results.insert(self.operations[position].index, result);
    }

    /// Reads what requests with the same key have done. Returns `true` if there are new records.
    async fn read_records(&mut self) -> Result<bool, StoreError> {
        let Some((records, done)) = Records::read(self.table, self.operations, self.options).await? else {
            return Ok(false);
        };
        let before = self.records.replace(records);
        let is_new = before != self.records;
        let mut kept = Vec::new();
        for record in done {
            let position = self.operations.binary_search_by_key(&record.index, |operation| operation.index);
            if let Ok(position) = position
                && self.pending.remove(&position)
            {
                kept.push((record, &self.operations[position].operation));
            }
        }
        for (index, answer) in self.planner.answers(&kept).await? {
            self.results.insert(index, answer);
            self.replayed.insert(index);
        }
        Ok(is_new)
    }
}
