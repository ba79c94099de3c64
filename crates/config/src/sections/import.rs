//! `[import]`

use crate::fields::SettingsReader;
use crate::rules;

/// Imports over HTTP.
#[derive(Debug)]
pub struct Import {
    /// The largest file, in bytes.
    pub max_bytes: u64,
    /// The most records that a file may have.
    pub max_records: usize,
}

impl Import {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        Self {
            max_bytes: fields.one("import.max_bytes", rules::integer(1024..=1 << 40)),
            max_records: fields.one("import.max_records", rules::integer(1..=1_000_000_000)),
        }
    }
}
