//! `[storage]`

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::fields::{Expectation, SettingsReader};
use crate::{Data, Secret, rules};

/// The default name of the users file.
const USERS_FILE: &str = "users.json";

/// The storage engine.
#[derive(Debug)]
pub struct Storage {
    /// The engine and its location.
    pub url: StorageUrl,
    /// The URLs of PostgreSQL's read replicas.
    pub read_urls: Vec<Arc<Secret>>,
    /// What is between Roster and PostgreSQL.
    pub pooler: Pooler,
    /// The largest number of connections to PostgreSQL.
    pub pool_size: usize,
    /// The longest time to connect to a host of PostgreSQL, or to wait for a connection of the pool.
    pub connect_timeout: Duration,
    /// The longest statement in PostgreSQL, and the longest read in SQLite.
    pub statement_timeout: Duration,
    /// The longest wait for a lock in PostgreSQL.
    pub lock_timeout: Duration,
    /// For how long the read cache of the SQL engines uses an entry.
    pub cache_ttl: Duration,
    /// The most memory that the read cache takes, in bytes.
    pub cache_bytes: u64,
    /// The most memory that the page caches of SQLite take together, in bytes.
    pub sqlite_cache_bytes: u64,
    /// The keys that seal secrets in the store, each 32 bytes in base64, separated by commas or whitespace. The first one
    /// seals, all of them open.
    pub sealing_key: Option<Secret>,
}

/// What is between Roster and PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pooler {
    /// Nothing that lends connections.
    #[default]
    None,
    /// A pooler that lends a connection until the client leaves.
    Session,
    /// A pooler that lends a connection for a transaction.
    Transaction,
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
    /// `postgres://…`: a PostgreSQL database.
    Postgres {
        /// The whole URL, which may have a password in it.
        url: Arc<Secret>,
    },
}

impl StorageUrl {
    /// The file; `None` for a database server.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Json { path } | Self::Sqlite { path } => Some(path),
            Self::Postgres { .. } => None,
        }
    }

    /// The same engine at another path. The place of a database server does not change.
    #[must_use]
    pub fn with_path(&self, moved: impl FnOnce(&Path) -> PathBuf) -> Self {
        match self {
            Self::Json { path } => Self::Json { path: moved(path) },
            Self::Sqlite { path } => Self::Sqlite { path: moved(path) },
            Self::Postgres { url } => Self::Postgres { url: Arc::clone(url) },
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
        let timeout = |key: &str, fields: &mut SettingsReader| {
            fields.one(key, rules::duration(Duration::from_millis(100)..=Duration::from_hours(1)))
        };
        let poolers =
            [("none", Pooler::None), ("session", Pooler::Session), ("transaction", Pooler::Transaction)];
        Self {
            url,
            read_urls: fields.list("storage.read_urls", read_url),
            pooler: fields.one("storage.pooler", rules::one_of(poolers)),
            pool_size: fields.one("storage.pool_size", rules::integer(1..=1000)),
            connect_timeout: timeout("storage.connect_timeout", fields),
            statement_timeout: timeout("storage.statement_timeout", fields),
            lock_timeout: timeout("storage.lock_timeout", fields),
            cache_ttl: fields
                .one("storage.cache_ttl", rules::duration(Duration::ZERO..=Duration::from_hours(1))),
            cache_bytes: fields.one("storage.cache_bytes", rules::integer(1 << 20..=1 << 36)),
            sqlite_cache_bytes: fields.one("storage.sqlite_cache_bytes", rules::integer(1 << 22..=1 << 36)),
            sealing_key: fields.optional("storage.sealing_key", rules::secret(4096)),
        }
    }
}

/// What a storage URL is.
const EXPECTED: &str = "json: or sqlite: and the path of a file, without parameters, such as json:data/users.json or \
    sqlite:data/roster.db, or the URL of a PostgreSQL database, such as postgres://roster@localhost/roster, with a \
    password only before the @";

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
        let sqlite = || {
            let path = path("sqlite://").or_else(|| path("sqlite:"))?;
            is_plain(&path).then_some(Self::Sqlite { path })
        };
        json().or_else(sqlite).or_else(|| postgres(text)).ok_or(StorageUrlError)
    }
}

/// Whether a path of SQLite is one, and not a URI or a name with a meaning (<https://sqlite.org/uri.html>), which other
/// programs accept here.
fn is_plain(path: &Path) -> bool {
    let text = path.to_string_lossy();
    !text.contains('?') && !text.starts_with("file:") && !text.ends_with(":memory:")
}

/// A URL with a password among its parameters is refused: the URL is shown with its parameters, and without what is before the @.
fn postgres(text: &str) -> Option<StorageUrl> {
    let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"))?;
    let parameters = rest.rsplit_once('?').map_or("", |(_, parameters)| parameters);
    let is_password = |parameter: &str| parameter.split('=').next() == Some("password");
    let fits = !rest.is_empty() && !text.chars().any(char::is_control);
    let fits = fits && !parameters.split('&').any(is_password);
    fits.then(|| StorageUrl::Postgres { url: Arc::new(Secret::new(text)) })
}

/// The URL of a read replica.
fn read_url(text: &str) -> Result<Arc<Secret>, Expectation> {
    match postgres(text) {
        Some(StorageUrl::Postgres { url }) => Ok(url),
        _ => Err("the URL of a PostgreSQL server, such as postgres://roster@replica/roster".to_owned()),
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
        let text = "postgresql://roster:hunter2@db1,db2/roster?sslmode=disable";
        let Ok(found @ StorageUrl::Postgres { .. }) = url(text) else { panic!("{text}") };
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
        for bad in [
            "json:",
            "json:data/",
            "sqlite:",
            "sqlite:data/",
            "sqlite:data/roster.db?mode=rwc",
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite:file:roster.db",
            "data/users.json",
            "postgres://",
            "postgres:roster",
            "postgres://db/roster?sslmode=require&password=hunter2",
        ] {
            assert!(url(bad).is_err(), "{bad}");
        }
    }
}
