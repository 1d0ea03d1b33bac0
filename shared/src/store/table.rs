//! The table itself, made from the definition that the template deploys.

use std::fmt;
use std::time::Duration;

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, KeySchemaElement, Projection, TableStatus, TimeToLiveSpecification,
};
use serde::Deserialize;
use tokio::time::sleep;

use super::Store;
use super::insist::unsent;

/// The properties of a CloudFormation `AWS::DynamoDB::Table` that make its shape.
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
    fn projection(&self) -> Projection {
        Projection::builder().projection_type(self.projection.projection_type.as_str().into()).build()
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

/// Why a table could not be made.
#[derive(Debug)]
pub struct TableError(String);

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TableError {}

impl From<BuildError> for TableError {
    fn from(error: BuildError) -> Self {
        Self(error.to_string())
    }
}

impl<E: ProvideErrorMetadata, R> From<SdkError<E, R>> for TableError {
    fn from(error: SdkError<E, R>) -> Self {
        let why = match error.as_service_error() {
            Some(refused) => match (refused.code(), refused.message()) {
                (Some(code), message) => format!("DynamoDB refuses: {code}: {}", message.unwrap_or_default()),
                (None, _) => "what answers there is no DynamoDB".to_owned(),
            },
            None => format!("no DynamoDB answers: {}", unsent(&error)),
        };
        Self(why)
    }
}

fn key_schema(parts: &[KeyPart]) -> Result<Vec<KeySchemaElement>, BuildError> {
    let part = |part: &KeyPart| {
        KeySchemaElement::builder().attribute_name(&part.attribute_name).key_type(part.key_type.as_str().into()).build()
    };
    parts.iter().map(part).collect()
}

impl Store {
    /// Makes the table, or the indexes that it lacks, and waits until it answers; says whether it made it.
    ///
    /// # Errors
    /// That the endpoint cannot be reached or refuses.
    pub async fn create_table(&self, definition: &TableDefinition) -> Result<bool, TableError> {
        let mut create = self
            .db
            .create_table()
            .table_name(&*self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(definition.attributes()?))
            .set_key_schema(Some(key_schema(&definition.key_schema)?));
        for index in &definition.global_secondary_indexes {
            create = create.global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name(&index.name)
                    .set_key_schema(Some(key_schema(&index.key_schema)?))
                    .projection(index.projection())
                    .build()?,
            );
        }
        match create.send().await {
            Ok(_) => {}
            Err(error) if matches!(error.as_service_error(), Some(CreateTableError::ResourceInUseException(_))) => {
                self.add_indexes(definition).await?;
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
        self.wait_until_active().await?;
        let TimeToLive { attribute_name, enabled } = &definition.time_to_live_specification;
        let expiry = TimeToLiveSpecification::builder().attribute_name(attribute_name).enabled(*enabled).build()?;
        self.db.update_time_to_live().table_name(&*self.table).time_to_live_specification(expiry).send().await?;
        Ok(true)
    }

    /// Adds the indexes that a table from before them lacks, one after the other as DynamoDB wants it.
    async fn add_indexes(&self, definition: &TableDefinition) -> Result<(), TableError> {
        self.wait_until_active().await?;
        let described = self.db.describe_table().table_name(&*self.table).send().await?;
        let there = described.table.and_then(|table| table.global_secondary_indexes).unwrap_or_default();
        let lacks = |index: &&Index| there.iter().all(|there| there.index_name() != Some(&index.name));
        for index in definition.global_secondary_indexes.iter().filter(lacks) {
            let create = CreateGlobalSecondaryIndexAction::builder()
                .index_name(&index.name)
                .set_key_schema(Some(key_schema(&index.key_schema)?))
                .projection(index.projection());
            let update = GlobalSecondaryIndexUpdate::builder().create(create.build()?).build();
            let table = self.db.update_table().table_name(&*self.table);
            let table = table.set_attribute_definitions(Some(definition.attributes()?));
            table.global_secondary_index_updates(update).send().await?;
            self.wait_until_active().await?;
        }
        Ok(())
    }

    async fn wait_until_active(&self) -> Result<(), TableError> {
        loop {
            let described = self.db.describe_table().table_name(&*self.table).send().await?;
            match described.table.and_then(|table| table.table_status) {
                Some(TableStatus::Active) => return Ok(()),
                Some(TableStatus::Creating | TableStatus::Updating) => sleep(Duration::from_millis(200)).await,
                other => return Err(TableError(format!("the table {} is {other:?}", self.table))),
            }
        }
    }
}
