use super::{BODY, CorruptItem, EXPIRES_AT, FINGERPRINT, Item, Key, TableRow, VERSION};
use crate::store::digest::Digest;
use crate::store::request::RetryKey;

/// The answer to a request with an `Idempotency-Key`, written in the transaction that it answers,
/// or one part of the answer to a batch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeptAnswerRow {
    pub(crate) key: RetryKey,
    /// Number of the part, from 0. Only the answer to a batch has more than one.
    pub(crate) part: u16,
    /// Digest of the request.
    pub(crate) fingerprint: Digest,
    /// Version of the entity in the answer; 0 for a batch.
    pub(crate) version: u64,
    /// The entity in the answer, as JSON text; for a batch, the operations that the transaction carried out.
    pub(crate) body: String,
    /// When the answer counts as absent, in seconds since 1970; DynamoDB deletes the item later.
    pub(crate) expires_at: i64,
}

impl TableRow for KeptAnswerRow {
    fn to_item(&self) -> Item {
        let Self { key, part, fingerprint, version, body, expires_at } = self;
        Item::at(Key::kept_answer(key, *part))
            .with(FINGERPRINT, fingerprint)
            .with(VERSION, version)
            .with(BODY, body)
            .with(EXPIRES_AT, expires_at)
    }

    fn from_item(mut item: Item) -> Result<Self, CorruptItem> {
        Ok(Self {
            key: item.retry_key_in_key()?,
            part: item.part_in_key()?,
            fingerprint: item.take(FINGERPRINT)?,
            version: item.take(VERSION)?,
            body: item.take(BODY)?,
            expires_at: item.take(EXPIRES_AT)?,
        })
    }
}

/// Returns the hash in the partition key of a kept answer.
pub(super) fn retry_key_of_partition(partition: &str) -> Option<RetryKey> {
    partition.strip_prefix("RETRY#").map(|hash| RetryKey::of_hash(hash.to_owned()))
}

/// Only a batch has parts after the first one. Five digits, so that the order of the texts is that of the parts.
pub(super) fn part_sort(part: u16) -> String {
    if part == 0 { "RETRY".to_owned() } else { format!("RETRY#{part:05}") }
}

/// Returns the part in the sort key of a kept answer.
pub(super) fn part_of_sort(sort: &str) -> Option<u16> {
    let part = sort.strip_prefix("RETRY#").map_or(Ok(0), str::parse).ok()?;
    (sort == part_sort(part)).then_some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_parsed_back() {
        assert_eq!([0, 1, 65_535].map(|part| part_of_sort(&part_sort(part))), [0, 1, 65_535].map(Some));
        assert_eq!(["RETRY#00000", "RETRY#1", "RETRY#", "RETRY#65536"].map(part_of_sort), [None; 4]);
    }
}
