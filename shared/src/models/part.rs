/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<T> {
    /// The entity that it begins after; `None` is the beginning of the list.
    pub after: Option<T>,
    /// The most entities that it has; `None` is all that an answer may carry.
    pub limit: Option<u16>,
}

impl<T> Part<T> {
    /// The most that may be asked for.
    pub const MAX_LIMIT: u16 = 1000;

    /// The whole list.
    pub const ALL: Self = Self { after: None, limit: None };
}
