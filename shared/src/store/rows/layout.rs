use super::{CorruptItem, Item, Key, LAYOUT, TableRow};

/// Number of the layout that the items of a table have. Functions do not read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayoutRow(pub(crate) u32);

impl LayoutRow {
    /// The layout of this version of parc. Raise it with every change that makes an existing item
    /// unreadable: a new key, or a new attribute that has no default.
    pub(crate) const CURRENT: Self = Self(3);

    /// The layout of tables without this item: équipements were kept in the partition of their site.
    pub(crate) const UNRECORDED: u32 = 1;
}

impl TableRow for LayoutRow {
    fn to_item(&self) -> Item {
        Item::at(Key::layout()).with(LAYOUT, &self.0)
    }

    fn from_item(mut item: Item) -> Result<Self, CorruptItem> {
        item.take(LAYOUT).map(Self)
    }
}
