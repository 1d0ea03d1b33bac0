/// The kinds of entities that parc registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An owner of sites.
    Client,
    /// A place where équipements are installed.
    Site,
    /// A device that is installed at a site.
    Equipement,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Client, Self::Site, Self::Equipement];

    /// Returns its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Site => "site",
            Self::Equipement => "equipement",
        }
    }

    /// Returns its name for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Site => "site",
            Self::Equipement => "équipement",
        }
    }

    /// Returns the kind of its parents.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::Client => None,
            Self::Site => Some(Self::Client),
            Self::Equipement => Some(Self::Site),
        }
    }

    /// Returns the name of an identifier of this kind in JSON and in paths.
    #[must_use]
    pub const fn id_name(self) -> &'static str {
        match self {
            Self::Client => "client_id",
            Self::Site => "site_id",
            Self::Equipement => "equipement_id",
        }
    }
}
