//! Jobs, which any server of the store can go on with.

use std::fmt;
use std::fs::File;
use std::io::Read;

use parking_lot::Mutex;
use roster_domain::JobId;
use roster_storage::{Admission, JobWrite, ReportChange, StoreError, StoredJob, Submission};
use tokio::sync::Semaphore;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::connection::{DatabaseError, Pooler, SessionSettings};
use crate::error::OpenError;
use crate::migrations::connector;
use crate::settings::PostgresStoreSettings;
use crate::sql::READ_COMMITTED;
use crate::transaction::Transaction;

/// The jobs of a store, on at most three connections of their own: a large upload holds up no request.
pub struct PostgresJobs {
    settings: PostgresStoreSettings,
    /// One permit for each connection that statements may use at once.
    statements: Semaphore,
    /// One permit for each upload that may be stored at once.
    uploads: Semaphore,
    /// Absent while it is in use.
    idle: Mutex<Option<Transaction>>,
}

/// How many bytes of an upload are in a row.
const PART: usize = 1024 * 1024;

const ALL: &str = "SELECT id, version, state FROM jobs ORDER BY id";
const OTHERS: &str = "SELECT id, version, state FROM jobs WHERE id <> $1 ORDER BY id";
const ONE: &str = "SELECT id, version, state FROM jobs WHERE id = $1";
const ADD: &str = "INSERT INTO jobs (id, version, state, planned, report_parts) VALUES ($1, 1, $2, '', 0)";
/// Held until the end of the transaction, so that submissions are admitted one after the other.
const ADMIT_ONE_AT_A_TIME: &str = "SELECT pg_advisory_xact_lock(7239417101367)";
const ADD_PART: &str = "INSERT INTO job_uploads (job, part, bytes) VALUES ($1, $2, $3)";
const KEEP: &str =
    "UPDATE jobs SET version = version + 1, state = $3 WHERE id = $1 AND version = $2 RETURNING id";
const PLAN: &str = "UPDATE jobs SET version = version + 1, state = $3, planned = $4 WHERE id = $1 AND version = $2 RETURNING id";
const APPEND: &str = "WITH changed AS (UPDATE jobs SET version = version + 1, state = $3, report_parts = report_parts + 1 \
    WHERE id = $1 AND version = $2 RETURNING id, report_parts) \
    INSERT INTO job_reports (job, part, lines) SELECT id, report_parts - 1, $4 FROM changed RETURNING job";
const PLANNED: &str = "SELECT planned FROM jobs WHERE id = $1";
const REPORT_PART: &str = "SELECT lines FROM job_reports WHERE job = $1 AND part = $2";
const UPLOAD_PART: &str = "SELECT bytes FROM job_uploads WHERE job = $1 AND part = $2";
const ERASE: &str = "WITH erased AS (DELETE FROM job_uploads WHERE job = $1) UPDATE jobs SET planned = '' \
    WHERE id = $1 AND planned <> ''";
const REMOVE: &str = "DELETE FROM jobs WHERE id = $1";

