//! The way from a document to the container of its records.

/// A step on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The member with this name, in quotation marks as the file has it.
    Member(&'static str),
    /// The item at this position of an array, from zero.
    Item(usize),
}

/// The steps from the document to the container.
pub(crate) type Path = Vec<Step>;

/// The names of a member that holds the records: of other systems' APIs and databases. Earlier ones win.
pub(crate) const WRAPPERS: [&str; 11] = [
    "\"users\"",
    "\"Users\"",
    "\"data\"",
    "\"docs\"",
    "\"items\"",
    "\"results\"",
    "\"resources\"",
    "\"Resources\"",
    "\"rows\"",
    "\"records\"",
    "\"db\"",
];

/// How many of [`WRAPPERS`] name people, so that even an object with fields of its own may have them.
pub(crate) const USERS: usize = 2;

/// The index of `data` in [`WRAPPERS`].
pub(crate) const DATA: usize = 2;

/// The index of `db`, in which Ghost writes an array of databases.
pub(crate) const GHOST: usize = 10;
