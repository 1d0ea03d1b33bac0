//! The body of a batch. What is wrong with the form of the batch is reported at once; what is wrong with the fields of
//! one operation is the answer to that operation.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use super::decoder::{Decoder, FieldSpec, Input, Invalid, optional, required};
use super::fields::{IdInPath, IfMatch, Reference};
use super::model::{Model, decode_object, decode_query};
use super::violation::{Step, operation_path};
use super::{Json, Violation, Violations};
use crate::models::{Action, EntityId, Kind, MAX_OPERATIONS, Operation, Placeholder, Status};

const OPERATIONS: &str = "operations";

/// A batch of operations.
#[derive(Debug)]
pub struct Batch {
    /// Its operations, at most [`MAX_OPERATIONS`].
    pub operations: Vec<BatchEntry>,
}

/// One operation of a batch.
#[derive(Debug)]
pub struct BatchEntry {
    /// What it does to an entity.
    pub action: Action,
    /// Kind of the entity.
    pub kind: Kind,
    /// Name that the caller gave to the operation.
    pub reference: Option<String>,
    /// What would be the header `If-Match` of its route.
    pub if_match: Option<String>,
    /// Size of its body as compact JSON, in bytes.
    pub body_size: usize,
    /// What it does, with a [`Placeholder`] for each identifier that another operation gives; or its invalid fields.
    pub operation: Result<Operation, Violations>,
}

/// Parameters of a batch.
#[derive(Debug, Clone, Copy)]
pub struct BatchParams {
    /// Whether to decide every operation and write nothing.
    pub dry_run: bool,
    /// Whether to carry out every operation, or none.
    pub atomic: bool,
}

impl Model for BatchParams {
    fn decoder() -> impl Decoder<Output = Self> {
        (optional("dry_run"), optional("atomique"))
            .map(|(dry_run, atomic)| Self { dry_run: dry_run.unwrap_or_default(), atomic: atomic.unwrap_or_default() })
    }

    /// Refuses every other parameter, and repeated ones: a `dry_run` with a typing error must not write.
    fn from_query(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, Violations> {
        let pairs: Vec<_> = pairs.collect();
        let mut names: Vec<_> = Self::decoder().fields().iter().map(|field| field.name).collect();
        let mut refused = Vec::new();
        for (name, _) in &pairs {
            match names.iter().position(|known| known == name) {
                Some(place) => _ = names.swap_remove(place),
                None => refused.push(Violations::from(Violation::unknown_parameter(name))),
            }
        }
        let decoded = decode_query(pairs.into_iter(), &Self::decoder());
        if refused.is_empty() { decoded } else { Err(decoded.err().into_iter().chain(refused).collect()) }
    }
}

impl Model for Batch {
    const MAX_SIZE: usize = 1024 * 1024;

    fn decoder() -> impl Decoder<Output = Self> {
        Operations.map(|operations| Self { operations })
    }
}

/// Decoder of the operations.
struct Operations;

impl Decoder for Operations {
    type Output = Vec<BatchEntry>;

    fn decode(&self, input: &mut Input<'_>) -> Result<Self::Output, Invalid> {
        let items = match input.get(OPERATIONS) {
            Some(Json::Array(items)) if items.len() <= MAX_OPERATIONS => Ok(items),
            Some(Json::Array(items)) => Err(too_long(items.len())),
            Some(other) => Err(Violation::new("list_type", "Input should be a valid list", other)),
            None => Err(input.missing()),
        };
        let items = input.check(OPERATIONS, items)?;
        let mut earlier = HashMap::new();
        let entries: Vec<_> = (0..).zip(items).map(|(index, item)| entry(index, item, &mut earlier, input)).collect();
        entries.into_iter().collect()
    }

