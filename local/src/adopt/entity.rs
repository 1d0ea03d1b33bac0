//! Entities as the old service shows them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use shared::models::{
    Client, ClientId, Code, Entity, EntityId, Equipement, Placeholder, Rank, Site, SiteId, TakeoverRanks, Timestamp,
};
use uuid::Uuid;

/// An entity of the old service, with values that parc answers in the same way.
pub(super) struct Old<E> {
    pub(super) entity: E,
    /// Its counters, as the old service shows them; `None` if it does not.
    pub(super) counters: Counters,
}

/// Counters of sites and of équipements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) sites: Option<i64>,
    pub(super) equipements: Option<i64>,
}

/// Reads the entities of one kind, in the order of a list.
#[derive(Default)]
pub(super) struct Reader {
    ranks: TakeoverRanks,
    /// Numbers of entities with a member that parc does not know, by its name.
    pub(super) unknown_members: BTreeMap<String, u64>,
}

/// An entity that cannot be taken over.
pub(super) struct Unusable {
    /// Its identifier, if that can be read.
    pub(super) id: Option<Uuid>,
    /// The code of a client, if that can be read.
    pub(super) code: Option<Code>,
    pub(super) reason: String,
}

impl Unusable {
    pub(super) fn unreadable(error: &serde_json::Error) -> Self {
        Self { id: None, code: None, reason: format!("it is unreadable: {error}") }
    }
}

/// What is read first.
pub(super) struct Head<I> {
    id: I,
    timestamp: Timestamp,
    rank: Rank,
}

/// A kind of entity that is read from the JSON of the old service.
pub(super) trait ReadEntity: Entity<Id: DeserializeOwned> {
    /// Members of its JSON, without counters.
    const MEMBERS: &'static [&'static str];

    /// Reads its other members. Its counters stay 0.
    ///
    /// # Errors
    /// Returns why a member cannot be taken over.
    fn read(head: Head<Self::Id>, members: &Map<String, Value>) -> Result<Self, String>;
}

impl Reader {
    /// Reads an element of a list.
    ///
    /// # Errors
    /// Returns [`Unusable`] if parc would answer a member in another way, or not at all.
    pub(super) fn read<E: ReadEntity>(&mut self, element: &RawValue) -> Result<Old<E>, Unusable> {
        let members = serde_json::from_str(element.get());
        self.read_members(&members.map_err(|error| Unusable::unreadable(&error))?)
    }

    /// Reads the members of an element.
    ///
    /// # Errors
    /// Returns [`Unusable`], like [`Self::read`].
    pub(super) fn read_members<E: ReadEntity>(&mut self, members: &Map<String, Value>) -> Result<Old<E>, Unusable> {
        let code = member(members, "code").ok();
        let timestamp = member::<Timestamp>(members, "timestamp");
        let id = match member::<E::Id>(members, E::KIND.id_name()) {
            Ok(id) => id,
            Err(reason) => {
                // It may be taken over later, and has a place.
                if let Ok(timestamp) = timestamp {
                    self.ranks.skip(timestamp);
                }
                return Err(Unusable { id: None, code, reason });
            }
        };
        let head = timestamp.and_then(|timestamp| {
            let rank = self.ranks.next(timestamp, id);
            let rank = rank.ok_or("timestamp: it is before 1970, or too far in the future")?;
            check_identifier(id)?;
            Ok(Head { id, timestamp, rank })
        });
        let entity = head.and_then(|head| E::read(head, members));
        let entity = entity.map_err(|reason| Unusable { id: Some(id.as_uuid()), code, reason })?;
        for name in members.keys() {
            if !E::MEMBERS.contains(&name.as_str()) && !COUNTERS.contains(&name.as_str()) {
                *self.unknown_members.entry(name.clone()).or_default() += 1;
            }
        }
        let counters = Counters { sites: counter(members, "sites"), equipements: counter(members, "equipements") };
        Ok(Old { entity, counters })
    }
}

const COUNTERS: [&str; 2] = ["sites", "equipements"];

fn counter(members: &Map<String, Value>, name: &str) -> Option<i64> {
    members.get(name).and_then(Value::as_i64)
}

/// Reads a member whose value parc answers in the same way.
///
/// # Errors
/// Returns why it cannot be taken over.
pub(super) fn member<T: Serialize + DeserializeOwned>(members: &Map<String, Value>, name: &str) -> Result<T, String> {
    let value = members.get(name).ok_or_else(|| format!("{name}: it is missing"))?;
    let read: T = serde_json::from_value(value.clone()).map_err(|error| format!("{name}: {value}: {error}"))?;
    match serde_json::to_value(&read) {
        Ok(answer) if answer == *value => Ok(read),
        Ok(answer) => Err(format!("{name}: parc would answer {answer} instead of {value}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

impl ReadEntity for Client {
    const MEMBERS: &'static [&'static str] = &["client_id", "nom", "code", "status", "timestamp"];

    fn read(Head { id, timestamp, rank }: Head<Self::Id>, members: &Map<String, Value>) -> Result<Self, String> {
        Ok(Self {
            client_id: id,
            nom: member(members, "nom")?,
            code: member(members, "code")?,
            sites: 0,
            equipements: 0,
            status: member(members, "status")?,
            timestamp,
            version: 1,
            rank,
        })
    }
}

impl ReadEntity for Site {
    const MEMBERS: &'static [&'static str] = &["site_id", "client_id", "nom", "status", "timestamp"];

    fn read(Head { id, timestamp, rank }: Head<Self::Id>, members: &Map<String, Value>) -> Result<Self, String> {
        Ok(Self {
            site_id: id,
            client_id: member::<ClientId>(members, "client_id")?,
            nom: member(members, "nom")?,
            equipements: 0,
            status: member(members, "status")?,
            timestamp,
            version: 1,
            rank,
        })
    }
}

impl ReadEntity for Equipement {
    const MEMBERS: &'static [&'static str] =
        &["equipement_id", "site_id", "client_id", "nom", "type", "numero_serie", "status", "timestamp"];

    fn read(Head { id, timestamp, rank }: Head<Self::Id>, members: &Map<String, Value>) -> Result<Self, String> {
        Ok(Self {
            equipement_id: id,
            site_id: member::<SiteId>(members, "site_id")?,
            client_id: member::<ClientId>(members, "client_id")?,
            nom: member(members, "nom")?,
            r#type: member(members, "type")?,
            numero_serie: member(members, "numero_serie")?,
            status: member(members, "status")?,
            timestamp,
            version: 1,
            rank,
        })
    }
}

/// Checks that an entity may have an identifier.
///
/// # Errors
/// Returns why it may not.
fn check_identifier<T: EntityId>(id: T) -> Result<(), String> {
    if id.as_uuid().is_nil() || Placeholder::of_uuid(id.as_uuid()).is_some() {
        return Err(format!("{}: parc reserves this value", T::KIND.id_name()));
    }
    Ok(())
}
