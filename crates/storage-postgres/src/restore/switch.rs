//! Puts the new tables in the place of the old ones.

use super::lock::stop_reads;
use super::tables::{TABLES, is_empty};
use crate::changes::notify_all;
use crate::connection::DatabaseError;
use crate::transaction::Transaction;

/// The end of a restore.
pub(crate) struct Switch<'t> {
    pub(crate) transaction: &'t Transaction,
    /// The schema of the store.
    pub(crate) schema: &'t str,
    /// The schema of the new tables, which statements name.
    pub(crate) staging: &'t str,
    /// Where a store that is not empty goes.
    pub(crate) replaced: &'t str,
}

impl Switch<'_> {
    /// Puts the new tables in place. It takes effect with the commit.
    pub(crate) async fn make(&self) -> Result<(), DatabaseError> {
        let (transaction, staging) = (self.transaction, self.staging);
        let last =
            "SELECT setval(pg_get_serial_sequence('audit', 'seq'), max(seq)) FROM audit HAVING count(*) > 0";
        transaction.run(last).await?;
        transaction.run(&format!("ANALYZE {}", TABLES.join(", "))).await?;
        stop_reads(transaction, self.schema).await?;
        self.remove_old().await?;
        for table in TABLES {
            transaction.run(&format!("ALTER TABLE {staging}.{table} SET SCHEMA {}", self.schema)).await?;
        }
        transaction.run(&format!("DROP SCHEMA {staging}")).await?;
        transaction.run(&notify_all()).await
    }

    async fn remove_old(&self) -> Result<(), DatabaseError> {
        let (transaction, schema) = (self.transaction, self.schema);
        if is_empty(transaction, schema).await? {
            let tables = TABLES.map(|table| format!("{schema}.{table}")).join(", ");
            return transaction.run(&format!("DROP TABLE {tables}")).await;
        }
        transaction.run(&format!("CREATE SCHEMA {}", self.replaced)).await?;
        for table in TABLES {
            transaction.run(&format!("ALTER TABLE {schema}.{table} SET SCHEMA {}", self.replaced)).await?;
        }
        Ok(())
    }
}
