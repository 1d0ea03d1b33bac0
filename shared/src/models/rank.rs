use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{EntityId, Timestamp};

/// Number of bits of an identifier that the rank of an entity that was taken over ends with.
const ID_BITS: u32 = 50;

/// Maximum place among the entities of one millisecond: 24 bits.
const MAX_PLACE: u32 = (1 << 24) - 1;

/// Position of an entity in every list: entities are listed in order of creation.
///
/// A version 7 UUID, so that the order of ranks, and of their texts, is the order of creation. The
/// rank of an entity that parc registered is its identifier. An entity that was taken over from
/// another service keeps its identifier, whose order means nothing, and has a rank made from its
/// timestamp ([`TakeoverRanks`]). Ranks are unique within a kind, and their last byte is random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rank(Uuid);

impl Rank {
    /// Returns the rank of an entity that parc registered.
    #[must_use]
    pub fn of(id: impl EntityId) -> Self {
        Self(id.as_uuid())
    }

    /// Returns the rank of an entity that is taken over from another service.
    ///
    /// The 74 bits that RFC 9562 leaves free hold `place`, the entity's place among those of the same millisecond, and the
    /// last bits of its identifier.
    ///
    /// Returns `None` if the instant does not fit into a version 7 UUID: before 1970 or after the year 10889.
    fn taken_over(timestamp: Timestamp, place: u32, id: impl EntityId) -> Option<Self> {
        let millis = u64::try_from(timestamp.millis()).ok().filter(|millis| *millis < 1 << 48)?;
        let id = u64::try_from(id.as_uuid().as_u128() & ((1 << ID_BITS) - 1)).ok()?;
        let high = millis << 16 | 0x7000 | u64::from(place >> 12);
        let low = 0b10 << 62 | u64::from(place & 0xfff) << ID_BITS | id;
        Some(Self(Uuid::from_u64_pair(high, low)))
    }

    /// Returns the rank with this value.
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Returns its value.
    #[must_use]
    pub fn as_uuid(&self) -> Uuid {
        self.0
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Ranks of the entities of one kind that are taken over from another service, in the order of its list. An entity gets the
/// same rank each time, as long as the list keeps the order of entities with equal timestamps.
#[derive(Debug, Default)]
pub struct TakeoverRanks {
    /// Number of entities so far, by millisecond.
    places: HashMap<i64, u32>,
}

impl TakeoverRanks {
    /// Returns the rank of the next entity of the list, or `None` if its timestamp is before 1970 or after the year
    /// 10889. Beyond 16,777,215 entities of one millisecond, their order is that of their identifiers.
    pub fn next(&mut self, timestamp: Timestamp, id: impl EntityId) -> Option<Rank> {
        Rank::taken_over(timestamp, self.take_place(timestamp), id)
    }

    /// Leaves the place of the next entity free.
    pub fn skip(&mut self, timestamp: Timestamp) {
        self.take_place(timestamp);
    }

    fn take_place(&mut self, timestamp: Timestamp) -> u32 {
        let next = self.places.entry(timestamp.millis()).or_default();
        let place = *next;
        *next = (place + 1).min(MAX_PLACE);
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::ClientId;

    fn rank(timestamp: &str, place: u32, id: &str) -> Option<Rank> {
        let timestamp = serde_json::from_value(timestamp.into()).expect("a timestamp");
        Rank::taken_over(timestamp, place, ClientId::parse_lenient(id).expect("an identifier"))
    }

    #[test]
    fn a_rank_holds_timestamp_place_and_identifier() {
        let id = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
        let rank = rank("2025-11-06T17:02:02.248Z", 0x123_456, id).expect("a rank");
        assert_eq!(rank.to_string(), "019a5a1e-3c08-7123-9158-2c963f66afa6");
        assert_eq!(rank.as_uuid().get_version_num(), 7);
        assert_eq!(rank.as_uuid().get_variant(), uuid::Variant::RFC4122);
        assert_eq!(
            Timestamp::of_v7(rank.as_uuid()),
            serde_json::from_str("\"2025-11-06T17:02:02.248Z\"").expect("one")
        );
    }

    #[test]
    fn ranks_are_ordered_by_timestamp_then_by_place() {
        let [low, high] = ["00000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff"];
        let ranks = [
            rank("1970-01-01T00:00:00.000Z", 0, high),
            rank("2025-11-06T17:02:02.248Z", 0, high),
            rank("2025-11-06T17:02:02.248Z", 1, low),
            rank("2025-11-06T17:02:02.248Z", 4_095, high),
            rank("2025-11-06T17:02:02.248Z", 4_096, low),
            rank("2025-11-06T17:02:02.248Z", MAX_PLACE, low),
            rank("2025-11-06T17:02:02.248Z", MAX_PLACE, high),
            rank("2025-11-06T17:02:02.249Z", 0, low),
        ];
        assert!(ranks.iter().all(Option::is_some));
        assert!(ranks.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn instants_before_1970_have_no_rank() {
        assert_eq!(rank("1969-12-31T23:59:59.999Z", 0, "00000000-0000-4000-8000-000000000000"), None);
    }
}
