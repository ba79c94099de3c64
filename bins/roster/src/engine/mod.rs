//! The storage engines. Only the files in this folder name one.

mod cached;
mod json;
mod key_table;
mod open_error;
mod port;
mod postgres;
mod sqlite;

use std::sync::Arc;

use roster_config::{Settings, StorageUrl};

pub(crate) use key_table::KeyTable;
pub(crate) use open_error::{Held, OpenError};
pub(crate) use port::{Engine, OpenMode, OpenStore, RestoreTarget, Sharing, StoreFiles};

/// The engine in the settings.
pub(crate) fn engine(settings: &Settings) -> Arc<dyn Engine> {
    engine_at(&settings.storage.url, settings)
}

/// The engine at `url`, with the other settings.
pub(crate) fn engine_at(url: &StorageUrl, settings: &Settings) -> Arc<dyn Engine> {
    match url {
        StorageUrl::Json { path } => Arc::new(json::JsonEngine::new(path, &settings.audit)),
        StorageUrl::Sqlite { path } => Arc::new(sqlite::SqliteEngine::new(path, &settings.storage)),
        StorageUrl::Postgres { url } => Arc::new(postgres::PostgresEngine::new(url, settings)),
    }
}
