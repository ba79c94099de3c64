//! The store.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};

use uuid::Uuid;

use crate::changes::ChangeFeed;
use crate::connection::{DatabaseError, Pooler, SessionSettings, pool, refuse_transaction_mode};
use crate::database::Database;
use crate::error::OpenError;
use crate::jobs::PostgresJobs;
use crate::metrics::PostgresStoreMetrics;
use crate::migrations::{connector, migrate};
use crate::replicas::ReadReplicas;
use crate::settings::PostgresStoreSettings;
use crate::shared_counts::PostgresCounts;
use crate::sql::Sql;
use crate::sweeper::Sweeper;
use crate::totals::{PostgresStoreTotals, Totals};

/// A store in a PostgreSQL database, which any number of replicas of Roster share.
pub struct PostgresStore {
    pub(crate) database: Database,
    pub(crate) settings: PostgresStoreSettings,
    /// What may answer lists.
    pub(crate) replicas: ReadReplicas,
    /// What servers at the same database tell each other, once it is [shared](Self::share_changes).
    pub(crate) changes: OnceLock<ChangeFeed>,
    totals: Arc<Totals>,
    pub(crate) sweeper: Sweeper,
    /// The same on all servers.
    secret: [u8; 16],
}

impl PostgresStore {
    /// Opens the store, and brings the schema of its database up to date.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(settings: PostgresStoreSettings) -> Result<Self, OpenError> {
        if settings.pooler == Pooler::Session {
            refuse_transaction_mode(&connector(&settings).await?).await?;
        }
        migrate(&settings).await?;
        let session = SessionSettings::short(&settings);
        let pool = pool(connector(&settings).await?, session, settings.pool_size);
        let pool = pool.map_err(|error| OpenError::Database(Box::new(error)))?;
        let database = Database::new(pool, session.answer_timeout(), settings.timeouts, settings.runtime());
        // The statements are prepared now, so that a fault in them does not wait for the first request.
        database.connection().await?.end();
        let secret = shared_secret(&database).await?;
        let replicas = ReadReplicas::open(&settings, &database).await?;
        let totals = Arc::new(Totals::new());
        if totals.is_due() {
            let counted = totals.refresh(&database).await;
            counted.map_err(|error| OpenError::Database(Box::new(error)))?;
        }
        let (changes, sweeper) = (OnceLock::new(), Sweeper::default());
        Ok(Self { database, settings, replicas, changes, totals, sweeper, secret })
    }

    /// What the store has done since it was opened.
    #[must_use]
    pub fn metrics(&self) -> PostgresStoreMetrics {
        self.database.metrics()
    }

    /// How many users and sessions there are, as of the last look. If that was more than ten seconds ago, this starts the
    /// next one, and does not wait for it.
    #[must_use]
    pub fn totals(&self) -> PostgresStoreTotals {
        if self.totals.is_due() {
            let (totals, database) = (Arc::clone(&self.totals), self.database.clone());
            self.database.runtime().spawn(async move {
                if let Err(error) = totals.refresh(&database).await {
                    tracing::debug!(error = &error as &dyn Error, "the users and sessions were not counted");
                }
            });
        }
        self.totals.read()
    }

    /// The counts that all servers of this store share.
    #[must_use]
    pub fn shared_counts(&self) -> PostgresCounts {
        PostgresCounts::new(self.database.clone(), self.secret)
    }

    /// The jobs that all servers of this store share.
    #[must_use]
    pub fn jobs(&self) -> PostgresJobs {
        PostgresJobs::new(self.settings.clone())
    }

    /// Closes all connections. Requests that are under way are finished, and later ones fail.
    pub fn close(&self) {
        self.sweeper.resign();
        self.database.close();
        self.replicas.close();
    }
}

async fn shared_secret(database: &Database) -> Result<[u8; 16], DatabaseError> {
    let row = database.row(Sql::SharedSecret, &[]).await?.ok_or(DatabaseError::NoRow)?;
    Ok(row.try_get::<_, Uuid>(0)?.into_bytes())
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = format_args!("{}", self.settings.url);
        f.debug_struct("PostgresStore").field("url", &url).finish_non_exhaustive()
    }
}
