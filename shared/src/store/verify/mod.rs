//! The consistency check: compares everything that the table holds twice, and recounts every counter.
//!
//! It runs while others write. A state that looks wrong is read again, and is wrong only if nothing
//! changed in between: each state that is read includes a version that every change of it increments.
//! A repair requires the version that was read.
//!
//! Counters are recounted in a second scan, after the first one repaired the copies that are counted.

mod codes;
mod counters;
mod history;
mod parents;

use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use tokio::time::{Instant, sleep};

use super::rows::{EntityRow, Item, Key, Row, VERSION};
use super::table::{OnConditionFailed, Table, TransactOp, TransactOutcome, Update};
use super::{Database, StoreError};
use crate::models::EntityId;

/// Number of items that are checked at the same time.
const CONCURRENCY: usize = 16;

/// Time after which something that keeps changing is left unchecked.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time for which a wrong state must stay the same to be reported. A query may see one item of a
/// transaction that is being committed and not yet another one.
const CONFIRMATION: Duration = Duration::from_millis(50);

/// An inconsistency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Description, with identifiers and numbers only.
    pub description: String,
    /// Whether it was repaired.
    pub outcome: Outcome,
}

/// Whether an inconsistency was repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is wrong and was not repaired.
    Wrong,
    /// It was wrong and is repaired.
    Repaired,
    /// It could not be checked, and may be right: it kept changing, or another item is corrupt.
    Unchecked,
}

/// Progress of a check.
#[derive(Debug)]
pub enum Progress {
    /// Number of items checked so far.
    Items(u64),
    /// One more finding.
    Found(Finding),
}

