//! Which store is opened.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::error::OpenError;
use crate::settings::JsonStoreSettings;

/// Where the store is, and what an adopted edit is audited with.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    /// For messages: the disk knows its own place.
    pub(crate) folder: PathBuf,
    /// The users file's name in it.
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

/// The data folder: where the users file is.
pub(crate) fn folder_of(users_file: &Path) -> &Path {
    users_file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
