//! Records of what a batch with a key has done, one in each of its transactions.
//!
//! A record names entities and versions, from which the answers are built again. The number of the record is part of its
//! key, so that of two requests with the same key only one can add the next record.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{BatchAnswer, BatchOptions};
use crate::models::{
    BatchOperation, Client, ClientFields, ClientId, Entity, EntityId, Equipement, EquipementFields, EquipementId, Kind,
    Operation, Site, SiteFields, SiteId,
};
use crate::store::StoreError;
use crate::store::clients::client;
use crate::store::digest::Digest;
use crate::store::equipements::equipement;
use crate::store::replays::{expiry, is_expired, keep};
use crate::store::request::RetryKey;
use crate::store::rows::{EntityRow, HistoryRow, KeptAnswerRow, Key, PARTITION, TableRow};
use crate::store::sites::{parent_of_site, site};
use crate::store::table::{Query, Table, TransactOp};

/// An operation that was carried out. Its JSON is stored: short names, because a record takes capacity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Index of the operation.
    #[serde(rename = "i")]
    pub(super) index: u16,
    /// Identifier of the entity.
    pub(super) id: Uuid,
    /// Version of the entity after the operation.
    #[serde(rename = "v")]
    pub(super) version: u64,
    /// The counters that the answer showed.
    #[serde(rename = "c")]
    counters: [u32; 2],
}

impl Record {
    pub(super) fn of(index: u16, entity: &impl Entity) -> Self {
        let (id, version, counters) = (entity.id().as_uuid(), entity.version(), entity.counters());
        Self { index, id, version, counters }
    }
}

/// The records of one batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Records {
    key: RetryKey,
    /// Digest of the request.
    fingerprint: Digest,
    /// When all records expire: the first one determines it.
    expires_at: i64,
    /// Number of records.
    parts: u16,
}

impl Records {
    /// Reads the records of a request, if it has a key.
    ///
    /// # Errors
    /// Returns [`StoreError::KeyReused`] if the key was used for another request.
    pub(super) async fn read(
        table: &Table,
        operations: &[BatchOperation],
        options: BatchOptions,
    ) -> Result<Option<(Self, Vec<Record>)>, StoreError> {
        let Some(key) = table.request().retry_key.clone() else { return Ok(None) };
        let fingerprint = Digest::of(&("run_batch", operations, options.atomic));
        let now = table.request().now;
        let mut rows = parts(table, &key).await?.into_iter().peekable();
        let Some(first) = rows.peek().filter(|row| row.part == 0 && !is_expired(row, now)) else {
            return Ok(Some((Self { key, fingerprint, expires_at: expiry(now), parts: 0 }, Vec::new())));
        };
        if first.fingerprint != fingerprint {
            return Err(StoreError::KeyReused);
        }
        let (expires_at, mut count, mut records) = (first.expires_at, 0, Vec::new());
        // Parts after these are of an earlier batch with the same key, and have expired.
        for row in rows.take_while(|row| row.expires_at == expires_at) {
            let done: Vec<Record> = serde_json::from_str(&row.body).map_err(|_| not_a_record(&row))?;
            records.extend(done);
            count += 1;
        }
        Ok(Some((Self { key, fingerprint, expires_at, parts: count }, records)))
    }

    /// Returns the write that adds a record of these operations.
    pub(super) fn add(&self, table: &Table, done: &[&Record]) -> TransactOp {
        let body = serde_json::to_string(done).unwrap_or_default();
        let Self { key, fingerprint, expires_at, parts } = self;
        let (key, fingerprint, expires_at) = (key.clone(), *fingerprint, *expires_at);
        let row = KeptAnswerRow { key, part: *parts, fingerprint, version: 0, body, expires_at };
        keep(&row, table.request().now)
    }

    /// Counts a record that was added.
    pub(super) fn added(&mut self) {
        self.parts += 1;
    }
}

fn not_a_record(row: &KeptAnswerRow) -> StoreError {
    StoreError::Corrupt(format!("item {}: its body is not a record of a batch", row.key()))
}

/// Reads every part of a kept answer, in order.
async fn parts(table: &Table, key: &RetryKey) -> Result<Vec<KeptAnswerRow>, StoreError> {
    let query = Query::of_table(PARTITION.is(&Key::kept_answer(key, 0).partition));
    let items = table.query_all(query).await?.items;
    Ok(items.into_iter().map(KeptAnswerRow::from_item).collect::<Result<_, _>>()?)
}

/// Builds the answer to an operation that was carried out.
///
/// # Errors
/// Returns [`StoreError::Corrupt`] if the entity or its history is missing.
pub(super) async fn answer(table: &Table, record: &Record, operation: &Operation) -> Result<BatchAnswer, StoreError> {
    let Record { id, version, counters: [sites, equipements], .. } = *record;
    if operation.deactivates() {
        return Ok(BatchAnswer::Done);
    }
    match operation.kind() {
        Kind::Client => {
            let row = client(table, ClientId::from_uuid(id)).await?;
            let ClientFields { nom, code, status } = fields_of(table, &row, version).await?;
            Ok(BatchAnswer::of(&Client { nom, code, sites, equipements, status, version, ..row.client }))
        }
        Kind::Site => {
            let row = site(table, SiteId::from_uuid(id)).await?;
            let SiteFields { nom, status } = fields_of(table, &row, version).await?;
            Ok(BatchAnswer::of(&Site { nom, equipements, status, version, ..row.site }))
        }
        Kind::Equipement => {
            let row = equipement(table, EquipementId::from_uuid(id)).await?;
            let fields = fields_of(table, &row, version).await?;
            let EquipementFields { site_id, nom, r#type, numero_serie, status } = fields;
            let client_id = if row.equipement.site_id == site_id {
                row.equipement.client_id
            } else {
                parent_of_site(table, site_id).await?.client_id
            };
            let then = Equipement { site_id, client_id, nom, r#type, numero_serie, status, version, ..row.equipement };
            Ok(BatchAnswer::of(&then))
        }
    }
}

/// Returns the fields that an entity had in a version.
async fn fields_of<R: EntityRow>(
    table: &Table,
    row: &R,
    version: u64,
) -> Result<<R::Entity as Entity>::Fields, StoreError> {
    if row.version() == version {
        return Ok(row.entity().fields());
    }
    let key = Key::history_entry(row.entity().id(), version);
    let entry = table.get::<HistoryRow<R::Entity>>(key.clone()).await?;
    entry.map(|entry| entry.fields).ok_or_else(|| StoreError::missing(&key))
}
