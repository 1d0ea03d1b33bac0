//! Names in the document.

use crate::{Operation, Route};

pub(super) fn reference(schema: &str) -> String {
    format!("#/components/schemas/{schema}")
}

/// Returns the names in braces of a path.
pub(super) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// Returns the tag of a path: `Clients` for `/clients/all`.
pub(super) fn tag(path: &str) -> String {
    title(path.split('/').nth(1).unwrap_or_default())
}

/// Returns the operation's identifier, derived from name, path and method as FastAPI does.
pub(super) fn id(route: &Route, operation: &Operation) -> String {
    let text = format!("{}{}", operation.name, route.path);
    let text = text.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!("{text}_{}", route.method.to_ascii_lowercase())
}

/// Returns a name as a title: `Get All Client` for `get_all_client`.
pub(super) fn title(name: &str) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('_').filter(|word| word.is_ascii() && !word.is_empty()).map(capital).collect::<Vec<_>>().join(" ")
}
