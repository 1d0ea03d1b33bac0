//! The operator's check: what the table says twice is counted and compared.
//!
//! It reads while others write. What looks wrong is read again, and is a difference only where
//! nothing has changed meanwhile; a repair holds to the version that was seen.

mod counters;
mod listed;
mod places;
mod reservations;

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use futures_util::stream::{self, StreamExt};

use super::calls::{Commit, Item, text};
use super::keys::Key;
use super::write::Write;
use super::{Store, StoreError};
use crate::models::{ClientId, EntityId, EquipementId, SiteId};

/// How many items are looked at side by side.
const SIDE_BY_SIDE: usize = 16;

/// How often something that changes while it is counted is counted again.
const ATTEMPTS: usize = 20;

/// Something that the table says in two ways that do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What does not agree, by identifiers and numbers only.
    pub what: String,
    /// Whether it has been mended.
    pub mended: bool,
}

/// What is told while a table is verified.
#[derive(Debug)]
pub enum Progress {
    /// So many items have been looked at.
    Items(u64),
    /// They do not all agree.
    Different(Difference),
}

impl Store {
    /// Looks at every item of the table, and tells each difference and, page by page, how far it is.
    ///
    /// With `repair` it mends what it can: counters are set to what was counted, reservations and
    /// places are added where they lack and taken away where nothing is behind them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Corrupt`] for an item that cannot be read.
    pub async fn verify(&self, repair: bool, mut tell: impl FnMut(Progress)) -> Result<(), StoreError> {
        let (mut items, mut start) = (0, None);
        loop {
            let store = self.for_request(None);
            let scan = store.db.scan().table_name(&*store.table).set_exclusive_start_key(start);
            let scan = scan.return_consumed_capacity(ReturnConsumedCapacity::Total);
            let page = store.call(|| scan.clone().customize().interceptor(store.attempts()).send()).await?;
            let checks =
                page.items.unwrap_or_default().into_iter().map(|item| self.for_request(None).check(item, repair));
            let mut checks = stream::iter(checks).buffer_unordered(SIDE_BY_SIDE);
            while let Some(differences) = checks.next().await {
                differences?.into_iter().map(Progress::Different).for_each(&mut tell);
                items += 1;
            }
            tell(Progress::Items(items));
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    /// What is wrong about one item, one that cannot be read included.
    async fn check(self, item: Item, repair: bool) -> Result<Vec<Difference>, StoreError> {
        match self.compare(&item, repair).await {
            Err(StoreError::Corrupt(what)) => Ok(vec![Difference { what, mended: false }]),
            compared => compared,
        }
    }

    /// How one item, as a scan gave it a while ago, agrees with the others.
    async fn compare(&self, item: &Item, repair: bool) -> Result<Vec<Difference>, StoreError> {
        let kind = |key: &str| key.split('#').next().unwrap_or_default().to_owned();
        match (kind(text(item, "PK")).as_str(), kind(text(item, "SK")).as_str()) {
            ("CLIENT", "CLIENT") => {
                let mut differences = self.check_below_zero(item, repair).await?;
                if differences.iter().all(|difference| difference.mended) {
                    differences.extend(self.check_counters(item, repair).await?);
                    differences.extend(self.check_reserved(item, repair).await?);
                    differences.extend(self.check_listed::<ClientId>(item, repair).await?);
                }
                Ok(differences)
            }
            ("CODE", "CODE") => self.check_reservation(item, repair).await,
            ("CLIENT", "SITE") => {
                let mut differences = self.check_below_zero(item, repair).await?;
                if differences.is_empty() {
                    differences.extend(self.check_site(item, repair).await?);
                    differences.extend(self.check_listed::<SiteId>(item, repair).await?);
                }
                Ok(differences)
            }
            ("SITE", "SITE") => self.check_site_home(item, repair).await,
            ("SITE", "EQUIPEMENT") => {
                let mut differences = self.check_equipement(item, repair).await?;
                differences.extend(self.check_listed::<EquipementId>(item, repair).await?);
                Ok(differences)
            }
            ("EQUIPEMENT", "EQUIPEMENT") => self.check_equipement_home(item, repair).await,
            // What later versions of parc keep here is not for this one to judge.
            _ => Ok(Vec::new()),
        }
    }

    /// A difference, and the writes that mend it where that is asked and can be done.
    async fn differ(&self, what: String, repair: bool, mend: Vec<Write>) -> Result<Vec<Difference>, StoreError> {
        let mended = repair && !mend.is_empty() && self.transact(mend).await? == Commit::Done;
        Ok(vec![Difference { what, mended }])
    }
}

/// The identifier in the partition of a key.
fn id_in<T: EntityId>(key: &Key) -> Option<T> {
    key.partition.split_once('#').and_then(|(_, id)| T::parse_lenient(id))
}
