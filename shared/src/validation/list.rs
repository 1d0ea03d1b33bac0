use std::fmt::Display;
use std::iter;

use super::decoder::{Decoder, FieldSpec, Input, Optional, optional};
use super::fields::{Limit, Prefix};
use super::json::Object;
use super::model::{Model, QUERY};
use super::{CursorKey, Json, Violations};
use crate::models::{Code, EntityId, Filter, Folded, Kind, Pagination, Position, Rank, Status};

impl Model for Filter {
    fn decoder() -> impl Decoder<Output = Self> {
        // Every nom starts with the empty text.
        (optional("status"), optional("nom"))
            .map(|(status, nom)| Self { status, nom: nom.map(|Prefix(nom)| nom).filter(|nom| !nom.is_empty()) })
    }
}

/// Filter of the list of clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFilter {
    /// Conditions on status and nom.
    pub entities: Filter,
    /// Keeps the client with this code.
    pub code: Option<Code>,
}

impl Model for ClientFilter {
    fn decoder() -> impl Decoder<Output = Self> {
        (Filter::decoder(), optional("code")).map(|(entities, code)| Self { entities, code })
    }
}

/// Filter of a list of children: sites by client, or équipements by site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildFilter<P> {
    /// Keeps the children of this parent.
    pub parent: Option<P>,
    /// Conditions on status and nom.
    pub entities: Filter,
}

impl<P: EntityId> Model for ChildFilter<P> {
    fn decoder() -> impl Decoder<Output = Self> {
        (optional(P::KIND.id_name()), Filter::decoder()).map(|(parent, entities)| Self { parent, entities })
    }
}

/// Filter of a list of entities.
pub trait ListFilter: Model {
    /// Returns the identity of the filtered list.
    fn scope(&self) -> ListScope;
}

impl ListFilter for ClientFilter {
    fn scope(&self) -> ListScope {
        ListScope::new("clients").filtered(&self.entities).with("code", self.code)
    }
}

impl<P: EntityId> ListFilter for ChildFilter<P> {
    fn scope(&self) -> ListScope {
        let list = match P::KIND {
            Kind::Client => "sites",
            Kind::Site | Kind::Equipement => "equipements",
        };
        ListScope::new(list).filtered(&self.entities).with(P::KIND.id_name(), self.parent)
    }
}

/// Identity of a list, to which its cursors are bound: its name and its filter, encoded like a query string
/// (`list=clients&status=actif`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListScope(String);

impl ListScope {
    pub(super) fn new(list: &str) -> Self {
        Self(String::new()).with("list", Some(list))
    }

    /// Returns the scope of the children in an entity's infos.
    #[must_use]
    pub fn infos(id: impl EntityId) -> Self {
        Self::of("infos", id)
    }

    /// Returns the scope of an entity's history.
    #[must_use]
    pub fn history(id: impl EntityId) -> Self {
        Self::of("history", id)
    }

    fn of<I: EntityId>(list: &str, id: I) -> Self {
        Self::new(list).with(I::KIND.id_name(), Some(id))
    }

    fn filtered(self, Filter { status, nom }: &Filter) -> Self {
        self.with("status", status.map(Status::name)).with("nom", nom.as_ref().map(Folded::as_str))
    }

    pub(super) fn with(self, name: &str, value: Option<impl Display>) -> Self {
        let Some(value) = value else { return self };
        Self(form_urlencoded::Serializer::new(self.0).append_pair(name, &value.to_string()).finish())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Query string of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListParams<F, P = Rank> {
    /// Filter.
    pub filter: F,
    /// Identity of the filtered list.
    pub scope: ListScope,
    /// Start, from the cursor, and maximum length of the page.
    pub pagination: Pagination<P>,
}

/// Returns the decoders of the filter, the limit and the text of the cursor.
fn decoders<F: Model>() -> (impl Decoder<Output = F>, Optional<Limit>, Optional<String>) {
    (F::decoder(), optional("limit"), optional(CURSOR))
}

const CURSOR: &str = "cursor";

impl<F: Model, P: Position> ListParams<F, P> {
    /// Reads the parameters of a list that `scope` identifies; if one is repeated, its last value is used.
    ///
    /// # Errors
    /// Returns every violation. A cursor is only verified if the filter is valid, because the filter identifies
    /// the list.
    pub fn from_query(
        pairs: impl Iterator<Item = (String, String)>,
        cursors: &CursorKey,
        scope: impl FnOnce(&F) -> ListScope,
    ) -> Result<Self, Violations> {
        let parameters: Object = pairs.map(|(name, value)| (name, Json::Text(value))).collect();
        let mut input = Input::new(QUERY, &parameters);
        let (filter, limit, cursor) = decoders::<F>();
        let (filter, limit) = (filter.decode(&mut input), limit.decode(&mut input));
        let cursor = cursor.decode(&mut input);
        let scoped = filter.map(|filter| (scope(&filter), filter));
        let after = match (&scoped, cursor) {
            (Ok((scope, _)), Ok(Some(cursor))) => input.check(CURSOR, cursors.read(scope, &cursor).map(Some)),
            (_, cursor) => cursor.map(|_| None),
        };
        match (scoped, limit, after) {
            (Ok((scope, filter)), Ok(limit), Ok(after)) => {
                let limit = limit.map(|Limit(limit)| limit);
                Ok(Self { filter, scope, pagination: Pagination { after, limit } })
            }
            _ => Err(input.into_violations()),
        }
    }

    /// Returns the answer to a limit of 0, as an example for the documentation.
    #[must_use]
    pub fn refused_limit() -> Option<Violations> {
        let parameter = ("limit".to_owned(), "0".to_owned());
        Self::from_query(iter::once(parameter), &CursorKey::new(""), |_| ListScope::new("")).err()
    }

    /// Returns the parameters, in the order in which they are read.
    #[must_use]
    pub fn fields() -> Vec<FieldSpec> {
        decoders::<F>().fields()
    }
}
