//! Helpers of all checks.

use std::io;
use std::path::Path;

use crate::opening::Opening;

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
