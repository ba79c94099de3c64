//! Lists and entries that the import does not read.

use crate::report::location::Escaped;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A list of objects in the document, or a kind of entries, that was not imported. It is reported, so that the operator can import it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadList {
    /// Its path, with a dot between the names: `clients`, `data.admins`.
    pub name: String,
    /// The number of objects in it.
    pub entries: usize,
}

impl UnreadList {
    /// The same list in one of several files; unchanged without the name of a file.
    pub(crate) fn in_file(self, file: Option<&str>) -> Self {
        match file {
            Some(file) => Self { name: format!("{file}: {}", self.name), ..self },
            None => self,
        }
    }
}

impl fmt::Display for UnreadList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = if self.entries == 1 { "entry" } else { "entries" };
        write!(f, "{} ({} {entries})", Escaped(&self.name), self.entries)
    }
}
