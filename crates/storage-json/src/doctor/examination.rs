//! The result of a check, and helpers of all checks.

use std::io;
use std::path::Path;

use roster_storage::Finding;

use crate::opening::Opening;

/// The result of a check.
#[derive(Debug)]
pub struct Examination {
    /// All findings, file by file.
    pub findings: Vec<Finding>,
    /// Who has the store open for writing.
    pub holder: Holder,
}

/// Who has a store open for writing while it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nobody: its files do not change.
    Nobody,
    /// A process: its files may have changed since.
    Process,
}

/// A path in the data folder, for a finding.
pub(super) fn place(opening: &Opening, name: &str) -> String {
    Path::new(&opening.folder).join(name).display().to_string()
}

/// A file that no longer exists is not an error.
pub(super) fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}
