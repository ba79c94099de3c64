//! `[import]`

use crate::fields::SettingsReader;
use crate::rules;

/// Imports over HTTP.
#[derive(Debug)]
pub struct Import {
    /// The largest file, in bytes.
    pub max_bytes: u64,
}

impl Import {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        Self { max_bytes: fields.one("import.max_bytes", rules::integer(1024..=1 << 40)) }
    }
}
