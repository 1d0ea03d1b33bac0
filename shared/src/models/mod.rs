//! Clients, and later their sites and équipements, as the domain knows them: no HTTP, no AWS.
//!
//! A value of these types is right by construction: each is built by parsing only, and a row of
//! the table is read back through the same types.

mod client;
mod code;
mod id;
mod kind;
mod nom;
mod status;
mod timestamp;

pub use client::{Client, ClientInfos, ClientRegister, ClientUpdate, SiteSummary};
pub use code::Code;
pub use id::{ClientId, Entity, EntityId, SiteId};
pub use kind::Kind;
pub use nom::{InvalidNom, Nom};
pub use status::Status;
pub use timestamp::Timestamp;
