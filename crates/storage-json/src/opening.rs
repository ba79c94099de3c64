//! Which store to open.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::error::OpenError;
use crate::settings::JsonStoreSettings;

/// The location of the store, and what is needed to audit an adopted edit.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    /// For messages; the disk knows its own location.
    pub(crate) folder: PathBuf,
    /// The name of the users file in the folder.
    pub(crate) users_file: String,
    pub(crate) now: Timestamp,
    pub(crate) random: [u8; 10],
}

impl Opening {
    pub(crate) fn of(settings: &JsonStoreSettings) -> Result<Self, OpenError> {
        let path = &settings.users_file;
        let name = path.file_name().and_then(|name| name.to_str());
        let users_file = name.ok_or_else(|| OpenError::NoFile { path: path.clone() })?.to_owned();
        Ok(Self {
            folder: folder_of(path).to_owned(),
            users_file,
            now: settings.now,
            random: settings.random,
        })
    }
}

/// The data folder: the folder of the users file.
pub(crate) fn folder_of(users_file: &Path) -> &Path {
    users_file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
