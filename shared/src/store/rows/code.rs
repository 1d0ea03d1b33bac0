use super::{CLIENT_ID, CorruptItem, Item, Key, TableRow};
use crate::models::{ClientId, Code};

/// Reservation of a code: while it exists, no other client can have the code.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CodeRow {
    pub(crate) code: Code,
    pub(crate) client_id: ClientId,
}

impl TableRow for CodeRow {
    fn to_item(&self) -> Item {
        let Self { code, client_id } = self;
        Item::at(Key::code(*code)).with(CLIENT_ID, client_id)
    }

    fn from_item(mut item: Item) -> Result<Self, CorruptItem> {
        Ok(Self { code: item.code_in_key()?, client_id: item.take(CLIENT_ID)? })
    }
}
