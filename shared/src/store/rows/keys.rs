//! Keys of the table and of its indexes.
//!
//! | item | `PK` | `SK` | `GSI1PK` | `GSI1SK` | `GSI2SK` |
//! |---|---|---|---|---|---|
//! | client | `CLIENT#<client_id>` | `CLIENT` | `CLIENT#0` | rank | `NOM#<folded nom>#<rank>` |
//! | code reservation | `CODE#<code>` | `CODE` | | | |
//! | site | `CLIENT#<client_id>` | `SITE#<rank>` | `SITE#0` | rank | `NOM#<folded nom>#<rank>` |
//! | parent of a site | `SITE#<site_id>` | `CLIENT` | | | |
//! | équipement | `EQUIPEMENT#<equipement_id>` | `EQUIPEMENT` | `EQUIPEMENT#0` | rank | `NOM#<folded nom>#<rank>` |
//! | its copy at its site | `SITE#<site_id>` | `EQUIPEMENT#<rank>` | | | |
//! | history entry | that of the entity's `..._id` | `VERSION#<version, 10 digits>` | | | |
//! | kept answer | `RETRY#<hash>` | `RETRY`; further parts of a batch: `RETRY#<part, 5 digits>` | | | |
//! | layout | `LAYOUT` | `LAYOUT` | | | |
//!
//! One query reads a parent and its children: in the partition of a client the client comes first
//! and its sites follow; in the partition of a site its parent pointer comes first and the copies of
//! its équipements follow. An item type that does not belong to such a page gets a sort key after
//! `SITE$`.
//!
//! The index `GSI1` (`GSI1PK`, `GSI1SK`) holds whole items, for lists. `GSI2` (`GSI1PK`, `GSI2SK`)
//! holds keys only, for searches by name, so that a change of a counter does not write to it.
//!
//! What each access pattern consumes is in `docs/access-patterns.md`, which a test keeps exact.

use std::fmt;

use uuid::Uuid;

use super::kept_answer::part_sort;
use crate::models::{ClientId, Code, EntityId, EquipementId, Folded, Kind, Rank, SiteId};
use crate::store::request::RetryKey;

/// Name of the index that lists are read from.
pub(crate) const LIST_INDEX: &str = "GSI1";

/// Name of the index that names are searched in.
pub(crate) const NAME_INDEX: &str = "GSI2";

/// Number of index partitions that the entities of one kind are spread over.
///
/// One partition takes about 1,000 writes a second, and each list reads all of them: one partition is
/// one query on one connection. To raise the number, split the constant in two: deploy functions that
/// read the new number of partitions, then functions that write to them, then rewrite the items with
/// `verify --repair`. It can never be lowered.
pub(crate) const LIST_PARTITIONS: u8 = 1;

/// Primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) partition: String,
    pub(crate) sort: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.partition, self.sort)
    }
}

impl Key {
    fn new(partition: String, sort: impl Into<String>) -> Self {
        Self { partition, sort: sort.into() }
    }

    pub(crate) fn client(id: ClientId) -> Self {
        Self::new(prefixed(id), prefix(Kind::Client))
    }

    pub(crate) fn code(code: Code) -> Self {
        Self::new(format!("CODE#{code}"), "CODE")
    }

    pub(crate) fn site(client_id: ClientId, rank: Rank) -> Self {
        Self::new(prefixed(client_id), child(Kind::Site, rank))
    }

    /// Key of the pointer from a site to its client.
    pub(crate) fn site_parent(id: SiteId) -> Self {
        Self::new(prefixed(id), prefix(Kind::Client))
    }

    pub(crate) fn equipement(id: EquipementId) -> Self {
        Self::new(prefixed(id), prefix(Kind::Equipement))
    }

    /// Key of the copy of an équipement in the partition of its site.
    pub(crate) fn equipement_copy(site_id: SiteId, rank: Rank) -> Self {
        Self::new(prefixed(site_id), child(Kind::Equipement, rank))
    }

    /// Key of an entry of an entity's history.
    pub(crate) fn history_entry(id: impl EntityId, version: u64) -> Self {
        Self::new(prefixed(id), version_sort(version))
    }

