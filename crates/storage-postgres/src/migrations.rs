//! Migrations of the schema. They are part of the binary, and opening a store runs those that it lacks.

use jiff::Timestamp;
use roster_storage_sql::{
    AppliedMigration, Migration, SchemaStatus, SchemaVersion, micros, pending, timestamp,
};
use tokio_postgres::Row;

use crate::connection::{Connector, DatabaseError, SessionSettings};
use crate::copy::incomplete;
use crate::error::OpenError;
use crate::settings::PostgresStoreSettings;
use crate::sql::READ_COMMITTED;
use crate::transaction::Transaction;

/// Every migration, in order. One that was released never changes.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "the tables of users, sessions, service accounts and the audit log",
        min_reader: 1,
        sql: include_str!("migrations/0001.sql"),
    },
    Migration {
        version: 2,
        name: "signing keys in the store, and counts that servers share",
        min_reader: 1,
        sql: include_str!("migrations/0002.sql"),
    },
    Migration {
        version: 3,
        name: "indexes of the users who are not active",
        min_reader: 1,
        sql: include_str!("migrations/0003.sql"),
    },
    Migration {
        version: 4,
        name: "indexes of the hashes that should be replaced soon",
        min_reader: 1,
        sql: include_str!("migrations/0004.sql"),
    },
    Migration {
        version: 5,
        name: "jobs with their uploads and reports",
        min_reader: 1,
        sql: include_str!("migrations/0005.sql"),
    },
];

/// Replicas that start together wait for the first of them. The number only has to differ from those of other programs.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7239417101364)";

const VERSIONS: &str = "CREATE TABLE migrations (version bigint PRIMARY KEY, name text NOT NULL, \
     min_reader bigint NOT NULL, applied_at bigint NOT NULL)";

/// The schema of the database. Changes nothing.
///
/// # Errors
/// [`OpenError`].
pub async fn schema_status(settings: &PostgresStoreSettings) -> Result<SchemaStatus, OpenError> {
    let schema = Schema::open(settings).await?;
    Ok(SchemaStatus::new(MIGRATIONS, schema.applied().await?))
}

/// Makes the pending migrations, each in a transaction of its own, and returns those that were made. Several replicas
/// may do this at once: one makes them, and the others wait.
///
/// # Errors
/// [`OpenError`]; the migrations before the failed one were made. [`OpenError::Incomplete`] if there is a part of a store.
pub async fn migrate(settings: &PostgresStoreSettings) -> Result<Vec<&'static Migration>, OpenError> {
    refuse_incomplete(settings).await?;
    migrate_for_copy(settings).await
}

/// Refuses a database that has a part of a store and no store. Changes nothing.
///
/// # Errors
/// [`OpenError::Incomplete`]; other [`OpenError`]s, if the database does not answer.
pub async fn refuse_incomplete(settings: &PostgresStoreSettings) -> Result<(), OpenError> {
    let schema = Schema::open(settings).await?;
    incomplete(&schema.0).await?.map_or(Ok(()), |schema| Err(OpenError::Incomplete { schema }))
}

/// Like [`migrate`], also for a database to which a store is being copied.
pub(crate) async fn migrate_for_copy(
    settings: &PostgresStoreSettings,
) -> Result<Vec<&'static Migration>, OpenError> {
    let schema = Schema::open(settings).await?;
    let mut made = Vec::new();
    while let Some(migration) = schema.step(settings.now).await? {
        tracing::info!(version = migration.version, "migrated the database: {}", migration.name);
        made.push(migration);
    }
    Ok(made)
}

/// A connection to work on the schema.
struct Schema(Transaction);

impl Schema {
    async fn open(settings: &PostgresStoreSettings) -> Result<Self, OpenError> {
        let connector = connector(settings).await?;
        let session = SessionSettings::long(settings);
        Ok(Self(Transaction::new(session.open(&connector).await?, session)))
    }

    /// Makes the next migration, if there is one.
    async fn step(&self, now: Timestamp) -> Result<Option<&'static Migration>, OpenError> {
        self.0.begin(READ_COMMITTED).await?;
        self.0.run(LOCK).await?;
        let found = SchemaVersion::of(&self.applied().await?);
        let Some(next) = pending(MIGRATIONS, found)?.first() else {
            self.0.run("COMMIT").await?;
            return Ok(None);
        };
        let failed = |error: DatabaseError| OpenError::Migration {
            version: next.version,
            name: next.name,
            source: Box::new(error),
        };
        if found == SchemaVersion::default() {
            self.0.run(VERSIONS).await.map_err(failed)?;
        }
        self.0.run(next.sql).await.map_err(failed)?;
        self.0
            .run(&format!(
                "INSERT INTO migrations VALUES ({}, '{}', {}, {})",
                next.version,
                next.name.replace('\'', "''"),
                next.min_reader,
                micros(now)
            ))
            .await
            .map_err(failed)?;
        self.0.run("COMMIT").await.map_err(failed)?;
        Ok(Some(next))
    }

    /// The migrations that were made.
    async fn applied(&self) -> Result<Vec<AppliedMigration>, DatabaseError> {
        let is_there: bool = self.0.value("SELECT to_regclass('migrations') IS NOT NULL").await?;
        if !is_there {
            return Ok(Vec::new());
        }
        let rows = "SELECT version, name, applied_at, min_reader FROM migrations ORDER BY version";
        Ok(self.0.rows(rows, &[]).await?.iter().map(read).collect::<Result<_, _>>()?)
    }
}

/// What makes connections with these settings.
pub(crate) async fn connector(settings: &PostgresStoreSettings) -> Result<Connector, OpenError> {
    let (url, timeout, runtime) = (settings.url.clone(), settings.timeouts.connect, settings.runtime());
    let reading = tokio::task::spawn_blocking(move || Connector::new(url, timeout, runtime));
    Ok(reading.await.map_err(|error| OpenError::Database(Box::new(error)))??)
}

fn read(row: &Row) -> Result<AppliedMigration, tokio_postgres::Error> {
    let number = |at: usize| Ok(u32::try_from(row.try_get::<_, i64>(at)?).unwrap_or(u32::MAX));
    let at = timestamp("applied_at", row.try_get(2)?).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(AppliedMigration { version: number(0)?, name: row.try_get(1)?, min_reader: number(3)?, at })
}
