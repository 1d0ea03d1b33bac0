//! The routes of sites.

pub mod all;
pub mod deactivate;
pub mod history;
pub mod infos;
pub mod reactivate;
pub mod register;
pub mod update;
