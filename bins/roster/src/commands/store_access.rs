//! What a command needs from the data folder.

use crate::app::Purpose;

/// What a command needs from the data folder if no server is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreAccess {
    /// The store; created if it does not exist.
    Creates(Purpose),
    /// The store; must exist.
    Requires(Purpose),
    /// The store if it can be opened, otherwise its files.
    Prefers(Purpose),
    /// The files; the store if it is in a database server and has none.
    PrefersFiles(Purpose),
    /// Only the files.
    FilesOnly,
}
