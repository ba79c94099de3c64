//! `[storage]`

use std::path::{Path, PathBuf};

use crate::fields::{Expectation, SettingsReader};
use crate::{Data, rules};

/// The default name of the users file.
const USERS_FILE: &str = "users.json";

/// The storage engine.
#[derive(Debug)]
pub struct Storage {
    /// The engine and its location.
    pub url: StorageUrl,
}

/// An engine and its location. The part before the first colon selects the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageUrl {
    /// `json:PATH`: a `users.json` and its journal.
    Json {
        /// The users file.
        path: PathBuf,
    },
}

impl StorageUrl {
    /// The same engine at another path.
    #[must_use]
    pub fn with_path(&self, moved: impl FnOnce(&Path) -> PathBuf) -> Self {
        match self {
            Self::Json { path } => Self::Json { path: moved(path) },
        }
    }
}

impl Storage {
    /// By default the users file is in the data folder.
    pub(crate) fn read(fields: &mut SettingsReader, data: &Data) -> Self {
        let url = fields.optional("storage.url", url).unwrap_or_else(|| {
            let path = data.dir.join(USERS_FILE);
            fields.follow("storage.url", format!("json:{}", path.display()), "data.dir");
            StorageUrl::Json { path }
        });
        Self { url }
    }
}

fn url(text: &str) -> Result<StorageUrl, Expectation> {
    let path = text.strip_prefix("json:").filter(|path| !path.ends_with('/'));
    path.and_then(|path| rules::path(path).ok())
        .map(|path| StorageUrl::Json { path })
        .ok_or_else(|| "json: and the path of a file, such as json:data/users.json".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_path_of_a_json_file_is_a_storage_url() {
        let path = PathBuf::from("/srv/users.json");
        assert_eq!(url("json:/srv/users.json"), Ok(StorageUrl::Json { path }));
        for bad in ["json:", "json:data/", "data/users.json", "postgres://localhost/roster"] {
            assert!(url(bad).is_err(), "{bad}");
        }
    }
}
