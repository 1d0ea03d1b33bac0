use super::{Fields, Invalid, Limit, Model, Prefix};
use crate::models::{Code, EntityId, Filter, Status};

impl Model for Filter {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        let status = fields.optional("status");
        let nom = fields.optional("nom");
        // Every nom starts with the empty text.
        Ok(Self { status: status?, nom: nom?.map(|Prefix(nom)| nom).filter(|nom| !nom.is_empty()) })
    }
}

/// Filter of a list without filters.
impl Model for () {
    fn read(_: &mut Fields<'_>) -> Result<Self, Invalid> {
        Ok(())
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

/// Identity of a list, to which its cursors are bound.
pub trait ListScope {
    /// Returns a text that names the resource and the filter.
    fn scope(&self) -> String;
}

impl ListScope for ClientFilter {
    fn scope(&self) -> String {
        let code = self.code.map_or_else(|| "any".to_owned(), |code| code.to_string());
        format!("clients of code {code} {}", entities(&self.entities))
    }
}

fn entities(Filter { status, nom }: &Filter) -> String {
    let status = status.map_or("of any status", Status::name);
    nom.as_ref().map_or_else(|| status.to_owned(), |nom| format!("{status} whose nom begins with {}", nom.as_str()))
}

impl Model for ClientFilter {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        let entities = Filter::read(fields);
        let code = fields.optional("code");
        Ok(Self { entities: entities?, code: code? })
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

impl<P: EntityId> ListScope for ChildFilter<P> {
    fn scope(&self) -> String {
        let parent = self.parent.map_or_else(|| "any".to_owned(), |id| id.to_string());
        format!("those of {} {parent} {}", P::KIND.id_name(), entities(&self.entities))
    }
}

impl<P: EntityId> Model for ChildFilter<P> {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        let parent = fields.optional(P::KIND.id_name());
        let entities = Filter::read(fields);
        Ok(Self { parent: parent?, entities: entities? })
    }
}

/// Parameters of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListParams<F> {
    /// Filter.
    pub filter: F,
    /// Maximum length of the page.
    pub limit: Option<u16>,
    /// Cursor from the link of the previous page.
    pub cursor: Option<String>,
}

impl<F: Model> Model for ListParams<F> {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        let filter = F::read(fields);
        let limit = fields.optional("limit");
        let CursorParam { cursor } = CursorParam::read(fields)?;
        Ok(Self { filter: filter?, limit: limit?.map(|Limit(limit)| limit), cursor })
    }
}

/// The cursor parameter alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorParam {
    /// Cursor from the link of the previous page.
    pub cursor: Option<String>,
}

impl Model for CursorParam {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        fields.optional("cursor").map(|cursor| Self { cursor })
    }
}
