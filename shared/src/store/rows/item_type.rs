use super::Key;

/// The type of an item, which its key determines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ItemType {
    Client,
    Code,
    Site,
    SiteParent,
    Equipement,
    EquipementCopy,
    ClientHistory,
    SiteHistory,
    EquipementHistory,
    KeptAnswer,
    Layout,
    /// A type that this version of parc does not know.
    Unknown,
}

impl ItemType {
    /// Returns the type of the item with this key. Checks only what precedes each `#`.
    pub(crate) fn of(key: &Key) -> Self {
        match (prefix(&key.partition), prefix(&key.sort)) {
            ("CLIENT", "CLIENT") => Self::Client,
            ("CODE", "CODE") => Self::Code,
            ("CLIENT", "SITE") => Self::Site,
            ("SITE", "CLIENT") => Self::SiteParent,
            ("EQUIPEMENT", "EQUIPEMENT") => Self::Equipement,
            ("SITE", "EQUIPEMENT") => Self::EquipementCopy,
            ("CLIENT", "VERSION") => Self::ClientHistory,
            ("SITE", "VERSION") => Self::SiteHistory,
            ("EQUIPEMENT", "VERSION") => Self::EquipementHistory,
            ("RETRY", "RETRY") => Self::KeptAnswer,
            ("LAYOUT", "LAYOUT") => Self::Layout,
            _ => Self::Unknown,
        }
    }
}

fn prefix(text: &str) -> &str {
    text.split('#').next().unwrap_or_default()
}
