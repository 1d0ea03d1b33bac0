//! Parts of the deployed template that the code and the tests read, instead of repeating them.

use serde_json::Value;
use shared::store::TableDefinition;

use crate::AnyError;

const TEMPLATE: &str = include_str!("../../template.yaml");

/// Returns the template as JSON. CloudFormation's short functions (`!Ref`, `!Sub`) are replaced by their
/// arguments.
///
/// # Errors
/// Returns an error if the template is not YAML.
pub fn template() -> Result<Value, AnyError> {
    Ok(serde_saphyr::from_str(TEMPLATE)?)
}

/// Returns the definition of the template's table.
///
/// # Errors
/// Returns an error if the template has no table, or one that parc cannot create.
pub fn table() -> Result<TableDefinition, AnyError> {
    let mut template = template()?;
    let table = template.pointer_mut("/Resources/Table/Properties").map(Value::take).unwrap_or_default();
    Ok(serde_json::from_value(table)?)
}

/// Returns the CORS configuration of the template's API, as it is if there are `CorsOrigins`.
///
/// # Errors
/// Returns an error if the template has none.
pub fn cors() -> Result<Value, AnyError> {
    let mut template = template()?;
    // `!If [HasCorsOrigins, CONFIGURATION, !Ref AWS::NoValue]`
    let cors = template.pointer_mut("/Resources/Api/Properties/CorsConfiguration/1").map(Value::take);
    cors.ok_or_else(|| "template.yaml has no CORS configuration".into())
}
