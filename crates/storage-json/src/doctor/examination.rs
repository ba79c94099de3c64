//! What a check finds, and what every check needs.

use std::io;
use std::path::Path;

use roster_storage::Finding;

use crate::opening::Opening;

/// What a check has found.
#[derive(Debug)]
pub struct Examination {
    /// Everything, file by file.
    pub findings: Vec<Finding>,
    /// Who has the store open to write.
    pub holder: Holder,
}

/// Who has a store open to write while it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nobody: its files are at rest.
    Nobody,
    /// A process: the files are those of a moment ago.
    Process,
}

/// A path in the data folder, for a finding.
pub(super) fn place(opening: &Opening, name: &str) -> String {
    Path::new(&opening.folder).join(name).display().to_string()
}

/// A file that is gone by now is no failure.
pub(super) fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}
