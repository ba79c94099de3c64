//! What a command needs of the data folder.

use crate::app::Purpose;

/// What a command needs of the data folder when no server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreAccess {
    /// The store, which is begun if there is none.
    Begins(Purpose),
    /// The store, which has to be there.
    Needs(Purpose),
    /// The store if it can be had, or else its files.
    Prefers(Purpose),
    /// Files beside the store.
    Files,
}
