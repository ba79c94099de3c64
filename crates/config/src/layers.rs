//! The effective values while the layers are read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::SettingError;
use crate::nearest::nearest;
use crate::value::Entry;

/// The effective values, by key. The keys are those of the defaults; later layers add none.
#[derive(Default)]
pub(crate) struct Layers {
    pub(crate) entries: BTreeMap<String, Entry>,
    pub(crate) errors: Vec<SettingError>,
    /// What is allowed but looks like a mistake.
    pub(crate) warnings: Vec<String>,
    /// The TOML file that was read.
    pub(crate) file: Option<PathBuf>,
}

impl Layers {
    /// The known key nearest to `key`.
    pub(crate) fn nearest(&self, key: &str) -> Option<&str> {
        nearest(key, self.entries.keys().map(String::as_str))
    }
}