impl Database {
    /// Checks every item of the table, and reports each finding and the progress.
    ///
    /// With `repair`, it sets counters to the recounted values, corrects index keys and copies, and restores or
    /// deletes reservations, pointers and copies if their owner is certain.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn verify(&self, repair: bool, mut report: impl FnMut(Progress)) -> Result<(), StoreError> {
        let checker = Checker { database: self, repair };
        for pass in [Pass::Items, Pass::Counters] {
            let (mut items, mut start) = (0, None);
            loop {
                let page = checker.table().scan(start).await?;
                let checks = page.items.into_iter().map(|item| checker.check(pass, item));
                let mut checks = stream::iter(checks).buffer_unordered(CONCURRENCY);
                while let Some(findings) = checks.next().await {
                    findings?.into_iter().map(Progress::Found).for_each(&mut report);
                    items += 1;
                }
                report(Progress::Items(items));
                start = page.next;
                if start.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Purpose of one scan of the table.
#[derive(Debug, Clone, Copy)]
enum Pass {
    Items,
    Counters,
}

/// One run of the check.
struct Checker<'a> {
    database: &'a Database,
    repair: bool,
}

/// A state that was read until it stopped changing.
enum Settled<S> {
    Right,
    Wrong(S),
    /// It kept changing.
    Busy,
}

impl Checker<'_> {
    /// Returns the table for one more step.
    fn table(&self) -> Table {
        self.database.for_command().table
    }

    /// Checks a scanned item, which may have changed since.
    async fn check(&self, pass: Pass, item: Item) -> Result<Vec<Finding>, StoreError> {
        match (pass, Row::from_item(item)) {
            (Pass::Items, Ok(Row::Client(row))) => self.client(&row).await,
            (Pass::Items, Ok(Row::Code(row))) => self.code(row).await.map(Vec::from_iter),
            (Pass::Items, Ok(Row::Site(row))) => self.site(&row).await,
            (Pass::Items, Ok(Row::SiteParent(row))) => self.site_parent(row).await.map(Vec::from_iter),
            (Pass::Items, Ok(Row::Equipement(row))) => self.equipement(&row).await,
            (Pass::Items, Ok(Row::EquipementCopy(row))) => self.equipement_copy(&row).await.map(Vec::from_iter),
            (Pass::Items, Err(corrupt)) => {
                Ok(vec![Finding { description: corrupt.to_string(), outcome: Outcome::Wrong }])
            }
            (Pass::Counters, Ok(Row::Client(row))) => self.counters(&row).await,
            (Pass::Items, Ok(Row::ClientHistory(row))) => {
                self.history_entry(&row, Key::client(row.id)).await.map(Vec::from_iter)
            }
            (Pass::Items, Ok(Row::SiteHistory(row))) => {
                self.history_entry(&row, Key::site_parent(row.id)).await.map(Vec::from_iter)
            }
            (Pass::Items, Ok(Row::EquipementHistory(row))) => {
                self.history_entry(&row, Key::equipement(row.id)).await.map(Vec::from_iter)
            }
            // Kept answers and the layout repeat nothing; later versions check their own item types.
            (Pass::Items, Ok(Row::KeptAnswer(_) | Row::Layout(_) | Row::Unknown(_))) | (Pass::Counters, _) => {
                Ok(Vec::new())
            }
        }
    }

    /// Reads a state until it is right or stops changing.
    async fn settle<S: PartialEq>(
        &self,
        give_up: Instant,
        read: &impl AsyncFn(Table) -> Result<S, StoreError>,
        is_right: &impl Fn(&S) -> bool,
    ) -> Result<Settled<S>, StoreError> {
        let mut last = None;
        while Instant::now() < give_up {
            let state = read(self.table()).await?;
            if is_right(&state) {
                return Ok(Settled::Right);
            }
            if last.as_ref() == Some(&state) {
                // A repair requires the versions that were read: it needs no confirmation.
                if self.repair {
                    return Ok(Settled::Wrong(state));
                }
                sleep(CONFIRMATION).await;
                if read(self.table()).await? == state {
                    return Ok(Settled::Wrong(state));
                }
            }
            last = Some(state);
        }
        Ok(Settled::Busy)
    }

    /// Checks a state, and repairs it if `--repair` was passed. `repair` returns the writes of a safe repair, or
    /// nothing.
    async fn examine<S: PartialEq>(
        &self,
        subject: &str,
        read: impl AsyncFn(Table) -> Result<S, StoreError>,
        is_right: impl Fn(&S) -> bool,
        problem: impl Fn(&S) -> String,
        repair: impl Fn(&S) -> Vec<TransactOp>,
    ) -> Result<Option<Finding>, StoreError> {
        let examined = self.examine_state(subject, read, is_right, problem, repair).await?;
        Ok(examined.map(|(finding, _)| finding))
    }

    /// Like [`Self::examine`], and returns the state that the finding was made from, unless that is repaired
    /// or unknown.
    async fn examine_state<S: PartialEq>(
        &self,
        subject: &str,
        read: impl AsyncFn(Table) -> Result<S, StoreError>,
        is_right: impl Fn(&S) -> bool,
        problem: impl Fn(&S) -> String,
        repair: impl Fn(&S) -> Vec<TransactOp>,
    ) -> Result<Option<(Finding, Option<S>)>, StoreError> {
        let give_up = Instant::now() + PATIENCE;
        let finding = |problem: String, outcome| Finding { description: format!("{subject}: {problem}"), outcome };
        loop {
            let state = match self.settle(give_up, &read, &is_right).await {
                Ok(Settled::Right) => return Ok(None),
                Ok(Settled::Wrong(state)) => state,
                Ok(Settled::Busy) => {
                    let busy = "kept changing during the check; run verify again".to_owned();
                    return Ok(Some((finding(busy, Outcome::Unchecked), None)));
                }
                // The corrupt item is reported separately.
                Err(StoreError::Corrupt(problem)) => return Ok(Some((finding(problem, Outcome::Unchecked), None))),
                Err(error) => return Err(error),
            };
            match self.repaired(repair(&state)).await? {
                Some(Outcome::Repaired) => return Ok(Some((finding(problem(&state), Outcome::Repaired), None))),
                Some(outcome) => return Ok(Some((finding(problem(&state), outcome), Some(state)))),
                // It changed after it was read.
                None => {}
            }
        }
    }

    /// Carries out a repair; `None` if the table changed since it was read.
    async fn repaired(&self, repair: Vec<TransactOp>) -> Result<Option<Outcome>, StoreError> {
        if !self.repair || repair.is_empty() {
            return Ok(Some(Outcome::Wrong));
        }
        Ok(match self.table().transact(repair).await? {
            TransactOutcome::Done => Some(Outcome::Repaired),
            TransactOutcome::Refused { .. } => None,
        })
    }

    /// Checks that an entity is where lists and searches look for it.
    async fn index_keys<R: EntityRow>(&self, subject: &str, row: &R) -> Result<Option<Finding>, StoreError> {
        let missing = |item: &Item| R::from_item(item.clone()).map(|row| item.changes_to(&row.to_item()));
        self.examine(
            subject,
            async |table| table.get_item(row.key()).await,
            |item| item.as_ref().is_none_or(|item| missing(item).is_ok_and(|missing| missing.is_empty())),
            |_| "index keys missing or wrong: lists or searches do not show it".to_owned(),
            |item| {
                let Some((item, row)) = item.as_ref().and_then(|item| Some((item, R::from_item(item.clone()).ok()?)))
                else {
                    return Vec::new();
                };
                let update = Update::changes(item, &row.to_item());
                vec![TransactOp::update(row.key(), update, VERSION.is(&row.version()), OnConditionFailed::Stale)]
            },
        )
        .await
    }
}

/// Returns how findings name an entity.
fn subject<T: EntityId>(id: T) -> String {
    format!("{} {id}", T::KIND.label())
}

/// Requires that an entity did not change since it was read.
fn unchanged(row: &impl EntityRow) -> TransactOp {
    TransactOp::check(row.key(), VERSION.is(&row.version()), OnConditionFailed::Stale)
}
