use super::{Fields, Model, Wrong, coerce};
use crate::models::{EntityId, Status};

/// Which clients a list gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientFilter {
    /// Only those of this status.
    pub status: Option<Status>,
}

impl ClientFilter {
    /// What a cursor of this list is bound to.
    #[must_use]
    pub fn scope(&self) -> String {
        format!("clients {}", name(self.status))
    }
}

fn name(status: Option<Status>) -> &'static str {
    status.map_or("of any status", Status::name)
}

impl Model for ClientFilter {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Wrong> {
        Ok(Self { status: fields.optional("status", coerce::status)? })
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
