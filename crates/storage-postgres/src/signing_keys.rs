//! The signing keys, which all replicas share. They have a connection of their own, so that a server that is busy still
//! notices that a key was revoked, and a command can revoke one without a server.

use std::fmt;

use parking_lot::Mutex;
use roster_storage::{KeyStamp, KeyWrite, SealedKey, StoredKeys};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::connection::{DatabaseError, SessionSettings};
use crate::error::OpenError;
use crate::migrations::{connector, migrate};
use crate::settings::PostgresStoreSettings;
use crate::sql::READ_COMMITTED;
use crate::transaction::Transaction;

/// The signing keys of a store.
pub struct PostgresKeys {
    settings: PostgresStoreSettings,
    /// Absent while it is in use.
    idle: Mutex<Option<Transaction>>,
}

const STAMP: &str = "SELECT version, audited FROM key_ring";
const READ: &str = "SELECT r.version, r.audited, r.ring, k.kid, k.sealed FROM key_ring r \
    LEFT JOIN signing_keys k ON true ORDER BY k.kid";
const REPLACE: &str =
    "UPDATE key_ring SET version = version + 1, ring = $1 WHERE version = $2 RETURNING version";
const SET: &str = "UPDATE key_ring SET version = version + 1, ring = $1, audited = $2";
const ADVANCE: &str = "UPDATE key_ring SET audited = greatest(audited, $1)";
const CLEAR: &str = "DELETE FROM signing_keys";
const INSERT: &str = "INSERT INTO signing_keys (kid, sealed) SELECT unnest($1::text[]), unnest($2::bytea[])";

/// The database has no tables of keys yet.
const UNDEFINED_TABLE: &str = "42P01";

impl PostgresKeys {
    /// The keys of this store. Connects when they are first needed.
    #[must_use]
    pub const fn new(settings: PostgresStoreSettings) -> Self {
        Self { settings, idle: Mutex::new(None) }
    }

    /// Tells whether the keys have changed.
    ///
    /// # Errors
    /// [`OpenError`], if the database does not answer. The same applies to the other functions.
    pub async fn stamp(&self) -> Result<KeyStamp, OpenError> {
        let rows = self.read(STAMP).await?;
        Ok(rows.first().map(stamp).transpose()?.unwrap_or_default())
    }

    /// The keys, as one state.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn read_keys(&self) -> Result<StoredKeys, OpenError> {
        Ok(read_keys(&self.read(READ).await?)?)
    }

    /// Replaces the keys that have this version. Makes the tables that are missing.
    ///
    /// # Errors
    /// [`OpenError`]. If the connection broke during the commit, the keys may be replaced all the same.
    pub async fn replace(&self, version: u64, keys: &StoredKeys) -> Result<KeyWrite, OpenError> {
        migrate(&self.settings).await?;
        let connection = self.connect().await?;
        let outcome = replace(&connection, version, keys).await?;
        *self.idle.lock() = Some(connection);
        Ok(outcome)
    }

    /// Stores that all changes up to this one are in the audit log.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn advance_audited(&self, number: u64) -> Result<(), OpenError> {
        let connection = self.connect().await?;
        connection.rows(ADVANCE, &[(&number.cast_signed(), Type::INT8)]).await?;
        *self.idle.lock() = Some(connection);
        Ok(())
    }

    /// Reads rows on the idle connection; if that is broken, on another one.
    async fn read(&self, statement: &str) -> Result<Vec<Row>, OpenError> {
        let idle = self.idle.lock().take();
        if let Some(connection) = idle
            && let Ok(rows) = connection.rows(statement, &[]).await
        {
            *self.idle.lock() = Some(connection);
            return Ok(rows);
        }
        let connection = self.connect().await?;
        let rows = match connection.rows(statement, &[]).await {
            Err(error) if error.code() == Some(UNDEFINED_TABLE) => Vec::new(),
            rows => rows?,
        };
        *self.idle.lock() = Some(connection);
        Ok(rows)
    }

    async fn connect(&self) -> Result<Transaction, OpenError> {
        let session = SessionSettings::short(&self.settings);
        let connection = session.open(&connector(&self.settings).await?).await?;
        Ok(Transaction::new(connection, session))
    }
}

async fn replace(
    connection: &Transaction,
    version: u64,
    keys: &StoredKeys,
) -> Result<KeyWrite, DatabaseError> {
    connection.begin(READ_COMMITTED).await?;
    let ring = keys.ring.as_deref().unwrap_or_default();
    let version = version.cast_signed();
    let replaced = connection.rows(REPLACE, &[(&ring, Type::TEXT), (&version, Type::INT8)]).await?;
    if replaced.is_empty() {
        connection.run("ROLLBACK").await?;
        return Ok(KeyWrite::Outdated);
    }
    put_private(connection, keys).await?;
    connection.run("COMMIT").await?;
    Ok(KeyWrite::Made)
}

/// Sets the keys of a store that is being restored, in its transaction. `schema` is the schema of the store.
pub(crate) async fn set_keys(
    transaction: &Transaction,
    schema: &str,
    keys: &StoredKeys,
) -> Result<(), DatabaseError> {
    let ring = keys.ring.as_deref().unwrap_or_default();
    let audited = keys.stamp.audited.cast_signed();
    transaction.run(&format!("SET LOCAL search_path = {schema}")).await?;
    transaction.rows(SET, &[(&ring, Type::TEXT), (&audited, Type::INT8)]).await?;
    put_private(transaction, keys).await
}

async fn put_private(transaction: &Transaction, keys: &StoredKeys) -> Result<(), DatabaseError> {
    transaction.run(CLEAR).await?;
    let kids: Vec<&str> = keys.private.iter().map(|key| &*key.kid).collect();
    let sealed: Vec<&[u8]> = keys.private.iter().map(|key| &*key.sealed).collect();
    transaction.rows(INSERT, &[(&kids, Type::TEXT_ARRAY), (&sealed, Type::BYTEA_ARRAY)]).await.map(drop)
}

fn read_keys(rows: &[Row]) -> Result<StoredKeys, DatabaseError> {
    let Some(first) = rows.first() else { return Ok(StoredKeys::default()) };
    let ring: String = first.try_get(2)?;
    let private = rows.iter().filter_map(|row| sealed(row).transpose()).collect::<Result<_, _>>()?;
    Ok(StoredKeys { ring: Some(ring).filter(|ring| !ring.is_empty()), private, stamp: stamp(first)? })
}

/// The private key in this row; `None` if there are none.
fn sealed(row: &Row) -> Result<Option<SealedKey>, DatabaseError> {
    let Some(kid) = row.try_get(3)? else { return Ok(None) };
    Ok(Some(SealedKey { kid, sealed: row.try_get(4)? }))
}

fn stamp(row: &Row) -> Result<KeyStamp, DatabaseError> {
    let number = |at: usize| row.try_get::<_, i64>(at).map(i64::cast_unsigned);
    Ok(KeyStamp { version: number(0)?, audited: number(1)? })
}

impl fmt::Debug for PostgresKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresKeys").finish_non_exhaustive()
    }
}
