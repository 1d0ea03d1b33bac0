//! The items behind a store, to break them or to add many.

use std::collections::HashMap;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
pub use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use futures_util::{StreamExt, stream};
use shared::models::Folded;
use uuid::Uuid;

/// A table without parc.
#[derive(Debug)]
pub struct RawTable(aws_sdk_dynamodb::Client);

/// The attributes of an item.
pub type RawItem = HashMap<String, AttributeValue>;

impl RawTable {
    /// Connects to the table `parc` of an engine.
    #[must_use]
    pub fn new(endpoint: &str) -> Self {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("x", "x", None, None, "x"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(endpoint);
        Self(aws_sdk_dynamodb::Client::from_conf(config.build()))
    }

    /// Returns one item.
    pub async fn item(&self, [pk, sk]: [&str; 2]) -> Option<RawItem> {
        let get = self.0.get_item().table_name("parc").key("PK", text(pk)).key("SK", text(sk));
        get.send().await.expect("an answer").item
    }

    /// Returns the items of the table's first MB.
    pub async fn items(&self) -> Vec<RawItem> {
        self.0.scan().table_name("parc").send().await.expect("a scan").items.expect("items")
    }

    /// Writes a whole item.
    pub async fn put(&self, item: RawItem) {
        self.0.put_item().table_name("parc").set_item(Some(item)).send().await.expect("a write");
    }

    /// Sets one attribute.
    pub async fn set(&self, [pk, sk]: [&str; 2], name: &str, value: AttributeValue) {
        let update = self.0.update_item().table_name("parc").key("PK", text(pk)).key("SK", text(sk));
        let update = update.update_expression("SET #name = :value").expression_attribute_names("#name", name);
        update.expression_attribute_values(":value", value).send().await.expect("an update");
    }

    /// Removes one attribute.
    pub async fn remove(&self, [pk, sk]: [&str; 2], name: &str) {
        let update = self.0.update_item().table_name("parc").key("PK", text(pk)).key("SK", text(sk));
        update.update_expression(format!("REMOVE {name}")).send().await.expect("an update");
    }

    /// Deletes one item.
    pub async fn delete(&self, [pk, sk]: [&str; 2]) {
        let delete = self.0.delete_item().table_name("parc").key("PK", text(pk)).key("SK", text(sk));
        delete.send().await.expect("a deletion");
    }

    /// Copies the one client of the table, each copy under its own identifier, with the same code and
    /// no reservation. A copy has the nom that is given, or that of the client.
    pub async fn copy_client(&self, noms: impl IntoIterator<Item = Option<&str>>) {
        let client = self.items().await.into_iter().find(|item| item["SK"] == text("CLIENT")).expect("a client");
        let copy = |nom: Option<&str>| {
            let id = Uuid::now_v7();
            let nom = nom.or_else(|| client["nom"].as_s().ok().map(String::as_str)).unwrap_or_default();
            let mut item = client.clone();
            for (name, value) in [
                ("PK", format!("CLIENT#{id}")),
                ("GSI1SK", id.to_string()),
                ("GSI2SK", format!("NOM#{}#{id}", Folded::of(nom).as_str())),
                ("nom", nom.to_owned()),
            ] {
                item.insert(name.to_owned(), text(value));
            }
            item
        };
        self.put_all(noms.into_iter().map(copy)).await;
    }

    /// Writes many items.
    pub async fn put_all(&self, items: impl IntoIterator<Item = RawItem>) {
        let put = |item| {
            let put = PutRequest::builder().set_item(Some(item)).build().expect("a put");
            WriteRequest::builder().put_request(put).build()
        };
        let puts: Vec<_> = items.into_iter().map(put).collect();
        let write = async |puts: &[WriteRequest]| {
            let write = self.0.batch_write_item().request_items("parc", puts.to_vec());
            write.send().await.expect("a batch");
        };
        stream::iter(puts.chunks(25)).map(write).buffer_unordered(8).for_each(|()| async {}).await;
    }
}

/// Returns the bytes that DynamoDB counts for a stored item, with the 100 that it adds to each.
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

/// A text attribute.
pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
#[must_use]
pub fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
