//! `[cors]`

use crate::fields::SettingsReader;
use crate::rules;

/// Calls from pages of other origins (CORS).
#[derive(Debug)]
pub struct Cors {
    /// Origins in lower case, or `*` for any; empty is off.
    pub allowed_origins: Vec<String>,
    /// Request headers in lower case, besides those that the API uses; `*` is any.
    pub allowed_headers: Vec<String>,
}

impl Cors {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        Self {
            allowed_origins: fields.list("cors.allowed_origins", rules::origin),
            allowed_headers: fields.list("cors.allowed_headers", rules::header_name),
        }
    }
}