    /// Key of a kept answer. That of a batch has a part for each of its transactions, from 0.
    pub(crate) fn kept_answer(key: &RetryKey, part: u16) -> Self {
        Self::new(format!("RETRY#{key}"), part_sort(part))
    }

    pub(crate) fn layout() -> Self {
        Self::new("LAYOUT".to_owned(), "LAYOUT")
    }
}

const fn prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Client => "CLIENT",
        Kind::Site => "SITE",
        Kind::Equipement => "EQUIPEMENT",
    }
}

fn prefixed<T: EntityId>(id: T) -> String {
    format!("{}#{id}", prefix(T::KIND))
}

fn child(kind: Kind, rank: Rank) -> String {
    format!("{}#{rank}", prefix(kind))
}

/// Returns the identifier in a partition key.
pub(super) fn id_of_partition<T: EntityId>(partition: &str) -> Option<T> {
    let id = partition.strip_prefix(prefix(T::KIND))?.strip_prefix('#')?;
    Uuid::try_parse(id).ok().map(T::from_uuid)
}

/// Returns the code in a partition key.
pub(super) fn code_of_partition(partition: &str) -> Option<Code> {
    partition.strip_prefix("CODE#")?.parse::<i64>().ok().map(Code::from)
}

/// Ten digits, so that the order of the texts is that of the versions.
fn version_sort(version: u64) -> String {
    format!("VERSION#{version:010}")
}

/// Returns the version in the sort key of a history entry.
pub(super) fn version_of_sort(sort: &str) -> Option<u64> {
    let version = sort.strip_prefix("VERSION#")?.parse().ok()?;
    (sort == version_sort(version)).then_some(version)
}

/// Returns the inclusive bounds of the sort keys of a history: all of it, or the entries before a version.
pub(crate) fn version_bounds(before: Option<u64>) -> [String; 2] {
    let to = before.map_or_else(|| "VERSION$".to_owned(), |before| version_sort(before.saturating_sub(1)));
    ["VERSION#".to_owned(), to]
}

/// Returns the rank in the sort key of a child.
pub(crate) fn rank_of_child(sort: &str) -> Option<Rank> {
    parse_rank(sort.split_once('#')?.1)
}

fn parse_rank(text: &str) -> Option<Rank> {
    Uuid::try_parse(text).ok().map(Rank::from_uuid)
}

/// Returns the inclusive bounds of the children's sort keys: all, or those after a rank.
pub(crate) fn children(kind: Kind, after: Option<Rank>) -> [String; 2] {
    let prefix = prefix(kind);
    // "!" sorts after the end of a key, "$" after "#": neither is in a key of an item.
    let from = after.map_or_else(|| format!("{prefix}#"), |rank| format!("{}!", child(kind, rank)));
    [from, format!("{prefix}$")]
}

/// Returns one index partition of a kind; `number` is less than [`LIST_PARTITIONS`].
pub(crate) fn list_partition(kind: Kind, number: u8) -> String {
    format!("{}#{number}", prefix(kind))
}

/// Returns the index partition that an entity is written to.
pub(crate) fn list_partition_of(kind: Kind, rank: Rank) -> String {
    list_partition(kind, spread(rank, LIST_PARTITIONS))
}

/// Returns a number below `partitions`.
fn spread(rank: Rank, partitions: u8) -> u8 {
    // The last byte of a version 7 UUID is random.
    let [.., last] = rank.as_uuid().into_bytes();
    last % partitions
}

/// Returns the start of the search keys of all entities whose nom starts with this text.
pub(crate) fn search_prefix(nom: &Folded) -> String {
    format!("NOM#{}", nom.compared())
}

/// Returns the sort key of an entity in the index of names. It ends with the rank, so that search
/// results can be put in order without reading them.
pub(crate) fn search_key(nom: &Folded, rank: Rank) -> String {
    format!("{}#{rank}", search_prefix(nom))
}

