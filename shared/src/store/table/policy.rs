//! The policy of the table itself, which allows or denies calls in addition to the policies of roles.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;

use super::{Connection, TableError};

/// The policy of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ResourcePolicy {
    /// Its JSON text.
    Text(String),
    /// The table has none.
    Absent,
    /// The endpoint does not know policies of tables, like some emulators.
    Unsupported,
}

impl Connection {
    /// Reads the policy of the table; eventually consistent.
    ///
    /// # Errors
    /// Returns [`TableError`].
    pub(crate) async fn resource_policy(&self) -> Result<ResourcePolicy, TableError> {
        let described = self.control().describe_table().table_name(&*self.name).send().await?;
        let Some(arn) = described.table.and_then(|table| table.table_arn) else {
            return Ok(ResourcePolicy::Unsupported);
        };
        match self.control().get_resource_policy().resource_arn(arn).send().await {
            Ok(found) => Ok(found.policy.map_or(ResourcePolicy::Absent, ResourcePolicy::Text)),
            Err(error) => match error.as_service_error().and_then(ProvideErrorMetadata::code) {
                Some("PolicyNotFoundException") => Ok(ResourcePolicy::Absent),
                Some("UnknownOperationException") => Ok(ResourcePolicy::Unsupported),
                _ => Err(error.into()),
            },
        }
    }
}
