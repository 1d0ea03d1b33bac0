/// The kinds of entities that parc registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Who owns sites.
    Client,
    /// Where équipements are installed.
    Site,
    /// What is installed at a site.
    Equipement,
}

impl Kind {
    /// What the API's JSON and paths call an identifier of this kind.
    #[must_use]
    pub const fn id_name(self) -> &'static str {
        match self {
            Self::Client => "client_id",
            Self::Site => "site_id",
            Self::Equipement => "equipement_id",
        }
    }
}
