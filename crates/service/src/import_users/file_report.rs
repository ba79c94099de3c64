//! What an import reports about a file besides its records.

use roster_import::UnreadList;
use serde::{Deserialize, Serialize};

/// What an import reports about a file besides its records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileReport {
    /// The role mappings that match no record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmatched_role_mappings: Vec<String>,
    /// Lists of objects in the document that were not imported: at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread_lists: Vec<UnreadList>,
}
