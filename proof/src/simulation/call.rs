//! Requests of callers, with the identifiers of entities.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use shared::models::Kind;

use super::if_match::IfMatch;

/// A request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Changes one entity.
    Write(Write),
    /// Reads one entity and its active children.
    Infos {
        /// Kind of the entity.
        #[serde(serialize_with = "label")]
        kind: Kind,
        /// Its identifier.
        id: String,
        /// Maximum number of children.
        limit: Option<u32>,
    },
    /// Reads the history of one entity.
    History {
        /// Kind of the entity.
        #[serde(serialize_with = "label")]
        kind: Kind,
        /// Its identifier.
        id: String,
        /// Maximum number of entries.
        limit: Option<u32>,
    },
    /// Reads a list, page by page.
    List {
        /// Kind of the entities.
        #[serde(serialize_with = "label")]
        kind: Kind,
        /// Parameters of the query string, except for the cursor.
        filter: BTreeMap<&'static str, String>,
    },
    /// Carries out several changes.
    Batch {
        /// The changes, in this order.
        operations: Vec<BatchedWrite>,
        /// Whether all are carried out, or none.
        atomic: bool,
        /// Whether nothing is written.
        dry_run: bool,
    },
}

/// One change of a batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchedWrite {
    /// The change. An identifier that starts with `$` is that of an entity that the batch registers.
    pub write: Write,
    /// What the caller requires of the entity.
    pub if_match: Option<IfMatch>,
    /// Name of the entity that it registers.
    pub reference: Option<String>,
}

