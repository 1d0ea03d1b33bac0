use super::{BODY, CorruptItem, EXPIRES_AT, FINGERPRINT, Item, Key, TableRow, VERSION};
use crate::store::digest::Digest;
use crate::store::request::RetryKey;

/// The answer to a request with an `Idempotency-Key`, written in the transaction that it answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeptAnswerRow {
    pub(crate) key: RetryKey,
    /// Digest of the request.
    pub(crate) fingerprint: Digest,
    /// Version of the entity in the answer.
    pub(crate) version: u64,
    /// The entity in the answer, as JSON text.
    pub(crate) body: String,
    /// When the answer counts as absent, in seconds since 1970; DynamoDB deletes the item later.
    pub(crate) expires_at: i64,
}

impl TableRow for KeptAnswerRow {
    fn to_item(&self) -> Item {
        let Self { key, fingerprint, version, body, expires_at } = self;
        Item::at(Key::kept_answer(key))
            .with(FINGERPRINT, fingerprint)
            .with(VERSION, version)
            .with(BODY, body)
            .with(EXPIRES_AT, expires_at)
    }

    fn from_item(mut item: Item) -> Result<Self, CorruptItem> {
        Ok(Self {
            key: item.retry_key_in_key()?,
            fingerprint: item.take(FINGERPRINT)?,
            version: item.take(VERSION)?,
            body: item.take(BODY)?,
            expires_at: item.take(EXPIRES_AT)?,
        })
    }
}