type Parameters<'p> = &'p [(&'p (dyn ToSql + Sync), Type)];

impl PostgresJobs {
    pub(crate) const fn new(settings: PostgresStoreSettings) -> Self {
        let (statements, uploads) = (Semaphore::const_new(2), Semaphore::const_new(1));
        Self { settings, statements, uploads, idle: Mutex::new(None) }
    }

    /// Whether the server that [sweeps](crate::PostgresStore) is certainly the only one. Behind a pooler in transaction mode it
    /// is not.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        self.settings.pooler != Pooler::Transaction
    }

    /// All jobs, oldest first.
    ///
    /// # Errors
    /// [`StoreError`], if the database does not answer. The same applies to the other functions.
    pub async fn all(&self) -> Result<Vec<StoredJob>, StoreError> {
        let rows = self.rows(ALL, &[]).await?;
        rows.iter().map(|row| job(row).map_err(damaged)).collect()
    }

    /// The job with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, id: JobId) -> Result<Option<StoredJob>, StoreError> {
        let rows = self.rows(ONE, &[(id.as_uuid(), Type::UUID)]).await?;
        rows.first().map(|row| job(row).map_err(damaged)).transpose()
    }

    /// Adds a job with this state, and what is in `upload`, from its start, if `admission` accepts it.
    ///
    /// # Errors
    /// [`StoreError`]; then it was not added, unless the connection broke during the commit.
    pub async fn add(
        &self,
        id: JobId,
        state: &str,
        upload: File,
        admission: Admission,
    ) -> Result<Submission, StoreError> {
        // An error would mean that the semaphore is closed, which never happens.
        let _permit = self.uploads.acquire().await.ok();
        let session = SessionSettings::long(&self.settings);
        let transaction = self.connect(session).await?;
        transaction.begin(READ_COMMITTED).await?;
        transaction.rows(ADD, &[(id.as_uuid(), Type::UUID), (&state, Type::TEXT)]).await?;
        let mut upload = upload;
        for number in 0_i64.. {
            let (bytes, rest) = read_part(upload).await?;
            if bytes.is_empty() {
                break;
            }
            let values: Parameters<'_> =
                &[(id.as_uuid(), Type::UUID), (&number, Type::INT8), (&bytes, Type::BYTEA)];
            transaction.rows(ADD_PART, values).await?;
            upload = rest;
        }
        transaction.run(ADMIT_ONE_AT_A_TIME).await?;
        // A new statement, so it sees what those before have committed.
        let others = transaction.rows(OTHERS, &[(id.as_uuid(), Type::UUID)]).await?;
        let others = others.iter().map(job).collect::<Result<Vec<_>, _>>().map_err(damaged)?;
        if !admission(&others) {
            transaction.run("ROLLBACK").await?;
            return Ok(Submission::Refused);
        }
        transaction.run("COMMIT").await?;
        Ok(Submission::Added)
    }

    /// Replaces the state of the job if it has the version of `job`, and changes its report.
    ///
    /// # Errors
    /// [`StoreError`]; it may have been made if the connection broke.
    pub async fn write(&self, job: &StoredJob, report: &ReportChange) -> Result<JobWrite, StoreError> {
        let (version, state) = (job.version.cast_signed(), &job.state);
        let (id, version, state) = (
            (job.id.as_uuid() as &(dyn ToSql + Sync), Type::UUID),
            (&version as &(dyn ToSql + Sync), Type::INT8),
            (state as &(dyn ToSql + Sync), Type::TEXT),
        );
        let rows = match report {
            ReportChange::Keep => self.rows(KEEP, &[id, version, state]).await?,
            ReportChange::Plan(lines) => self.rows(PLAN, &[id, version, state, (lines, Type::BYTEA)]).await?,
            ReportChange::Append(lines) => {
                self.rows(APPEND, &[id, version, state, (lines, Type::BYTEA)]).await?
            }
        };
        Ok(if rows.is_empty() { JobWrite::Outdated } else { JobWrite::Made })
    }

    /// The planned lines.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn planned(&self, id: JobId) -> Result<Vec<u8>, StoreError> {
        let rows = self.rows(PLANNED, &[(id.as_uuid(), Type::UUID)]).await?;
        Ok(rows.first().map(|row| row.try_get(0).map_err(damaged)).transpose()?.unwrap_or_default())
    }

    /// A part of the report.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn report_part(&self, id: JobId, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.part(REPORT_PART, id, number.cast_signed()).await
    }

    /// A part of what was uploaded, from 0; `None` after the last one, and if it was erased.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn upload_part(&self, id: JobId, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.part(UPLOAD_PART, id, number.cast_signed()).await
    }

    /// Erases what was uploaded.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_upload(&self, id: JobId) -> Result<(), StoreError> {
        self.rows(ERASE, &[(id.as_uuid(), Type::UUID)]).await.map(drop)
    }

    /// Removes the job, its upload and its report.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove(&self, id: JobId) -> Result<(), StoreError> {
        self.rows(REMOVE, &[(id.as_uuid(), Type::UUID)]).await.map(drop)
    }

    async fn part(&self, statement: &str, id: JobId, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.rows(statement, &[(id.as_uuid(), Type::UUID), (&number, Type::INT8)]).await?;
        rows.first().map(|row| row.try_get(0).map_err(damaged)).transpose()
    }

    /// Runs a statement on the idle connection, or on another one if there is none or it is broken. It is not tried twice.
    async fn rows(&self, statement: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, StoreError> {
        let _permit = self.statements.acquire().await.ok();
        let idle = self.idle.lock().take();
        let connection = match idle {
            Some(connection) if connection.run("").await.is_ok() => connection,
            Some(_) | None => self.connect(SessionSettings::short(&self.settings)).await?,
        };
        let rows = connection.rows(statement, parameters).await?;
        *self.idle.lock() = Some(connection);
        Ok(rows)
    }

    async fn connect(&self, session: SessionSettings) -> Result<Transaction, StoreError> {
        let opened = async {
            let connection = session.open(&connector(&self.settings).await?).await?;
            Ok::<_, OpenError>(Transaction::new(connection, session))
        };
        opened.await.map_err(|error| StoreError::Unavailable(Box::new(error)))
    }
}

fn job(row: &Row) -> Result<StoredJob, tokio_postgres::Error> {
    let id: uuid::Uuid = row.try_get(0)?;
    let version = row.try_get::<_, i64>(1)?.cast_unsigned();
    Ok(StoredJob { id: id.into(), version, state: row.try_get(2)? })
}

/// The next bytes of a file, and the file.
async fn read_part(mut file: File) -> Result<(Vec<u8>, File), StoreError> {
    blocking(move || {
        let mut bytes = Vec::with_capacity(PART);
        (&mut file).take(PART as u64).read_to_end(&mut bytes)?;
        Ok((bytes, file))
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other);
    done.flatten().map_err(|error| StoreError::Unavailable(Box::new(error)))
}

fn damaged(error: tokio_postgres::Error) -> StoreError {
    DatabaseError::from(error).into()
}

impl fmt::Debug for PostgresJobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresJobs").finish_non_exhaustive()
    }
}
