//! The operator's check: whatever the table holds twice is compared, and every counter is recounted.
//!
//! It runs while others write. A state that looks wrong is read again, and is wrong only if nothing
//! changed in between: each state that is read includes a version that every change of it counts up.
//! A repair requires the version that was read.

mod codes;
mod counters;
mod places;

use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use tokio::time::Instant;

use super::rows::{EntityRow, Item, Row, VERSION};
use super::table::{OnConditionFailed, Table, TransactOp, TransactOutcome, Update};
use super::{Database, StoreError};

/// Number of items that are checked at the same time.
const CONCURRENCY: usize = 16;

/// Time after which something that keeps changing is left unchecked.
const PATIENCE: Duration = Duration::from_secs(10);

/// Something that is wrong in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, by identifiers and numbers only.
    pub what: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is wrong and was not repaired.
    Wrong,
    /// It was wrong and is repaired.
    Repaired,
    /// It kept changing while it was checked, and may be right.
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
    /// With `repair`, it sets counters to what it counted, and restores or removes reservations,
    /// pointers and copies if what they belong to leaves no doubt.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn verify(&self, repair: bool, mut report: impl FnMut(Progress)) -> Result<(), StoreError> {
        let checker = Checker { database: self, repair };
        let (mut items, mut start) = (0, None);
        loop {
            let page = checker.table().scan(start).await?;
            let mut checks =
                stream::iter(page.items.into_iter().map(|item| checker.check(item))).buffer_unordered(CONCURRENCY);
            while let Some(findings) = checks.next().await {
                findings?.into_iter().map(Progress::Found).for_each(&mut report);
                items += 1;
            }
            report(Progress::Items(items));
            start = page.next;
            if start.is_none() {
                return Ok(());
            }
        }
    }
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

    /// Checks one item as a scan returned it a while ago.
    async fn check(&self, item: Item) -> Result<Vec<Finding>, StoreError> {
        let findings = match Row::from_item(item) {
            Ok(Row::Client(row)) => self.client(&row).await,
            Ok(Row::Code(row)) => self.code(row).await,
            Ok(Row::Site(row)) => self.site(&row).await,
            Ok(Row::SiteParent(row)) => self.site_parent(row).await,
            Ok(Row::Equipement(row)) => self.equipement(&row).await,
            Ok(Row::EquipementCopy(row)) => self.equipement_copy(&row).await,
            // Item types of later versions are theirs to check.
            Ok(Row::Layout(_) | Row::Unknown(_)) => Ok(Vec::new()),
            Err(corrupt) => Err(corrupt.into()),
        };
        match findings {
            Err(StoreError::Corrupt(what)) => Ok(vec![Finding { what, outcome: Outcome::Wrong }]),
            findings => findings,
        }
    }

    /// Reads a state until it is right or stops changing.
    async fn settle<S: PartialEq>(
        &self,
        read: impl AsyncFn(Table) -> Result<S, StoreError>,
        is_right: impl Fn(&S) -> bool,
    ) -> Result<Settled<S>, StoreError> {
        let give_up = Instant::now() + PATIENCE;
        let mut last = None;
        while Instant::now() < give_up {
            let state = read(self.table()).await?;
            if is_right(&state) {
                return Ok(Settled::Right);
            }
            if last.as_ref() == Some(&state) {
                return Ok(Settled::Wrong(state));
            }
            last = Some(state);
        }
        Ok(Settled::Busy)
    }

    /// Checks a state, and repairs it if that is asked for and possible.
    ///
    /// `repair` returns the writes of the repair, none if there is no safe one.
    async fn examine<S: PartialEq>(
        &self,
        subject: String,
        read: impl AsyncFn(Table) -> Result<S, StoreError>,
        is_right: impl Fn(&S) -> bool,
        problem: impl Fn(&S) -> String,
        repair: impl Fn(&S) -> Vec<TransactOp>,
    ) -> Result<Option<Finding>, StoreError> {
        loop {
            let (problem, outcome) = match self.settle(&read, &is_right).await? {
                Settled::Right => return Ok(None),
                Settled::Busy => {
                    ("it kept changing while it was checked; verify again later".to_owned(), Outcome::Unchecked)
                }
                Settled::Wrong(state) => match self.repaired(repair(&state)).await? {
                    Some(outcome) => (problem(&state), outcome),
                    // It changed after it was read.
                    None => continue,
                },
            };
            return Ok(Some(Finding { what: format!("{subject}: {problem}"), outcome }));
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
            subject.to_owned(),
            async |table| table.get_item(row.key()).await,
            |item| item.as_ref().is_none_or(|item| missing(item).is_ok_and(|missing| missing.is_empty())),
            |_| "its index keys are missing or wrong, so that lists or searches do not show it".to_owned(),
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

/// Requires that an entity did not change since it was read.
fn unchanged(row: &impl EntityRow) -> TransactOp {
    TransactOp::check(row.key(), VERSION.is(&row.version()), OnConditionFailed::Stale)
}
