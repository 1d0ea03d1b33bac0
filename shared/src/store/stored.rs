//! What a whole table holds, for commands of operators.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::adopt::REQUEST_ID;
use super::copy::{Scan, Source};
use super::rows::{HistoryRow, Row};
use super::{Database, StoreError};
use crate::models::{AnyEntity, ChangeKind, Entity, EntityId, Kind, Timestamp, json_object};

/// An entity, or an entry of its history.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    /// An entity.
    Entity(AnyEntity),
    /// An entry of the history of an entity.
    Entry(StoredEntry),
}

/// An entry of the history of an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntry {
    /// Kind of the entity.
    pub kind: Kind,
    /// Value of its identifier.
    pub id: Uuid,
    /// Version that the change led to, from 1.
    pub version: u64,
    /// Instant of the change.
    pub timestamp: Timestamp,
    /// What changed.
    pub change: ChangeKind,
    /// The fields of the entity from this version on, as in its JSON.
    pub fields: Map<String, Value>,
    /// Whether the entity was taken over by this change, and not registered.
    pub is_takeover: bool,
}

impl StoredEntry {
    fn of<E: Entity>(row: HistoryRow<E>) -> Self {
        let HistoryRow { id, version, timestamp, change, request_id, fields, .. } = row;
        let fields = json_object(&fields);
        let is_takeover = request_id == REQUEST_ID;
        Self { kind: E::KIND, id: id.as_uuid(), version, timestamp, change, fields, is_takeover }
    }
}

impl Database {
    /// Reads every entity and every entry of a history, in no order; strongly consistent. Passes over items that cannot be
    /// read, which [`Self::verify`] reports.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub async fn read_all(&self, mut each: impl FnMut(Stored)) -> Result<(), StoreError> {
        let mut scan = Scan::of(self);
        while let Some(items) = scan.next().await? {
            for item in items {
                each(match Row::from_item(item) {
                    Ok(Row::Client(row)) => Stored::Entity(AnyEntity::Client(row.client)),
                    Ok(Row::Site(row)) => Stored::Entity(AnyEntity::Site(row.site)),
                    Ok(Row::Equipement(row)) => Stored::Entity(AnyEntity::Equipement(row.equipement)),
                    Ok(Row::ClientHistory(row)) => Stored::Entry(StoredEntry::of(row)),
                    Ok(Row::SiteHistory(row)) => Stored::Entry(StoredEntry::of(row)),
                    Ok(Row::EquipementHistory(row)) => Stored::Entry(StoredEntry::of(row)),
                    Ok(
                        Row::Code(_)
                        | Row::SiteParent(_)
                        | Row::EquipementCopy(_)
                        | Row::KeptAnswer(_)
                        | Row::Layout(_)
                        | Row::Unknown(_),
                    )
                    | Err(_) => continue,
                });
            }
        }
        Ok(())
    }
}
