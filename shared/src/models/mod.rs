//! The domain model: clients, sites and équipements. No HTTP, no AWS.
//!
//! Field types such as [`Nom`] can only be built from valid values; items of the table are read through the same
//! types.

mod any;
mod batch;
mod client;
mod code;
mod equipement;
mod expected;
mod folded;
mod history;
mod id;
mod kind;
mod pagination;
mod rank;
mod schema;
mod site;
mod status;
mod text;
mod timestamp;

pub use any::AnyEntity;
pub use batch::{Action, BatchOperation, MAX_OPERATIONS, Operation, Placeholder};
pub use client::{Client, ClientFields, ClientInfos, ClientRegister, ClientUpdate};
pub use code::Code;
pub use equipement::{Equipement, EquipementFields, EquipementRegister, EquipementSummary, EquipementUpdate};
pub use expected::ExpectedVersion;
pub use folded::Folded;
pub use history::{ChangeKind, ChangedFields, HistoryEntry, json_object};
pub use id::{ClientId, Entity, EntityId, EquipementId, SiteId};
pub use kind::Kind;
pub use pagination::{Filter, Pagination, Position};
pub use rank::{Rank, TakeoverRanks};
pub(crate) use schema::response_schema;
pub use site::{Site, SiteFields, SiteInfos, SiteRegister, SiteSummary, SiteUpdate};
pub use status::Status;
pub use text::{InvalidText, MAX_CHARS, Nom, OptionalText};
pub use timestamp::Timestamp;