/// Returns the rank at the end of a search key.
pub(crate) fn rank_of_search_key(key: &str) -> Option<Rank> {
    parse_rank(key.rsplit_once('#')?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "019a5a1e-0000-7000-8000-0000000000a6";

    fn rank(text: &str) -> Rank {
        Rank::from_uuid(Uuid::parse_str(text).expect("a UUID"))
    }

    fn id<T: EntityId>() -> T {
        T::from_uuid(rank(TEXT).as_uuid())
    }

    /// Returns one key of each item type.
    fn every_key() -> [Key; 12] {
        [
            Key::client(id()),
            Key::code(Code::from(-7)),
            Key::site(id(), rank(TEXT)),
            Key::site_parent(id()),
            Key::equipement(id()),
            Key::equipement_copy(id(), rank(TEXT)),
            Key::history_entry(id::<ClientId>(), 42),
            Key::history_entry(id::<SiteId>(), 42),
            Key::history_entry(id::<EquipementId>(), 42),
            Key::kept_answer(&RetryKey::of_hash("0f".to_owned()), 0),
            Key::kept_answer(&RetryKey::of_hash("0f".to_owned()), 1),
            Key::layout(),
        ]
    }

    #[test]
    fn keys_have_their_documented_form() {
        let texts = every_key().map(|key| key.to_string());
        let expected = [
            format!("CLIENT#{TEXT} CLIENT"),
            "CODE#-7 CODE".to_owned(),
            format!("CLIENT#{TEXT} SITE#{TEXT}"),
            format!("SITE#{TEXT} CLIENT"),
            format!("EQUIPEMENT#{TEXT} EQUIPEMENT"),
            format!("SITE#{TEXT} EQUIPEMENT#{TEXT}"),
            format!("CLIENT#{TEXT} VERSION#0000000042"),
            format!("SITE#{TEXT} VERSION#0000000042"),
            format!("EQUIPEMENT#{TEXT} VERSION#0000000042"),
            "RETRY#0f RETRY".to_owned(),
            "RETRY#0f RETRY#00001".to_owned(),
            "LAYOUT LAYOUT".to_owned(),
        ];
        assert_eq!(texts, expected);
        assert_eq!(list_partition_of(Kind::Client, rank(TEXT)), "CLIENT#0");
        assert_eq!(search_key(&Folded::of("Été"), rank(TEXT)), format!("NOM#ete#{TEXT}"));
    }

    #[test]
    fn keys_are_parsed_back() {
        let Key { partition, sort } = Key::site(id(), rank(TEXT));
        assert_eq!(id_of_partition(&partition), Some(id::<ClientId>()));
        assert_eq!(id_of_partition::<SiteId>(&partition), None);
        assert_eq!(rank_of_child(&sort), Some(rank(TEXT)));
        assert_eq!(rank_of_child(&Key::client(id()).sort), None);
        assert_eq!(code_of_partition(&Key::code(Code::from(-7)).partition), Some(Code::from(-7)));
        assert_eq!(rank_of_search_key(&search_key(&Folded::of("a#b"), rank(TEXT))), Some(rank(TEXT)));
    }

    #[test]
    fn a_page_contains_only_parent_and_children() {
        for (head, kind) in [(Key::client(id()), Kind::Site), (Key::site_parent(id()), Kind::Equipement)] {
            let [_, last] = children(kind, None);
            let in_page = |key: &&Key| key.partition == head.partition && (&head.sort..=&last).contains(&&key.sort);
            let keys = every_key();
            let sorts: Vec<_> = keys.iter().filter(in_page).map(|key| key.sort.as_str()).collect();
            assert_eq!(sorts.len(), 2);
            assert!(sorts.contains(&prefix(Kind::Client)) && sorts.contains(&&*child(kind, rank(TEXT))));
        }
    }

    #[test]
    fn children_after_a_rank_have_greater_ranks() {
        let [from, to] = children(Kind::Site, Some(rank(TEXT)));
        let key = |last: &str| format!("SITE#019a5a1e-0000-7000-8000-0000000000{last}");
        assert!(key("a6") < from && from < key("a7") && key("ff") < to);
        let [from, to] = children(Kind::Site, None);
        assert!(from < key("00") && key("ff") < to && "CLIENT" < from.as_str());
    }

    #[test]
    fn the_longest_search_key_fits_in_a_sort_key() {
        let longest = Folded::of(&"\u{fdfa}".repeat(256));
        assert!(search_key(&longest, rank(TEXT)).len() <= 1024);
    }
}
