//! What the template that is deployed says, read where it must not be said twice.

use serde_json::Value;
use shared::store::TableDefinition;

const TEMPLATE: &str = include_str!("../../template.yaml");

/// The template as JSON; of CloudFormation's short functions (`!Ref`, `!Sub`) only the arguments.
///
/// # Errors
/// That the template is no YAML.
pub fn template() -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
    Ok(serde_saphyr::from_str(TEMPLATE)?)
}

/// The table of the template.
///
/// # Errors
/// That the template has no table, or one that parc cannot make.
pub fn table() -> Result<TableDefinition, Box<dyn std::error::Error + Send + Sync>> {
    let mut template = template()?;
    let table = template.pointer_mut("/Resources/Table/Properties").map(Value::take).unwrap_or_default();
    Ok(serde_json::from_value(table)?)
}
