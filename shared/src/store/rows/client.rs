use super::{
    CODE, COUNTS_VERSION, CREATED, CorruptItem, EQUIPEMENTS, HISTORY, Item, Key, NOM, PartialRow, RANK, SITES, STATUS,
    TableRow, VERSION,
};
use crate::models::Client;
use crate::store::digest::Digest;

/// A client.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClientRow {
    pub(crate) client: Client,
    /// The counters as stored; those of `client` are at least zero.
    pub(crate) counts: ClientCounts,
    /// Number of changes of the counters, and of moves between two sites of this client. While it
    /// does not change, neither do the counters of the client's active sites.
    pub(crate) counts_version: u64,
    /// Digest of the newest history entry.
    pub(crate) history: Digest,
}

/// The counters of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ClientCounts {
    pub(crate) sites: i64,
    pub(crate) equipements: i64,
}

impl From<Client> for ClientRow {
    /// The row of a client that is being registered.
    fn from(client: Client) -> Self {
        Self { client, counts: ClientCounts::default(), counts_version: 1, history: Digest::default() }
    }
}

impl TableRow for ClientRow {
    fn to_item(&self) -> Item {
        let Self { client, counts: ClientCounts { sites, equipements }, counts_version, history } = self;
        let Client { client_id, nom, code, sites: _, equipements: _, status, timestamp, version, rank: _ } = client;
        Item::at(Key::client(*client_id))
            .listed(client)
            .with(NOM, nom)
            .with(CODE, code)
            .with(SITES, sites)
            .with(EQUIPEMENTS, equipements)
            .with(COUNTS_VERSION, counts_version)
            .with(STATUS, status)
            .with(VERSION, version)
            .with(CREATED, timestamp)
            .with(HISTORY, history)
    }

    fn from_item(mut item: Item) -> Result<Self, CorruptItem> {
        let counts = ClientCounts { sites: item.get(SITES)?, equipements: item.get(EQUIPEMENTS)? };
        let client = Self::part_from_item(&mut item)?;
        Ok(Self { client, counts, counts_version: item.take(COUNTS_VERSION)?, history: item.take(HISTORY)? })
    }
}

impl PartialRow for ClientRow {
    type Part = Client;

    const ATTRIBUTES: &'static [&'static str] = &[
        NOM.name(),
        CODE.name(),
        SITES.name(),
        EQUIPEMENTS.name(),
        STATUS.name(),
        CREATED.name(),
        VERSION.name(),
        RANK.name(),
    ];

    fn part_from_item(item: &mut Item) -> Result<Client, CorruptItem> {
        Ok(Client {
            client_id: item.id_in_key()?,
            nom: item.take(NOM)?,
            code: item.take(CODE)?,
            sites: displayed(item.take(SITES)?),
            equipements: displayed(item.take(EQUIPEMENTS)?),
            status: item.take(STATUS)?,
            timestamp: item.take(CREATED)?,
            version: item.take(VERSION)?,
            rank: item.take(RANK)?,
        })
    }
}

/// Returns a counter as responses show it. A counter below zero is wrong, which `verify` reports; it
/// must not make the lists fail that show it.
pub(super) fn displayed(counter: i64) -> u32 {
    u32::try_from(counter.max(0)).unwrap_or(u32::MAX)
}

entity_row!(ClientRow, client: Client);
