use super::{Fields, Model, Wrong, coerce};
use crate::models::{Code, EntityId, Status};

/// Which clients a list gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientFilter {
    /// Only those of this status.
    pub status: Option<Status>,
    /// Only the one with this code.
    pub code: Option<Code>,
}

impl ClientFilter {
    /// What a cursor of this list is bound to.
    #[must_use]
    pub fn scope(&self) -> String {
        let code = self.code.map_or_else(|| "any".to_owned(), |code| code.to_string());
        format!("clients of code {code} {}", name(self.status))
    }
}

fn name(status: Option<Status>) -> &'static str {
    status.map_or("of any status", Status::name)
}

impl Model for ClientFilter {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Wrong> {
        let status = fields.optional("status", coerce::status);
        let code = fields.optional("code", coerce::code);
        Ok(Self { status: status?, code: code? })
    }
}

/// Which children a list gives: the sites of a client, or the équipements of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChildFilter<P> {
    /// Only those of this parent.
    pub parent: Option<P>,
    /// Only those of this status.
    pub status: Option<Status>,
}

impl<P: EntityId> ChildFilter<P> {
    /// What a cursor of this list is bound to.
    #[must_use]
    pub fn scope(&self) -> String {
        let parent = self.parent.map_or_else(|| "any".to_owned(), |id| id.to_string());
        format!("those of {} {parent} {}", P::KIND.id_name(), name(self.status))
    }
}

impl<P: EntityId> Model for ChildFilter<P> {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Wrong> {
        let parent = fields.optional(P::KIND.id_name(), coerce::uuid);
        let status = fields.optional("status", coerce::status);
        Ok(Self { parent: parent?, status: status? })
    }
}

/// How many entities a list gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub Option<u16>);

impl Model for Limit {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Wrong> {
        fields.optional("limit", coerce::limit).map(Self)
    }
}