/// A change of one entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Write {
    /// Registers an entity.
    Register(#[serde(serialize_with = "label")] Kind, Fields),
    /// Replaces its fields.
    Update(#[serde(serialize_with = "label")] Kind, String, Fields),
    /// Makes it active or inactive.
    SetStatus(#[serde(serialize_with = "label")] Kind, String, bool),
}

/// Fields that a caller sends.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fields {
    /// Its name.
    pub nom: String,
    /// Code of a client.
    pub code: Option<i64>,
    /// Client of a site that is registered, or site of an équipement.
    pub parent: Option<String>,
    /// Type of an équipement.
    pub r#type: Option<String>,
    /// Serial number of an équipement.
    pub numero_serie: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn label<S: serde::Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

/// The HTTP form of a call.
pub(super) struct Http {
    pub(super) route: &'static str,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) parameter: Option<(&'static str, String)>,
    pub(super) body: Option<Value>,
}

impl Http {
    fn new(route: &'static str) -> Self {
        let path = route.split_once(' ').map_or(route, |(_, path)| path).to_owned();
        Self { route, path, query: String::new(), parameter: None, body: None }
    }

    fn of_entity(route: &'static str, kind: Kind, id: &str) -> Self {
        let http = Self::new(route);
        let path = http.path.replace(&format!("{{{}}}", kind.id_name()), id);
        Self { path, parameter: Some((kind.id_name(), id.to_owned())), ..http }
    }

    /// Returns the query string of the first page, or of the one that a link leads to.
    pub(super) fn query_of_page<'a>(&'a self, link: Option<&'a str>) -> &'a str {
        link.and_then(|link| link.split_once('?')).map_or(&self.query, |(_, query)| query)
    }

    fn with_query(self, query: impl Into<String>) -> Self {
        Self { query: query.into(), ..self }
    }

    fn with_limit(self, limit: Option<u32>) -> Self {
        self.with_query(limit.map_or_else(String::new, |limit| format!("limit={limit}")))
    }

    fn with_body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

/// Returns the route of a kind.
fn of_kind(kind: Kind, [client, site, equipement]: [&'static str; 3]) -> &'static str {
    match kind {
        Kind::Client => client,
        Kind::Site => site,
        Kind::Equipement => equipement,
    }
}

const REGISTER: [&str; 3] = ["POST /clients/register", "POST /sites/register", "POST /equipements/register"];
const UPDATE: [&str; 3] = ["PUT /clients/update", "PUT /sites/update", "PUT /equipements/update"];
const DEACTIVATE: [&str; 3] =
    ["DELETE /clients/{client_id}", "DELETE /sites/{site_id}", "DELETE /equipements/{equipement_id}"];
const REACTIVATE: [&str; 3] = [
    "POST /clients/{client_id}/reactivate",
    "POST /sites/{site_id}/reactivate",
    "POST /equipements/{equipement_id}/reactivate",
];
const INFOS: [&str; 3] =
    ["GET /clients/{client_id}/infos", "GET /sites/{site_id}/infos", "GET /equipements/{equipement_id}/infos"];
const HISTORY: [&str; 3] = [
    "GET /clients/{client_id}/historique",
    "GET /sites/{site_id}/historique",
    "GET /equipements/{equipement_id}/historique",
];
const LIST: [&str; 3] = ["GET /clients/all", "GET /sites/all", "GET /equipements/all"];

impl Call {
    /// Returns `true` if it may change something.
    pub(super) fn writes(&self) -> bool {
        matches!(self, Self::Write(_) | Self::Batch { dry_run: false, .. })
    }

    pub(super) fn http(&self) -> Http {
        match self {
            Self::Write(write) => write.http(),
            Self::Infos { kind, id, limit } => Http::of_entity(of_kind(*kind, INFOS), *kind, id).with_limit(*limit),
            Self::History { kind, id, limit } => Http::of_entity(of_kind(*kind, HISTORY), *kind, id).with_limit(*limit),
            Self::List { kind, filter } => {
                let query: Vec<_> = filter.iter().map(|(name, value)| format!("{name}={value}")).collect();
                Http::new(of_kind(*kind, LIST)).with_query(query.join("&"))
            }
            Self::Batch { operations, atomic, dry_run } => {
                let operations: Vec<_> = operations.iter().map(BatchedWrite::json).collect();
                let flags = [("atomique", atomic), ("dry_run", dry_run)];
                let flags = flags.iter().filter(|(_, set)| **set).map(|(name, _)| format!("{name}=true"));
                Http::new("POST /lot")
                    .with_query(flags.collect::<Vec<_>>().join("&"))
                    .with_body(json!({ "operations": operations }))
            }
        }
    }
}

impl BatchedWrite {
    fn json(&self) -> Value {
        let Self { write, if_match, reference } = self;
        let (op, body) = match write {
            Write::Register(kind, fields) => ("register", fields.json(*kind)),
            Write::Update(kind, id, fields) => ("update", with_id(fields.json(*kind), *kind, id)),
            Write::SetStatus(kind, id, true) => ("reactivate", with_id(Map::new(), *kind, id)),
            Write::SetStatus(kind, id, false) => ("deactivate", with_id(Map::new(), *kind, id)),
        };
        let mut json = json!({ "op": op, "kind": write.kind().name(), "body": body });
        if let Some(if_match) = if_match {
            json["if_match"] = if_match.header().into();
        }
        if let Some(name) = reference {
            json["ref"] = name.as_str().into();
        }
        json
    }
}

impl Write {
    /// Returns the kind of the entity.
    pub(super) fn kind(&self) -> Kind {
        let (Self::Register(kind, _) | Self::Update(kind, ..) | Self::SetStatus(kind, ..)) = self;
        *kind
    }

    /// Returns the identifier of the entity that it changes, or `None` if it registers one.
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::Register(..) => None,
            Self::Update(_, id, _) | Self::SetStatus(_, id, _) => Some(id),
        }
    }

    /// Returns the fields that the caller sends, if there are any.
    pub(super) fn fields(&self) -> Option<&Fields> {
        match self {
            Self::Register(_, fields) | Self::Update(_, _, fields) => Some(fields),
            Self::SetStatus(..) => None,
        }
    }

    fn http(&self) -> Http {
        match self {
            Self::Register(kind, fields) => Http::new(of_kind(*kind, REGISTER)).with_body(fields.json(*kind).into()),
            Self::Update(kind, id, fields) => {
                Http::new(of_kind(*kind, UPDATE)).with_body(with_id(fields.json(*kind), *kind, id).into())
            }
            Self::SetStatus(kind, id, true) => Http::of_entity(of_kind(*kind, REACTIVATE), *kind, id),
            Self::SetStatus(kind, id, false) => Http::of_entity(of_kind(*kind, DEACTIVATE), *kind, id),
        }
    }
}

impl Fields {
    fn json(&self, kind: Kind) -> Map<String, Value> {
        let Self { nom, code, parent, r#type, numero_serie } = self;
        let mut json = Map::from_iter([("nom".to_owned(), nom.as_str().into())]);
        if let Some(code) = code {
            json.insert("code".to_owned(), (*code).into());
        }
        if let (Some(parent), Some(kind)) = (parent, kind.parent()) {
            json.insert(kind.id_name().to_owned(), parent.as_str().into());
        }
        for (name, value) in [("type", r#type), ("numero_serie", numero_serie)] {
            if let Some(value) = value {
                json.insert(name.to_owned(), value.as_str().into());
            }
        }
        json
    }
}

fn with_id(mut json: Map<String, Value>, kind: Kind, id: &str) -> Map<String, Value> {
    json.insert(kind.id_name().to_owned(), id.into());
    json
}
