//! A PostgreSQL database, directly.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls};

use crate::process::ProcessTimes;

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

/// The processor time of all processes of a server on this machine so far.
pub(super) fn cpu(url: &str) -> Result<Duration> {
    let folder: String = runtime()?.block_on(async {
        let row = connect(url).await?.query_one("SHOW data_directory", &[]).await?;
        Ok::<_, anyhow::Error>(row.try_get(0)?)
    })?;
    let file = fs::read_to_string(Path::new(&folder).join("postmaster.pid"))?;
    let main: u32 = file.lines().next().context("postmaster.pid is empty")?.parse()?;
    let times = ProcessTimes::of(main)?;
    let processes = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // A process that ends meanwhile is not counted.
    let children =
        processes.filter_map(|pid| ProcessTimes::of(pid).ok()).filter(|child| child.parent == main);
    Ok(times.own + times.ended_children + children.map(|child| child.own).sum::<Duration>())
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
