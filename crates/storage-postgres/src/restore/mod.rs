//! Creates a store from a snapshot: one transaction, in which the new tables take the place of the old ones.

mod buffer;
mod checks;
mod definitions;
mod lock;
mod outcome;
mod switch;
mod tables;
mod unavailable;

use std::fmt;

use async_trait::async_trait;
use roster_storage::{Restore, RestoreError, StoredItem, StoredKeys};
use roster_storage_sql::RestoreOrder;

use crate::connection::{DatabaseError, SessionSettings};
use crate::error::OpenError;
use crate::migrations::{connector, migrate};
use crate::settings::PostgresStoreSettings;
use crate::signing_keys::set_keys;
use crate::sql::READ_COMMITTED;
use crate::transaction::Transaction;
pub(crate) use buffer::Buffers;
pub(crate) use definitions::complete;
pub(crate) use lock::stop_writes;
pub(crate) use outcome::commit;
pub(crate) use switch::Switch;
use tables::STAGING;
pub(crate) use tables::{ONE_AT_A_TIME, is_empty, make, name};
pub(crate) use unavailable::unavailable;

/// A store that is being restored.
///
/// Everything is one transaction: until it ends, no other session sees the new tables, and if the process or the server is
/// killed, the old ones stay. A store that is replaced is moved to a schema `replaced_<time>`. From the beginning, others
/// can only read it.
pub struct PostgresRestore {
    transaction: Transaction,
    settings: PostgresStoreSettings,
    /// The schema of the store.
    schema: String,
    /// Where a replaced store goes.
    replaced: String,
    buffers: Buffers,
    order: RestoreOrder,
    has_failed: bool,
    /// The signing keys of the restored store, if they change.
    keys: Option<StoredKeys>,
}

impl PostgresRestore {
    /// Prepares a database, and brings its schema up to date.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn begin(settings: &PostgresStoreSettings) -> Result<Self, OpenError> {
        migrate(settings).await?;
        let session = SessionSettings::long(settings);
        let connection = session.open(&connector(settings).await?).await?;
        let transaction = Transaction::new(connection, session);
        let replaced = format!("replaced_{}", settings.now.strftime("%Y%m%dt%H%M%S%6fz"));
        let schema = prepare(&transaction).await?;
        let (buffers, order) = (Buffers::default(), RestoreOrder::default());
        let settings = settings.clone();
        Ok(Self { transaction, settings, schema, replaced, buffers, order, has_failed: false, keys: None })
    }

    /// Whether there is nothing in the store that would be replaced.
    ///
    /// # Errors
    /// [`OpenError`], if the database does not answer.
    pub async fn is_empty(&self) -> Result<bool, OpenError> {
        Ok(is_empty(&self.transaction, &self.schema).await?)
    }

    /// The schema to which a replaced store is moved.
    #[must_use]
    pub fn replaced(&self) -> &str {
        &self.replaced
    }

    /// Sets the signing keys of the restored store.
    pub fn set_keys(&mut self, keys: StoredKeys) {
        self.keys = Some(keys);
    }

    async fn add_items(&mut self, items: Vec<StoredItem>) -> Result<(), RestoreError> {
        for item in &items {
            if let StoredItem::Audit(position, record) = item {
                self.order.accept(*position, record.id)?;
            }
            self.buffers.add(item);
        }
        self.buffers.write_full(&self.transaction).await.map_err(unavailable)
    }
}

/// Opens the transaction and makes the new tables, without indexes. Returns the schema of the store.
async fn prepare(transaction: &Transaction) -> Result<String, DatabaseError> {
    transaction.begin(READ_COMMITTED).await?;
    transaction.run(ONE_AT_A_TIME).await?;
    let schema: String = transaction.value("SELECT quote_ident(current_schema())").await?;
    stop_writes(transaction, &schema).await?;
    make(transaction, &schema, STAGING).await?;
    Ok(schema)
}

#[async_trait]
impl Restore for PostgresRestore {
    async fn add(&mut self, items: Vec<StoredItem>) -> Result<(), RestoreError> {
        if self.has_failed {
            return Err(RestoreError::Order("an earlier piece failed".to_owned()));
        }
        self.has_failed = true;
        self.add_items(items).await?;
        self.has_failed = false;
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), RestoreError> {
        if self.has_failed {
            return Err(RestoreError::Order("an earlier piece failed".to_owned()));
        }
        self.buffers.write_all(&self.transaction).await.map_err(unavailable)?;
        complete(&self.transaction, &self.schema, STAGING).await?;
        let switch = Switch {
            transaction: &self.transaction,
            schema: &self.schema,
            staging: STAGING,
            replaced: &self.replaced,
        };
        switch.make().await.map_err(unavailable)?;
        if let Some(keys) = &self.keys {
            set_keys(&self.transaction, &self.schema, keys).await.map_err(unavailable)?;
        }
        commit(&self.transaction, &self.settings).await
    }
}

impl fmt::Debug for PostgresRestore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresRestore").field("schema", &self.schema).finish_non_exhaustive()
    }
}
