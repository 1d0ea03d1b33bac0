use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// An instant in UTC, to the millisecond: `2025-11-06T16:55:01.544Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The instant that a version 7 identifier carries; now for any other.
    pub(super) fn of_v7(uuid: Uuid) -> Self {
        let carried = uuid.get_timestamp().and_then(|at| {
            let (seconds, nanoseconds) = at.to_unix();
            DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
        });
        Self(carried.unwrap_or_else(Utc::now).trunc_subsecs(3))
    }
}

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
    fn an_instant_is_written_with_three_decimals() {
        let json = "\"2025-11-06T16:55:01.500Z\"";
        let instant: Timestamp = serde_json::from_str(json).expect("a timestamp");
        assert_eq!(serde_json::to_string(&instant).expect("text"), json);
    }

    #[test]
    fn an_identifier_made_now_carries_the_present_instant() {
        let before = Utc::now().trunc_subsecs(3);
        let Timestamp(instant) = Timestamp::of_v7(Uuid::now_v7());
        assert!((before..=Utc::now()).contains(&instant));
    }
}
