//! Copies a store to an empty database, in steps that survive a kill.

mod place;

use std::fmt;

use async_trait::async_trait;
use roster_storage::{CopyPosition, RestoreError, StagedCopy, StoredItem, StoredKeys};
use roster_storage_sql::RestoreOrder;
use thiserror::Error;
use tokio_postgres::types::Type;

use crate::connection::{DatabaseError, SessionSettings};
use crate::error::OpenError;
use crate::migrations::{MIGRATIONS, connector, migrate_for_copy};
use crate::restore::{
    Buffers, ONE_AT_A_TIME, Switch, commit, complete, is_empty, make, name, stop_writes, unavailable,
};
use crate::settings::PostgresStoreSettings;
use crate::signing_keys::set_keys;
use crate::sql::READ_COMMITTED;
use crate::transaction::Transaction;
use place::STAGING;
pub(crate) use place::{begun, incomplete};

/// A store that is copied to an empty database.
///
/// Its tables are in a schema of their own, with the position, and each step is a transaction. Servers of the database do not
/// see them. The last transaction makes the indexes, locks the empty tables and puts the new ones in their place.
pub struct PostgresCopy {
    transaction: Transaction,
    settings: PostgresStoreSettings,
    /// The schema of the store.
    schema: String,
    /// The schema of the copy.
    staging: String,
    position: CopyPosition,
    order: RestoreOrder,
}

/// Two processes went on with the same copy.
#[derive(Debug, Error)]
#[error("another `roster copy` writes to the same database; let it end")]
struct Overtaken;

/// The schema version is that of the tables, so that another Roster does not go on with them.
const POSITION: &str = "CREATE TABLE copy_position (items bigint NOT NULL, digest text NOT NULL, schema_version bigint NOT NULL)";
const MOVE: &str = "UPDATE copy_position SET items = $1, digest = $2 WHERE items = $3 RETURNING items";

/// The version of the tables that this Roster makes.
fn schema_version() -> i64 {
    MIGRATIONS.last().map_or(0, |last| last.version.into())
}

impl PostgresCopy {
    /// Brings the schema of the database up to date, and begins a copy or goes on with one.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::Occupied`] if there is a store.
    pub async fn begin(settings: &PostgresStoreSettings) -> Result<Self, OpenError> {
        migrate_for_copy(settings).await?;
        let session = SessionSettings::long(settings);
        let connection = session.open(&connector(settings).await?).await?;
        let transaction = Transaction::new(connection, session);
        transaction.begin(READ_COMMITTED).await?;
        transaction.run(ONE_AT_A_TIME).await?;
        let schema: String = transaction.value("SELECT quote_ident(current_schema())").await?;
        let staging: String = transaction.value(STAGING).await?;
        if !is_empty(&transaction, &schema).await? {
            return Err(OpenError::Occupied);
        }
        let (position, order) = if let Some(found) = found(&transaction, &staging).await? {
            found
        } else {
            create(&transaction, &schema, &staging).await?;
            <(CopyPosition, RestoreOrder)>::default()
        };
        transaction.run("COMMIT").await?;
        Ok(Self { transaction, settings: settings.clone(), schema, staging, position, order })
    }

    /// Begins a transaction on the tables of the copy, from this position to the next. Another process that goes on with
    /// the copy finds another position.
    async fn step(&self, position: &CopyPosition) -> Result<(), RestoreError> {
        let begin = async {
            self.transaction.begin(READ_COMMITTED).await?;
            self.transaction.run(ONE_AT_A_TIME).await?;
            name(&self.transaction, &self.staging).await?;
            let (items, before) = (position.items.cast_signed(), self.position.items.cast_signed());
            let values: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] =
                [(&items, Type::INT8), (&position.digest, Type::TEXT), (&before, Type::INT8)];
            self.transaction.rows(MOVE, &values).await
        };
        let moved = begin.await.map_err(unavailable)?;
        if moved.is_empty() {
            return Err(RestoreError::Unavailable(Box::new(Overtaken)));
        }
        Ok(())
    }

    async fn complete(&self, keys: Option<&StoredKeys>) -> Result<(), RestoreError> {
        let Self { transaction, schema, staging, .. } = self;
        self.step(&self.position).await?;
        transaction.run("DROP TABLE copy_position").await.map_err(unavailable)?;
        complete(transaction, schema, staging).await?;
        stop_writes(transaction, schema).await.map_err(unavailable)?;
        if !is_empty(transaction, schema).await.map_err(unavailable)? {
            return Err(RestoreError::Occupied);
        }
        // Nothing is replaced.
        Switch { transaction, schema, staging, replaced: "" }.make().await.map_err(unavailable)?;
        if let Some(keys) = keys {
            set_keys(transaction, schema, keys).await.map_err(unavailable)?;
        }
        commit(transaction, &self.settings).await
    }
}

/// What an earlier process has left, if it can be used.
async fn found(
    transaction: &Transaction,
    staging: &str,
) -> Result<Option<(CopyPosition, RestoreOrder)>, DatabaseError> {
    if begun(transaction).await?.is_none() {
        return Ok(None);
    }
    let read = format!("SELECT items, digest FROM {staging}.copy_position WHERE schema_version = $1");
    let rows = transaction.rows(&read, &[(&schema_version(), Type::INT8)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let position = CopyPosition { items: row.try_get::<_, i64>(0)?.cast_unsigned(), digest: row.try_get(1)? };
    let last: i64 = transaction.value(&format!("SELECT coalesce(max(seq), 0) FROM {staging}.audit")).await?;
    Ok(Some((position, RestoreOrder::after(last.cast_unsigned()))))
}

/// Makes the tables. What was there is removed.
async fn create(transaction: &Transaction, schema: &str, staging: &str) -> Result<(), DatabaseError> {
    transaction.run(&format!("DROP SCHEMA IF EXISTS {staging} CASCADE")).await?;
    make(transaction, schema, staging).await?;
    transaction.run(POSITION).await?;
    transaction.run(&format!("INSERT INTO copy_position VALUES (0, '', {})", schema_version())).await
}

#[async_trait]
impl StagedCopy for PostgresCopy {
    fn position(&self) -> &CopyPosition {
        &self.position
    }

    async fn add(&mut self, items: Vec<StoredItem>, position: CopyPosition) -> Result<(), RestoreError> {
        self.step(&position).await?;
        let mut buffers = Buffers::default();
        for item in &items {
            if let StoredItem::Audit(number, record) = item {
                self.order.accept(*number, record.id)?;
            }
            buffers.add(item);
        }
        buffers.write_all(&self.transaction).await.map_err(unavailable)?;
        self.transaction.run("COMMIT").await.map_err(unavailable)?;
        self.position = position;
        Ok(())
    }

    async fn finish(self: Box<Self>, keys: Option<StoredKeys>) -> Result<(), RestoreError> {
        self.complete(keys.as_ref()).await
    }

    async fn discard(self: Box<Self>) -> Result<(), RestoreError> {
        let removed = async {
            // Of a step that failed.
            self.transaction.run("ROLLBACK").await?;
            self.transaction.begin(READ_COMMITTED).await?;
            self.transaction.run(ONE_AT_A_TIME).await?;
            self.transaction.run(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.staging)).await?;
            self.transaction.run("COMMIT").await
        };
        removed.await.map_err(unavailable)
    }
}

impl fmt::Debug for PostgresCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresCopy").field("schema", &self.schema).finish_non_exhaustive()
    }
}
