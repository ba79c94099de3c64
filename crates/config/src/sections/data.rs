//! `[data]`

use std::path::PathBuf;

use crate::fields::SettingsReader;
use crate::rules;

/// The data folder.
#[derive(Debug)]
pub struct Data {
    /// The folder.
    pub dir: PathBuf,
}

impl Data {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        Self { dir: fields.one("data.dir", rules::path) }
    }
}
