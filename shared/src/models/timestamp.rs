use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::response_schema;

/// An instant in UTC, to the millisecond: `2025-11-06T16:55:01.544Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// Returns this instant, to the millisecond.
    #[must_use]
    pub fn of(instant: DateTime<Utc>) -> Self {
        Self(instant.trunc_subsecs(3))
    }

    /// Returns the milliseconds since 1970.
    pub(super) fn millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// Returns the instant that a version 7 UUID carries: the milliseconds in its first 48 bits.
    pub(super) fn of_v7(uuid: Uuid) -> Self {
        let (high, _) = uuid.as_u64_pair();
        // Every number of milliseconds in 48 bits is a date that chrono can hold.
        Self(i64::try_from(high >> 16).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default())
    }
}

response_schema!(Timestamp, { "type": "string", "format": "date-time" });

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.format("%Y-%m-%dT%H:%M:%S%.3fZ"))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DateTime::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_serialised_with_milliseconds() {
        let json = "\"2025-11-06T16:55:01.500Z\"";
        let instant: Timestamp = serde_json::from_str(json).expect("a timestamp");
        assert_eq!(serde_json::to_string(&instant).expect("text"), json);
    }

    #[test]
    fn a_version_7_uuid_carries_its_instant() {
        let uuid = Uuid::parse_str("019a5a1e-3c08-7000-8000-000000000001").expect("a UUID");
        let json = serde_json::to_string(&Timestamp::of_v7(uuid)).expect("text");
        assert_eq!(json, "\"2025-11-06T17:02:02.248Z\"");
    }
}
