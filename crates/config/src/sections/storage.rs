//! `[storage]`

use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

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
    /// `sqlite:PATH`: a SQLite database.
    Sqlite {
        /// The database file.
        path: PathBuf,
    },
}

impl StorageUrl {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Json { path } | Self::Sqlite { path } => path,
        }
    }

    /// The same engine at another path.
    #[must_use]
    pub fn with_path(&self, moved: impl FnOnce(&Path) -> PathBuf) -> Self {
        match self {
            Self::Json { path } => Self::Json { path: moved(path) },
            Self::Sqlite { path } => Self::Sqlite { path: moved(path) },
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

/// What a storage URL is.
const EXPECTED: &str =
    "json: or sqlite: and the path of a file, such as json:data/users.json or sqlite:data/roster.db";

/// Why a text is not the URL of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected {EXPECTED}")]
pub struct StorageUrlError;

impl FromStr for StorageUrl {
    type Err = StorageUrlError;

    fn from_str(text: &str) -> Result<Self, StorageUrlError> {
        let path = |scheme| {
            let path = text.strip_prefix(scheme).filter(|path| !path.ends_with('/'))?;
            rules::path(path).ok()
        };
        let json = || path("json:").map(|path| Self::Json { path });
        // Others write the same with two slashes: sqlite://data/roster.db, sqlite:///srv/roster.db.
        let sqlite = || path("sqlite://").or_else(|| path("sqlite:")).map(|path| Self::Sqlite { path });
        json().or_else(sqlite).ok_or(StorageUrlError)
    }
}

fn url(text: &str) -> Result<StorageUrl, Expectation> {
    text.parse().map_err(|StorageUrlError| EXPECTED.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storage_url_names_an_engine_and_a_file() {
        let path = PathBuf::from("/srv/users.json");
        assert_eq!(url("json:/srv/users.json"), Ok(StorageUrl::Json { path }));
        let path = PathBuf::from("data/roster.db");
        assert_eq!(url("sqlite:data/roster.db"), Ok(StorageUrl::Sqlite { path: path.clone() }));
        assert_eq!(url("sqlite://data/roster.db"), Ok(StorageUrl::Sqlite { path }));
        for bad in [
            "json:",
            "json:data/",
            "sqlite:",
            "sqlite:data/",
            "data/users.json",
            "postgres://localhost/roster",
        ] {
            assert!(url(bad).is_err(), "{bad}");
        }
    }
}
