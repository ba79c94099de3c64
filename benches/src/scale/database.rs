//! A PostgreSQL database, directly.

use anyhow::Result;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls};

/// Runs statements, one after the other.
pub(super) fn run(url: &str, statements: &[&str]) -> Result<()> {
    runtime()?.block_on(async {
        let client = connect(url).await?;
        for statement in statements {
            client.batch_execute(statement).await?;
        }
        Ok(())
    })
}

/// The bytes of the database.
pub(super) fn size(url: &str) -> Result<u64> {
    runtime()?.block_on(async {
        let row = connect(url).await?.query_one("SELECT pg_database_size(current_database())", &[]).await?;
        Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
    })
}

/// A runtime for the work of one thread.
pub(super) fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// A connection, driven by the runtime.
pub(super) async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
