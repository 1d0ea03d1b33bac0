//! The table itself, made from the definition that the template deploys.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection, TableStatus,
    TimeToLiveSpecification,
};
use serde::Deserialize;
use thiserror::Error;
use tokio::time::sleep;

use super::Connection;
use super::retry::cause;
use crate::store::error::StoreError;

/// The properties of a CloudFormation `AWS::DynamoDB::Table` that define its keys, indexes and expiry.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TableDefinition {
    attribute_definitions: Vec<Attribute>,
    key_schema: Vec<KeyPart>,
    global_secondary_indexes: Vec<Index>,
    time_to_live_specification: TimeToLive,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyPart {
    attribute_name: String,
    key_type: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    #[serde(rename = "IndexName")]
    name: String,
    key_schema: Vec<KeyPart>,
    projection: IndexProjection,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IndexProjection {
    projection_type: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

impl Index {
    fn to_sdk(&self) -> Result<GlobalSecondaryIndex, BuildError> {
        let projection = Projection::builder().projection_type(self.projection.projection_type.as_str().into()).build();
        let index = GlobalSecondaryIndex::builder().index_name(&self.name).projection(projection);
        index.set_key_schema(Some(key_schema(&self.key_schema)?)).build()
    }
}

impl TableDefinition {
    fn attributes(&self) -> Result<Vec<AttributeDefinition>, BuildError> {
        let attribute = |attribute: &Attribute| {
            AttributeDefinition::builder()
                .attribute_name(&attribute.attribute_name)
                .attribute_type(attribute.attribute_type.as_str().into())
                .build()
        };
        self.attribute_definitions.iter().map(attribute).collect()
    }
}

/// Error of creating or opening a table.
#[derive(Debug, Error)]
pub enum TableError {
    /// Nothing answers at the endpoint.
    #[error("cannot reach DynamoDB: {0}; check --endpoint")]
    Unreachable(String),
    /// Something other than DynamoDB answers at the endpoint.
    #[error("the endpoint is not DynamoDB; check --endpoint")]
    NotDynamoDb,
    /// DynamoDB refuses a call.
    #[error("DynamoDB refused: {0}: {1}")]
    Refused(String, String),
    /// The table definition is incomplete.
    #[error("the definition of the table is incomplete: {0}")]
    Definition(#[from] BuildError),
    /// The table is being deleted, or DynamoDB cannot use it.
    #[error("table {0} is {1}, not ACTIVE; wait, or pass another --table")]
    Unusable(String, String),
    /// Another version of parc wrote the table.
    #[error(
        "table {table} has layout {found}, and this version of parc needs layout {needed}; nothing was changed. Use \
         the version of parc that wrote the table, or an empty table: another --data folder or another --table name"
    )]
    Layout {
        /// Name of the table.
        table: String,
        /// Its layout.
        found: u32,
        /// The layout of this version.
        needed: u32,
    },
    /// The layout cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<E: ProvideErrorMetadata> From<SdkError<E>> for TableError {
    fn from(error: SdkError<E>) -> Self {
        match error.as_service_error() {
            Some(refused) => match (refused.code(), refused.message()) {
                (Some(code), message) => Self::Refused(code.to_owned(), message.unwrap_or_default().to_owned()),
                (None, _) => Self::NotDynamoDb,
            },
            None => Self::Unreachable(cause(&error)),
        }
    }
}

fn key_schema(parts: &[KeyPart]) -> Result<Vec<KeySchemaElement>, BuildError> {
    let part = |part: &KeyPart| {
        KeySchemaElement::builder().attribute_name(&part.attribute_name).key_type(part.key_type.as_str().into()).build()
    };
    parts.iter().map(part).collect()
}

impl Connection {
    /// Returns a client for the calls that make and describe tables, which fail after three attempts: an
    /// operator who waits for them wants to know at once that nothing answers.
    pub(super) fn control(&self) -> Client {
        Client::from_conf(self.db.config().to_builder().retry_config(RetryConfig::standard()).build())
    }

    /// Creates the table unless it exists.
    ///
    /// # Errors
    /// Returns [`TableError`].
    pub(crate) async fn create_table(&self, definition: &TableDefinition) -> Result<(), TableError> {
        let indexes: Result<_, _> = definition.global_secondary_indexes.iter().map(Index::to_sdk).collect();
        let create = self
            .control()
            .create_table()
            .table_name(&*self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(definition.attributes()?))
            .set_key_schema(Some(key_schema(&definition.key_schema)?))
            .set_global_secondary_indexes(Some(indexes?));
        match create.send().await {
            Ok(_) => {
                self.wait_until_active().await?;
                self.enable_expiry(&definition.time_to_live_specification).await
            }
            Err(error) if matches!(error.as_service_error(), Some(CreateTableError::ResourceInUseException(_))) => {
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn enable_expiry(&self, TimeToLive { attribute_name, enabled }: &TimeToLive) -> Result<(), TableError> {
        let expiry = TimeToLiveSpecification::builder().attribute_name(attribute_name).enabled(*enabled).build()?;
        let update = self.control().update_time_to_live().table_name(&*self.name);
        update.time_to_live_specification(expiry).send().await?;
        Ok(())
    }

    /// Waits until a table that exists answers.
    ///
    /// # Errors
    /// Returns [`TableError`].
    pub(crate) async fn wait_until_active(&self) -> Result<(), TableError> {
        loop {
            let described = self.control().describe_table().table_name(&*self.name).send().await?;
            match described.table.and_then(|table| table.table_status) {
                Some(TableStatus::Active) => return Ok(()),
                Some(TableStatus::Creating | TableStatus::Updating) => sleep(Duration::from_millis(200)).await,
                other => {
                    let status = other.map_or_else(|| "missing".to_owned(), |status| status.to_string());
                    return Err(TableError::Unusable(self.name.to_string(), status));
                }
            }
        }
    }
}
