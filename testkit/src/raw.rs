//! The table's items without parc's store, to break them or to add many at once.

use std::collections::HashMap;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
pub use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use futures_util::{StreamExt, stream};
use shared::models::Folded;
use uuid::Uuid;

/// A table, through the SDK alone.
#[derive(Debug)]
pub struct RawTable {
    db: aws_sdk_dynamodb::Client,
    name: String,
}

/// The attributes of an item.
pub type RawItem = HashMap<String, AttributeValue>;

impl RawTable {
    /// Connects to the table `parc` of an engine.
    #[must_use]
    pub fn new(endpoint: &str) -> Self {
        Self::named("parc", endpoint)
    }

    /// Connects to a table of an engine.
    #[must_use]
    pub fn named(name: &str, endpoint: &str) -> Self {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("x", "x", None, None, "x"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(endpoint);
        Self { db: aws_sdk_dynamodb::Client::from_conf(config.build()), name: name.to_owned() }
    }

    /// Returns one item.
    pub async fn item(&self, [pk, sk]: [&str; 2]) -> Option<RawItem> {
        let get = self.db.get_item().table_name(&self.name).key("PK", text(pk)).key("SK", text(sk));
        get.send().await.expect("an answer").item
    }

    /// Returns the items of the table's first MB.
    pub async fn items(&self) -> Vec<RawItem> {
        self.db.scan().table_name(&self.name).send().await.expect("a scan").items.expect("items")
    }

    /// Writes a whole item.
    pub async fn put(&self, item: RawItem) {
        self.db.put_item().table_name(&self.name).set_item(Some(item)).send().await.expect("a write");
    }

    /// Sets one attribute.
    pub async fn set(&self, [pk, sk]: [&str; 2], name: &str, value: AttributeValue) {
        let update = self.db.update_item().table_name(&self.name).key("PK", text(pk)).key("SK", text(sk));
        let update = update.update_expression("SET #name = :value").expression_attribute_names("#name", name);
        update.expression_attribute_values(":value", value).send().await.expect("an update");
    }

    /// Removes one attribute.
    pub async fn remove(&self, [pk, sk]: [&str; 2], name: &str) {
        let update = self.db.update_item().table_name(&self.name).key("PK", text(pk)).key("SK", text(sk));
        update.update_expression(format!("REMOVE {name}")).send().await.expect("an update");
    }

    /// Deletes one item.
    pub async fn delete(&self, [pk, sk]: [&str; 2]) {
        let delete = self.db.delete_item().table_name(&self.name).key("PK", text(pk)).key("SK", text(sk));
        delete.send().await.expect("a deletion");
    }

    /// Copies the only client of the table. Each copy has its own identifier, the same code without a
    /// reservation, and the given nom or else that of the client.
    pub async fn copy_client(&self, noms: impl IntoIterator<Item = Option<&str>>) {
        let client = self.find(|item| item["SK"] == text("CLIENT")).await;
        let copy = |nom: Option<&str>| {
            let id = Uuid::now_v7();
            let nom = nom.or_else(|| client["nom"].as_s().ok().map(String::as_str)).unwrap_or_default();
            let search_key = format!("NOM#{}#{id}", Folded::of(nom).as_str());
            let partition = format!("CLIENT#{id}");
            with(&client, [("PK", partition), ("GSI1SK", id.to_string()), ("GSI2SK", search_key), ("nom", nom.into())])
        };
        self.put_all(noms.into_iter().map(copy)).await;
    }

    /// Adds copies of the only site of the table to the partition of its client, and to the indexes. They have no
    /// parent pointers.
    pub async fn copy_site(&self, copies: usize) {
        let site = self.find(|item| item.contains_key("site_id") && item.contains_key("GSI2SK")).await;
        let folded = Folded::of(site["nom"].as_s().expect("a nom"));
        let copy = |_| {
            let id = Uuid::now_v7();
            let search_key = format!("NOM#{}#{id}", folded.as_str());
            let (sort, id) = (format!("SITE#{id}"), id.to_string());
            with(&site, [("SK", sort), ("site_id", id.clone()), ("GSI1SK", id), ("GSI2SK", search_key)])
        };
        self.put_all((0..copies).map(copy)).await;
    }

    /// Adds copies of the only équipement of the table to the partition of its site, as lists of the site
    /// show them. `change` may change each copy.
    pub async fn copy_equipement(&self, copies: usize, mut change: impl FnMut(&mut RawItem)) {
        let equipement = self.find(|item| item["SK"].as_s().is_ok_and(|sort| sort.starts_with("EQUIPEMENT#"))).await;
        let copy = |_| {
            let id = Uuid::now_v7();
            let mut copy = with(&equipement, [("SK", format!("EQUIPEMENT#{id}")), ("equipement_id", id.to_string())]);
            change(&mut copy);
            copy
        };
        self.put_all((0..copies).map(copy)).await;
    }

    /// Returns the first item that matches, from the table's first MB.
    async fn find(&self, matches: impl Fn(&RawItem) -> bool) -> RawItem {
        self.items().await.into_iter().find(matches).expect("a matching item")
    }

    /// Writes many items.
    pub async fn put_all(&self, items: impl IntoIterator<Item = RawItem>) {
        let put = |item| {
            let put = PutRequest::builder().set_item(Some(item)).build().expect("a put");
            WriteRequest::builder().put_request(put).build()
        };
        let puts: Vec<_> = items.into_iter().map(put).collect();
        let write = async |puts: &[WriteRequest]| {
            let write = self.db.batch_write_item().request_items(&self.name, puts.to_vec());
            write.send().await.expect("a batch");
        };
        stream::iter(puts.chunks(25)).map(write).buffer_unordered(8).for_each(|()| async {}).await;
    }
}

/// Returns an item with other values of some text attributes.
fn with<const N: usize>(item: &RawItem, texts: [(&str, String); N]) -> RawItem {
    let mut changed = item.clone();
    changed.extend(texts.map(|(name, value)| (name.to_owned(), text(value))));
    changed
}

/// Returns the size of a stored item as DynamoDB counts it, with the 100 bytes that it adds to each item.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>.
#[must_use]
pub fn stored_size(item: &RawItem) -> usize {
    100 + members_size(item)
}

fn members_size(members: &RawItem) -> usize {
    members.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::M(members) => 3 + members.len() + members_size(members),
        AttributeValue::Null(_) | AttributeValue::Bool(_) => 1,
        // parc stores none of these.
        AttributeValue::L(_) | AttributeValue::Ss(_) | AttributeValue::Ns(_) | AttributeValue::Bs(_) | _ => 0,
    }
}

/// Returns a text attribute.
pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// Returns a number attribute.
#[must_use]
pub fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