    fn fields(&self) -> Vec<FieldSpec> {
        let properties: serde_json::Map<_, _> =
            header().fields().into_iter().map(|field| (field.name.to_owned(), field.schema)).collect();
        let mut operation = json!({
            "title": "OperationDeLot",
            "type": "object",
            "properties": properties,
            "required": ["op", "kind", "body"],
        });
        operation["properties"]["body"] = json!({ "type": "object" });
        let schema = json!({ "type": "array", "maxItems": MAX_OPERATIONS, "items": operation });
        vec![FieldSpec { name: OPERATIONS, required: true, schema }]
    }
}

fn too_long(count: usize) -> Violation {
    let message = format!("List should have at most {MAX_OPERATIONS} items after validation, not {count}");
    // The list itself would be repeated whole.
    Violation::new("too_long", message, &Json::Null).ctx(json!({
        "field_type": "List",
        "max_length": MAX_OPERATIONS,
        "actual_length": count,
    }))
}

/// Decoder of everything but the body of an operation.
fn header() -> impl Decoder<Output = (Action, Kind, Option<Reference>, Option<IfMatch>)> {
    (required("op"), required("kind"), optional("ref"), optional("if_match"))
}

/// Operations before the current one that have a `ref`, and the kind of entity that each registers.
type Earlier = HashMap<String, (u16, Option<Kind>)>;

/// Reads an operation. Records what is wrong with its form.
fn entry(index: u16, item: &Json, earlier: &mut Earlier, input: &mut Input<'_>) -> Result<BatchEntry, Invalid> {
    let path = operation_path(index);
    let (action, kind, reference, if_match) =
        decode_object(Some(item), path.into(), &[], &header()).map_err(|violations| input.refuse(violations))?;
    let reference = reference.and_then(|Reference(name)| name);
    let body = item.get("body");
    let body_path = [&path[..], &[Step::Name("body")]].concat();
    let replaced = placeholders(ids(action, kind), body, &body_path, earlier, input);
    if let Some(name) = &reference {
        let registers = (action == Action::Register).then_some(kind);
        if earlier.insert(name.clone(), (index, registers)).is_some() {
            let message = "Another operation of this batch has the same ref";
            let violation = Violation::new("ref_repeated", message, &Json::Text(name.clone()));
            input.refuse(violation.at([&path[..], &[Step::Name("ref")]].concat()).into());
            return Err(Invalid);
        }
    }
    Ok(BatchEntry {
        action,
        kind,
        reference,
        if_match: if_match.and_then(|IfMatch(value)| value),
        body_size: body.map_or(0, |body| body.to_string().len()),
        operation: operation(action, kind, &Body { value: body, path: body_path, replaced: &replaced? }),
    })
}

/// Returns the placeholders for the identifiers in a body that are `$` and the `ref` of an earlier operation.
fn placeholders(
    ids: &[Kind],
    body: Option<&Json>,
    path: &[Step],
    earlier: &Earlier,
    input: &mut Input<'_>,
) -> Result<Vec<(&'static str, Json)>, Invalid> {
    let mut replaced = Vec::new();
    let mut is_valid = Ok(());
    for kind in ids {
        let Some(Json::Text(text)) = body.and_then(|body| body.get(kind.id_name())) else { continue };
        let Some(name) = text.strip_prefix('$') else {
            if text.parse().is_ok_and(|id| Placeholder::of_uuid(id).is_some()) {
                // Only a `ref` stands for the entity of another operation.
                replaced.push((kind.id_name(), Json::Text(Uuid::nil().to_string())));
            }
            continue;
        };
        if let Some((index, Some(registered))) = earlier.get(name)
            && registered == kind
        {
            replaced.push((kind.id_name(), Json::Text(Placeholder(*index).as_uuid().to_string())));
        } else {
            let message =
                format!("Input should be $ and the ref of an earlier register operation of kind {}", kind.name());
            let violation = Violation::new("ref_unknown", message, &Json::Text(text.clone()));
            is_valid = Err(input.refuse(violation.at([path, &[Step::Name(kind.id_name())]].concat()).into()));
        }
    }
    is_valid.map(|()| replaced)
}

/// Returns the kinds of the identifiers that the body of an operation holds.
const fn ids(action: Action, kind: Kind) -> &'static [Kind] {
    match (action, kind) {
        (Action::Register, Kind::Client) => &[],
        (Action::Register, Kind::Site) | (_, Kind::Client) => &[Kind::Client],
        (Action::Register, Kind::Equipement) | (_, Kind::Site) => &[Kind::Site],
        (Action::Update, Kind::Equipement) => &[Kind::Equipement, Kind::Site],
        (Action::Deactivate | Action::Reactivate, Kind::Equipement) => &[Kind::Equipement],
    }
}

/// Body of an operation.
struct Body<'a> {
    value: Option<&'a Json>,
    path: Vec<Step>,
    replaced: &'a [(&'static str, Json)],
}

impl Body<'_> {
    fn read<T: Model>(&self) -> Result<T, Violations> {
        decode_object(self.value, self.path.clone(), self.replaced, &T::decoder())
    }

    fn id<T: EntityId>(&self) -> Result<T, Violations> {
        let decoder = required::<IdInPath<T>>(T::KIND.id_name());
        decode_object(self.value, self.path.clone(), self.replaced, &decoder).map(|IdInPath(id)| id)
    }
}

fn operation(action: Action, kind: Kind, body: &Body<'_>) -> Result<Operation, Violations> {
    let status = match action {
        Action::Deactivate => Status::Inactif,
        Action::Register | Action::Update | Action::Reactivate => Status::Actif,
    };
    match (action, kind) {
        (Action::Register, Kind::Client) => body.read().map(Operation::RegisterClient),
        (Action::Register, Kind::Site) => body.read().map(Operation::RegisterSite),
        (Action::Register, Kind::Equipement) => body.read().map(Operation::RegisterEquipement),
        (Action::Update, Kind::Client) => body.read().map(Operation::UpdateClient),
        (Action::Update, Kind::Site) => body.read().map(Operation::UpdateSite),
        (Action::Update, Kind::Equipement) => body.read().map(Operation::UpdateEquipement),
        (_, Kind::Client) => body.id().map(|id| Operation::SetClientStatus(id, status)),
        (_, Kind::Site) => body.id().map(|id| Operation::SetSiteStatus(id, status)),
        (_, Kind::Equipement) => body.id().map(|id| Operation::SetEquipementStatus(id, status)),
    }
}
