use super::{Fields, Invalid, Limit, Model, Prefix};
use crate::models::{Code, EntityId, Filter, Status};

impl Model for Filter {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        let status = fields.optional("status");
        let nom = fields.optional("nom");
        // Every nom begins with nothing.
        Ok(Self { status: status?, nom: nom?.map(|Prefix(nom)| nom).filter(|nom| !nom.is_empty()) })
    }
}

/// The filter of a list that has none.
impl Model for () {
    fn read(_: &mut Fields<'_>) -> Result<Self, Invalid> {
        Ok(())
    }
}

/// Which clients a list gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFilter {
    /// Only those of this status and nom.
    pub entities: Filter,
    /// Only the one with this code.
    pub code: Option<Code>,
}

/// Which list is asked for.
pub trait ListScope {
    /// What a cursor of this list is bound to: its resource and its filter.
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

/// Which children a list gives: the sites of a client, or the équipements of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildFilter<P> {
    /// Only those of this parent.
    pub parent: Option<P>,
    /// Only those of this status and nom.
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

/// A part of a list, as a caller asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListParams<F> {
    /// Which list.
    pub filter: F,
    /// The most entities that are wanted.
    pub limit: Option<u16>,
    /// What the list gave with the part before.
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

/// The cursor of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorParam {
    /// What the list gave with the part before.
    pub cursor: Option<String>,
}

impl Model for CursorParam {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Invalid> {
        fields.optional("cursor").map(|cursor| Self { cursor })
    }
}
