//! What the table holds, and what it held at an instant.

use std::collections::HashMap;

use serde_json::{Map, Value};
use shared::models::{AnyEntity, Entity, EntityId, Kind, Rank, Timestamp, json_object};
use shared::store::{Database, StoreError, Stored, StoredEntry};
use uuid::Uuid;

/// Fields of an entity, as in its JSON.
pub(super) type Fields = Map<String, Value>;

/// An entity, now and at the instant.
pub(super) struct State {
    pub(super) kind: Kind,
    pub(super) id: Uuid,
    pub(super) rank: Rank,
    /// The client of a site.
    pub(super) client: Option<Uuid>,
    /// `None` if it was registered later.
    pub(super) before: Option<Fields>,
    pub(super) now: Fields,
}

/// The last version before the instant, and the first one since.
#[derive(Default)]
struct Versions {
    first_since: Option<u64>,
    entries: Vec<(u64, Fields)>,
}

impl State {
    /// Reads every entity of the table, in order of creation.
    ///
    /// # Errors
    /// Returns [`StoreError::Unavailable`].
    pub(super) async fn read_all(database: &Database, since: Timestamp) -> Result<Vec<Self>, StoreError> {
        let (mut states, mut histories) = (Vec::new(), HashMap::<(Kind, Uuid), Versions>::new());
        database
            .read_all(|stored| match stored {
                Stored::Entity(entity) => states.push(Self::of(entity)),
                Stored::Entry(entry) => histories.entry((entry.kind, entry.id)).or_default().add(entry, since),
            })
            .await?;
        for state in &mut states {
            if let Some(versions) = histories.remove(&state.key()) {
                state.before = versions.before(&state.now);
            }
        }
        states.sort_by_key(|state: &Self| state.rank);
        Ok(states)
    }

    fn of(entity: AnyEntity) -> Self {
        match entity {
            AnyEntity::Client(client) => Self::new(&client, None),
            AnyEntity::Site(site) => Self::new(&site, Some(site.client_id.as_uuid())),
            AnyEntity::Equipement(equipement) => Self::new(&equipement, None),
        }
    }

    pub(super) fn key(&self) -> (Kind, Uuid) {
        (self.kind, self.id)
    }

    fn new<E: Entity>(entity: &E, client: Option<Uuid>) -> Self {
        let (id, rank) = (entity.id().as_uuid(), entity.rank());
        Self { kind: E::KIND, id, rank, client, before: None, now: json_object(&entity.fields()) }
    }
}

impl Versions {
    fn add(&mut self, entry: StoredEntry, since: Timestamp) {
        let StoredEntry { version, timestamp, is_takeover, fields, .. } = entry;
        if timestamp >= since && !is_takeover {
            self.first_since = Some(self.first_since.map_or(version, |first| first.min(version)));
        }
        self.entries.push((version, fields));
    }

    /// Returns the fields before the first change since the instant: `now` if there is none.
    fn before(self, now: &Fields) -> Option<Fields> {
        let Some(first) = self.first_since else { return Some(now.clone()) };
        let before =
            self.entries.into_iter().filter(|(version, _)| *version < first).max_by_key(|(version, _)| *version);
        before.map(|(_, fields)| fields)
    }
}
