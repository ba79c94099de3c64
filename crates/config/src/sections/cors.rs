//! `[cors]`

use crate::fields::Fields;
use crate::rules;

/// Calls from pages of other origins.
#[derive(Debug)]
pub struct Cors {
    /// Origins in lower case, or `*` for any; empty is off.
    pub allowed_origins: Vec<String>,
}

impl Cors {
    pub(crate) fn read(fields: &mut Fields) -> Self {
        Self { allowed_origins: fields.list("cors.allowed_origins", rules::origin) }
    }
}
