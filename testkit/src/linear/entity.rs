//! The behaviour of one entity of parc: a client, a site or an équipement.

use super::Model;

/// The model of one entity, from before its registration.
#[derive(Debug, Clone, Copy)]
pub struct EntityModel;

/// One call on the entity, for [`super::check`].
pub type Operation = super::Operation<Call, Reply>;

/// An entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entity {
    /// Its version: 1 when it is registered, and one more with each change.
    pub version: u64,
    /// Its fields.
    pub fields: Fields,
    /// Whether its status is active.
    pub active: bool,
}

/// The fields of an entity that an update replaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fields {
    /// Its nom.
    pub nom: String,
    /// The identifier of its site, for an équipement.
    pub site: Option<String>,
}

impl Fields {
    /// Returns the fields of an entity without a site.
    #[must_use]
    pub fn new(nom: &str) -> Self {
        Self { nom: nom.to_owned(), site: None }
    }
}

/// A call on the entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Call {
    /// Registers the entity, active.
    Register(Fields),
    /// Replaces the fields.
    Update {
        /// The new fields.
        fields: Fields,
        /// The version that the caller requires, if any.
        expected: Option<u64>,
    },
    /// Deactivates or reactivates the entity.
    SetStatus {
        /// The new status.
        active: bool,
        /// The version that the caller requires, if any.
        expected: Option<u64>,
    },
    /// Reads the entity (`infos`).
    Read,
}

/// A reply to a caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reply {
    /// The entity after a registration or an update.
    Written(Entity),
    /// The entity has the requested status.
    Done,
    /// The entity that a read finds.
    Found(Entity),
    /// The entity does not have the expected version (412); nothing is written.
    Refused {
        /// The version that it has.
        current: u64,
    },
    /// The entity does not exist (404).
    Missing,
    /// The entity exists already. parc never replies this, because each registration has its own
    /// identifier: a history with two answered registrations is not linearizable.
    Exists,
}

impl Model for EntityModel {
    type State = Option<Entity>;
    type Call = Call;
    type Reply = Reply;

    fn initial() -> Self::State {
        None
    }

    fn apply(state: &Self::State, call: &Call) -> (Self::State, Reply) {
        let Some(before) = state else {
            return match call {
                Call::Register(fields) => {
                    let entity = Entity { version: 1, fields: fields.clone(), active: true };
                    (Some(entity.clone()), Reply::Written(entity))
                }
                Call::Update { .. } | Call::SetStatus { .. } | Call::Read => (None, Reply::Missing),
            };
        };
        match call {
            Call::Register(_) => (state.clone(), Reply::Exists),
            Call::Read => (state.clone(), Reply::Found(before.clone())),
            // An expected version counts even if nothing would change.
            Call::Update { expected: Some(expected), .. } | Call::SetStatus { expected: Some(expected), .. }
                if *expected != before.version =>
            {
                (state.clone(), Reply::Refused { current: before.version })
            }
            Call::Update { fields, .. } => {
                let entity = before.changed(fields, before.active);
                (Some(entity.clone()), Reply::Written(entity))
            }
            Call::SetStatus { active, .. } => (Some(before.changed(&before.fields, *active)), Reply::Done),
        }
    }
}

impl Entity {
    /// Returns the entity after a change, with the next version unless nothing changes.
    fn changed(&self, fields: &Fields, active: bool) -> Self {
        if self.fields == *fields && self.active == active {
            return self.clone();
        }
        Self { version: self.version + 1, fields: fields.clone(), active }
    }
}
