use thiserror::Error;

use crate::store::rows::{InvalidLine, Item, ItemType, Key, LayoutRow, NoLine, RANK, TableRow};

/// Number of the layout of the items that this version of parc reads and writes.
pub const CURRENT_LAYOUT: u32 = LayoutRow::CURRENT.0;

/// An item of a table, of any type, with every attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredItem(pub(super) Item);

/// What people look for in an export. The variants are in the order of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Clients, in order of creation.
    Clients,
    /// Sites, in order of creation.
    Sites,
    /// Équipements, in order of creation.
    Equipements,
    /// History entries, by entity and version.
    History,
    /// Everything that follows from these or is technical, and items that this version of parc does not know.
    Others,
}

/// An item that an export cannot hold.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct NotExportable(#[from] NoLine);

/// The layout item is not the one of this version of parc.
#[derive(Debug, Error)]
#[error("is the layout item, but its layout is not {CURRENT_LAYOUT}")]
pub struct OtherLayout;

impl Section {
    /// Every section.
    pub const ALL: [Self; 5] = [Self::Clients, Self::Sites, Self::Equipements, Self::History, Self::Others];
}

impl StoredItem {
    /// Returns the section of the item. Only its key counts, so that a damaged entity is found among the others.
    #[must_use]
    pub fn section(&self) -> Section {
        match ItemType::of(&self.0.key()) {
            ItemType::Client => Section::Clients,
            ItemType::Site => Section::Sites,
            ItemType::Equipement => Section::Equipements,
            ItemType::ClientHistory | ItemType::SiteHistory | ItemType::EquipementHistory => Section::History,
            ItemType::Code
            | ItemType::SiteParent
            | ItemType::EquipementCopy
            | ItemType::KeptAnswer
            | ItemType::Layout
            | ItemType::Unknown => Section::Others,
        }
    }

    /// Returns a text whose order is that of the items of a section: the rank of an entity, and the key.
    #[must_use]
    pub fn order(&self) -> String {
        let rank = match self.section() {
            Section::Clients | Section::Sites | Section::Equipements => self.0.text(RANK),
            Section::History | Section::Others => "",
        };
        let key = self.0.key();
        format!("{rank}\0{}\0{}", key.partition, key.sort)
    }

    /// Returns the key, for people.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.key().to_string()
    }

    /// Returns `true` if this is the layout item, and has the layout of this version of parc.
    ///
    /// # Errors
    /// Returns [`OtherLayout`] if it is the layout item with another layout.
    pub fn is_layout(&self) -> Result<bool, OtherLayout> {
        if self.0.key() != Key::layout() {
            return Ok(false);
        }
        let is_current = LayoutRow::from_item(self.0.clone()).is_ok_and(|layout| layout == LayoutRow::CURRENT);
        if is_current { Ok(true) } else { Err(OtherLayout) }
    }

    /// Returns the item as one line of JSON, without a line break.
    ///
    /// # Errors
    /// Returns [`NotExportable`] if reading the line would not return an equal item.
    pub fn to_line(&self) -> Result<String, NotExportable> {
        Ok(self.0.to_line()?)
    }

    /// Reads the item of a line.
    ///
    /// # Errors
    /// Returns [`InvalidLine`] if the line is not exactly the one of an item.
    pub fn from_line(line: &str) -> Result<Self, InvalidLine> {
        Item::from_line(line).map(Self)
    }
}
