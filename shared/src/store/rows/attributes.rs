//! Every attribute of the table.

use std::marker::PhantomData;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use crate::models::{ChangeKind, ClientId, Code, EquipementId, Nom, OptionalText, Rank, SiteId, Status, Timestamp};
use crate::store::digest::Digest;

/// An attribute of the table: its name and the type of its values.
pub(crate) struct Attribute<T> {
    name: &'static str,
    values: PhantomData<fn() -> T>,
}

impl<T> Clone for Attribute<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Attribute<T> {}

impl<T> Attribute<T> {
    const fn new(name: &'static str) -> Self {
        Self { name, values: PhantomData }
    }

    pub(crate) const fn name(self) -> &'static str {
        self.name
    }
}

impl<T: Serialize> Attribute<T> {
    /// Returns a value of this attribute as DynamoDB stores it.
    #[expect(clippy::expect_used, clippy::unused_self, reason = "the attribute fixes the type, and each type converts")]
    pub(crate) fn value(self, value: &T) -> AttributeValue {
        serde_dynamo::to_attribute_value(value).expect("every attribute type converts")
    }
}

/// Partition key of the table.
pub(crate) const PARTITION: Attribute<String> = Attribute::new("PK");
/// Sort key of the table.
pub(crate) const SORT: Attribute<String> = Attribute::new("SK");
/// Partition key of both indexes.
pub(crate) const LIST_PARTITION: Attribute<String> = Attribute::new("GSI1PK");
/// Sort key of the index of lists.
pub(crate) const RANK: Attribute<Rank> = Attribute::new("GSI1SK");
/// Sort key of the index of names.
pub(crate) const SEARCH_KEY: Attribute<String> = Attribute::new("GSI2SK");

pub(crate) const CLIENT_ID: Attribute<ClientId> = Attribute::new("client_id");
pub(crate) const SITE_ID: Attribute<SiteId> = Attribute::new("site_id");
pub(crate) const EQUIPEMENT_ID: Attribute<EquipementId> = Attribute::new("equipement_id");
/// Rank of a site, on the items that point to it.
pub(crate) const SITE_RANK: Attribute<Rank> = Attribute::new("site_rank");

pub(crate) const NOM: Attribute<Nom> = Attribute::new("nom");
pub(crate) const CODE: Attribute<Code> = Attribute::new("code");
pub(crate) const TYPE: Attribute<OptionalText> = Attribute::new("type");
pub(crate) const NUMERO_SERIE: Attribute<OptionalText> = Attribute::new("numero_serie");
pub(crate) const STATUS: Attribute<Status> = Attribute::new("status");
/// Number of the entity's version, from 1.
pub(crate) const VERSION: Attribute<u64> = Attribute::new("version");
/// Instant of registration.
pub(crate) const CREATED: Attribute<Timestamp> = Attribute::new("created");

/// Number of active sites.
pub(crate) const SITES: Attribute<i64> = Attribute::new("sites");
/// Number of active équipements.
pub(crate) const EQUIPEMENTS: Attribute<i64> = Attribute::new("equipements");
/// Number of changes of the counters of an item; see [`super::ClientRow`] and [`super::SiteRow`].
pub(crate) const COUNTS_VERSION: Attribute<u64> = Attribute::new("counts_version");

/// Digest of the newest history entry, on an entity.
pub(crate) const HISTORY: Attribute<Digest> = Attribute::new("history");

/// Digest of a history entry.
pub(crate) const DIGEST: Attribute<Digest> = Attribute::new("digest");
/// Instant of a change.
pub(crate) const AT: Attribute<Timestamp> = Attribute::new("at");
pub(crate) const CHANGE: Attribute<ChangeKind> = Attribute::new("operation");
/// Caller who made a change.
pub(crate) const BY: Attribute<Option<String>> = Attribute::new("by");
pub(crate) const REQUEST_ID: Attribute<String> = Attribute::new("request_id");

/// Fields of an entity of some kind, on a history entry.
pub(crate) const fn fields_attribute<F>() -> Attribute<F> {
    Attribute::new("fields")
}

/// Digest of a request whose answer is kept.
pub(crate) const FINGERPRINT: Attribute<Digest> = Attribute::new("fingerprint");
/// JSON text of the entity in a kept answer.
pub(crate) const BODY: Attribute<String> = Attribute::new("body");
/// When a kept answer expires, in seconds since 1970: the table's time-to-live attribute.
pub(crate) const EXPIRES_AT: Attribute<i64> = Attribute::new("expires_at");

/// Number of the layout that a table was made with.
pub(crate) const LAYOUT: Attribute<u32> = Attribute::new("layout");
