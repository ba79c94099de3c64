//! Whether an import writes.

use serde::{Deserialize, Serialize};

/// Whether an import writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// Users are created.
    Write,
    /// Nothing is written; the report says what would happen.
    DryRun,
}
