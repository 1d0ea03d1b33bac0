/// The kinds of entities that parc registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An owner of sites.
    Client,
    /// A place where équipements are installed.
    Site,
    /// A device that is installed at a site.
    Equipement,
}

impl Kind {
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
