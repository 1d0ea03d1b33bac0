/// The kinds of entities that parc registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Who owns sites.
    Client,
    /// Where équipements are installed.
    Site,
}

impl Kind {
    /// The kind in the words of the API's JSON and paths: `client` in `client_id`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Site => "site",
        }
    }
}
