//! Where each item stands, and what reaching it consumes.
//!
//! | item | `PK` | `SK` | `GSI1PK` | `GSI1SK` |
//! |---|---|---|---|---|
//! | client | `CLIENT#<client_id>` | `CLIENT` | `CLIENT#<shard>` | client_id |
//! | code | `CODE#<code>` | `CODE` | | |
//!
//! | access pattern | call | capacity units |
//! |---|---|---|
//! | register a client | transaction of 2 puts | 4, and 1 for the index |
//! | change a client's nom | 1 update | 1, and 1 for the index |
//! | change a client's code | 1 refused update, transaction of 3 writes | 1 + 6, and 1 for the index |
//! | a client's page | 1 strongly consistent query | 1 for 4 KB |
//! | deactivate, reactivate a client | 1 update | 1, and 1 for the index |
//! | every client | 1 query a shard and MB | 0.5 for 8 KB, 0.5 a shard at least |

use serde::{Deserialize, Serialize};

use super::calls::Item;
use crate::models::{ClientId, Code, EntityId, Kind};

/// The name of the index that lists are read from.
pub(super) const LISTS: &str = "GSI1";

/// Over how many partitions of the index the entities of one kind are spread.
///
/// A partition takes 1,000 writes a second and every list asks each: four take what one region's
/// default table quota is likely to be asked for, at the price of four parallel queries a list.
/// The number is part of the stored data; to change it, every item is written again.
pub(super) const SHARDS: u8 = 4;

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    #[serde(rename = "PK")]
    pub(super) partition: String,
    #[serde(rename = "SK")]
    pub(super) sort: String,
}

impl Key {
    pub(super) fn client(id: ClientId) -> Self {
        Self { partition: format!("CLIENT#{id}"), sort: "CLIENT".to_owned() }
    }

    pub(super) fn code(code: Code) -> Self {
        Self { partition: format!("CODE#{code}"), sort: "CODE".to_owned() }
    }

    pub(super) fn into_item(self) -> Item {
        use aws_sdk_dynamodb::types::AttributeValue::S;
        Item::from([("PK".to_owned(), S(self.partition)), ("SK".to_owned(), S(self.sort))])
    }
}

/// The index partition of one shard of the entities of a kind.
pub(super) fn shard(kind: Kind, shard: u8) -> String {
    let kind = match kind {
        Kind::Client => "CLIENT",
        Kind::Site => "SITE",
    };
    format!("{kind}#{shard}")
}

/// The index partition that lists this entity.
pub(super) fn shard_of<T: EntityId>(id: T) -> String {
    // The last byte of a version 7 identifier is random: it spreads as well as any hash.
    let [.., last] = id.as_uuid().into_bytes();
    shard(T::KIND, last % SHARDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> ClientId {
        ClientId::parse_lenient("019a5a1e-0000-7000-8000-0000000000a6").expect("an identifier")
    }

    #[test]
    fn keys_are_these_texts() {
        let texts = |key: Key| [key.partition, key.sort];
        assert_eq!(texts(Key::client(id())), ["CLIENT#019a5a1e-0000-7000-8000-0000000000a6", "CLIENT"]);
        assert_eq!(texts(Key::code(Code::from(-7))), ["CODE#-7", "CODE"]);
        assert_eq!(shard_of(id()), "CLIENT#2");
    }

    #[test]
    fn every_shard_is_used() {
        let used: std::collections::BTreeSet<_> = (0..1000).map(|_| shard_of(ClientId::generate().0)).collect();
        let all = (0..SHARDS).map(|n| shard(Kind::Client, n));
        assert!(used.into_iter().eq(all));
    }
}
