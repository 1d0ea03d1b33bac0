//! The table behind the API.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::{StreamExt, stream};
use shared::models::{ClientId, EntityId, Folded};

use crate::support::Api;

/// The table itself, to break it or to fill it.
pub(crate) struct Raw(pub(crate) aws_sdk_dynamodb::Client);

impl Raw {
    pub(crate) fn new(api: &Api) -> Self {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("x", "x", None, None, "x"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(api.endpoint());
        Self(aws_sdk_dynamodb::Client::from_conf(config.build()))
    }

    pub(crate) async fn set(&self, [pk, sk]: [&str; 2], name: &str, value: AttributeValue) {
        let update = self.0.update_item().table_name("parc").key("PK", text(pk)).key("SK", text(sk));
        let update = update.update_expression("SET #name = :value").expression_attribute_names("#name", name);
        update.expression_attribute_values(":value", value).send().await.expect("an update");
    }

    /// Makes so many of the one client that there is, each with an identifier of its own. They have
    /// the same code, and no reservation.
    pub(crate) async fn multiply(&self, count: usize) {
        self.copy(count - 1, None).await;
    }

    /// As [`Self::multiply`], so many more of another name.
    pub(crate) async fn multiply_as(&self, nom: &str, count: usize) {
        self.copy(count, Some(nom)).await;
    }

    /// Makes one more of each of these names.
    pub(crate) async fn name_each(&self, noms: &[String]) {
        self.copy_as(noms.iter().map(|nom| Some(nom.as_str()))).await;
    }

    async fn copy(&self, count: usize, nom: Option<&str>) {
        self.copy_as(std::iter::repeat_n(nom, count)).await;
    }

    async fn copy_as(&self, noms: impl Iterator<Item = Option<&str>>) {
        let items = self.0.scan().table_name("parc").send().await.expect("a scan").items.expect("items");
        let client = items.into_iter().find(|item| item["SK"] == text("CLIENT")).expect("a client");
        let another = |nom: Option<&str>| {
            let (id, _) = ClientId::generate();
            let [.., last] = id.as_uuid().into_bytes();
            let mut item = client.clone();
            item.insert("PK".to_owned(), text(format!("CLIENT#{id}")));
            item.insert("GSI1PK".to_owned(), text(format!("CLIENT#{}", last % 4)));
            item.insert("GSI1SK".to_owned(), text(id.to_string()));
            if let Some(nom) = nom {
                item.insert("nom".to_owned(), text(nom));
                item.insert("GSI2SK".to_owned(), text(format!("NOM#{}", Folded::of(nom).as_str())));
            }
            let put = PutRequest::builder().set_item(Some(item)).build().expect("a put");
            WriteRequest::builder().put_request(put).build()
        };
        let puts: Vec<_> = noms.map(another).collect();
        let write = async |puts: &[WriteRequest]| {
            let write = self.0.batch_write_item().request_items("parc", puts.to_vec());
            write.send().await.expect("a batch");
        };
        stream::iter(puts.chunks(25)).map(write).buffer_unordered(8).for_each(|()| async {}).await;
    }

    pub(crate) async fn remove(&self, [pk, sk]: [&str; 2], name: &str) {
        let update = self.0.update_item().table_name("parc").key("PK", text(pk)).key("SK", text(sk));
        update.update_expression(format!("REMOVE {name}")).send().await.expect("an update");
    }

    pub(crate) async fn delete(&self, [pk, sk]: [&str; 2]) {
        let delete = self.0.delete_item().table_name("parc").key("PK", text(pk)).key("SK", text(sk));
        delete.send().await.expect("a deletion");
    }
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
