//! Context of a request. The store takes the time of day and random numbers from it, never from the
//! system.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use fastrand::Rng;
use serde::Serialize;
use tokio::time::Instant;
use uuid::{Builder, Uuid};

use super::digest::Digest;
use crate::models::ExpectedVersion;

/// Context of a request: deadline, time, randomness, caller, and the conditions of a write.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Deadline at which the store gives up.
    pub deadline: Instant,
    /// The time of day at which the request came.
    pub now: DateTime<Utc>,
    /// Random numbers and identifiers.
    pub random: Random,
    /// Identifier of the request, as the caller sees it in `X-Request-Id`.
    pub request_id: String,
    /// Caller named by the token; `None` if requests are not authenticated.
    pub caller: Option<Caller>,
    /// Version that the entity must have before it is changed.
    pub expected: Option<ExpectedVersion>,
    /// Key under which the answer to a write is kept.
    pub retry_key: Option<RetryKey>,
    /// Identifier, of version 7, of the entity that is registered; `None` for a new one.
    pub new_id: Option<Uuid>,
}

/// The caller that a token names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Caller {
    /// Issuer of the token.
    pub issuer: String,
    /// Claim that names the caller.
    pub claim: &'static str,
    /// Value of that claim.
    pub name: String,
}

/// Hash of a caller and its `Idempotency-Key`, so that equal keys of two callers differ and no key is
/// stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryKey(String);

impl RetryKey {
    /// Returns the hash of a caller's key.
    #[must_use]
    pub fn new(caller: Option<&Caller>, key: &str) -> Self {
        Self(Digest::of(&(caller, key)).to_string())
    }

    /// Returns a hash that was computed before.
    pub(crate) fn of_hash(hash: String) -> Self {
        Self(hash)
    }
}

impl fmt::Display for RetryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl RequestContext {
    /// Creates the context of something that is not a request, such as a command of an operator.
    #[must_use]
    pub fn anonymous(time_limit: Duration, random: Random) -> Self {
        let (deadline, now) = (Instant::now() + time_limit, Utc::now());
        Self {
            deadline,
            now,
            random,
            request_id: String::new(),
            caller: None,
            expected: None,
            retry_key: None,
            new_id: None,
        }
    }

    /// Returns the identifier of the entity that is registered, of version 7. A new one carries the time of the request.
    pub(crate) fn new_uuid(&self) -> Uuid {
        self.new_id.unwrap_or_else(|| self.random.uuid(self.now))
    }
}

/// Random numbers and identifiers of one process. Clones share their state.
#[derive(Debug, Clone)]
pub struct Random(Arc<Mutex<RandomState>>);

#[derive(Debug)]
struct RandomState {
    rng: Rng,
    last_uuid: u128,
}

impl Random {
    /// Returns a source that the system seeds.
    #[must_use]
    pub fn from_system() -> Self {
        let (_, random) = Uuid::new_v4().as_u64_pair();
        Self::seeded(random)
    }

    /// Returns a source that gives the same numbers for the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(RandomState { rng: Rng::with_seed(seed), last_uuid: 0 })))
    }

    /// Returns a number between 0 and 1.
    pub(crate) fn fraction(&self) -> f64 {
        self.with(|state| state.rng.f64())
    }

    /// Returns a random client request token.
    pub(crate) fn token(&self) -> String {
        Uuid::from_u128(self.with(|state| state.rng.u128(..))).simple().to_string()
    }

    /// Returns an identifier of version 7 of [RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7),
    /// greater than all those that this source returned before.
    pub(crate) fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        self.with(|state| {
            let mut random: [u8; 10] = state.rng.u128(..).to_be_bytes()[..10].try_into().unwrap_or_default();
            // The top bit of the counter stays clear, so that it has room to grow.
            random[2] &= 0x1f;
            let fresh = Builder::from_unix_timestamp_millis(millis, &random).into_uuid().as_u128();
            // In the millisecond of the last identifier, or if the clock went back, count on from it.
            let next = state.last_uuid + 1 + u128::from(state.rng.u32(..));
            state.last_uuid = if fresh > state.last_uuid { fresh } else { next };
            Uuid::from_u128(state.last_uuid)
        })
    }

    fn with<T>(&self, read: impl FnOnce(&mut RandomState) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_processes_have_different_tokens() {
        assert_ne!(Random::from_system().token(), Random::from_system().token());
    }

    #[test]
    fn a_caller_and_its_key_are_hashed_as_two_texts() {
        let key = |name: &str, key| {
            let (issuer, name) = ("https://issuer.example".to_owned(), name.to_owned());
            RetryKey::new(Some(&Caller { issuer, claim: "sub", name }), key)
        };
        assert_ne!(key("agent", "1-2"), key("agent1", "-2"));
    }

    #[test]
    fn identifiers_increase_even_if_the_clock_goes_back() {
        let random = Random::seeded(1);
        let clock = [5_000; 1000].into_iter().chain([4_000; 1000]).chain([5_001]);
        let uuids: Vec<_> =
            clock.map(|millis| random.uuid(DateTime::from_timestamp_millis(millis).expect("a time"))).collect();
        assert!(uuids.is_sorted_by(|a, b| a < b));
        assert!(uuids.iter().all(|uuid| uuid.get_version_num() == 7 && uuid.get_variant() == uuid::Variant::RFC4122));
    }

    #[test]
    fn equal_seeds_give_equal_numbers() {
        let [one, other] = [Random::seeded(1), Random::seeded(1)];
        assert_eq!((one.token(), one.uuid(DateTime::UNIX_EPOCH)), (other.token(), other.uuid(DateTime::UNIX_EPOCH)));
        assert_ne!(Random::seeded(2).token(), Random::seeded(1).token());
    }
}
