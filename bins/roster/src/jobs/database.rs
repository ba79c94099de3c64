//! Jobs in a PostgreSQL database. What is uploaded is received in a private file first, and copied to one again when the job
//! runs, since an import reads its file several times. These files have no name, so a killed server leaves none.

use std::fs::File;
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use roster_domain::JobId;
use roster_storage::{JobStore, JobUpload, JobWrite, ReportChange, StoreError, StoredJob};
use roster_storage_postgres::PostgresJobs;

use super::blocking::{blocking, unavailable};
use crate::private_file::make_folder;
use crate::spool::Spool;

/// The jobs in a database.
pub(crate) struct DatabaseJobs {
    jobs: Arc<PostgresJobs>,
    /// The folder for private files.
    folder: PathBuf,
}

struct DatabaseUpload {
    jobs: Arc<PostgresJobs>,
    file: File,
    spool: Spool,
}

impl DatabaseJobs {
    pub(crate) fn new(jobs: PostgresJobs, folder: PathBuf) -> Self {
        Self { jobs: Arc::new(jobs), folder }
    }
}

#[async_trait]
impl JobStore for DatabaseJobs {
    async fn begin_upload(&self) -> Result<Box<dyn JobUpload>, StoreError> {
        let (jobs, folder) = (Arc::clone(&self.jobs), self.folder.clone());
        let begin = move || {
            let file = unnamed_file(&folder)?;
            let spool = Spool::to(file.try_clone()?, &folder);
            Ok(Box::new(DatabaseUpload { jobs, file, spool }))
        };
        Ok(blocking(begin).await?)
    }

    async fn jobs(&self) -> Result<Vec<StoredJob>, StoreError> {
        self.jobs.all().await
    }

    async fn job(&self, id: JobId) -> Result<Option<StoredJob>, StoreError> {
        self.jobs.find(id).await
    }

    async fn write(&self, job: &StoredJob, report: ReportChange) -> Result<JobWrite, StoreError> {
        self.jobs.write(job, &report).await
    }

    async fn upload(&self, id: JobId) -> Result<Option<File>, StoreError> {
        let folder = self.folder.clone();
        let open = move || {
            let file = unnamed_file(&folder)?;
            Ok((file.try_clone()?, file))
        };
        let (copy, mut file) = blocking(open).await?;
        if !self.jobs.copy_upload(id, copy).await? {
            return Ok(None);
        }
        blocking(move || file.rewind().map(|()| Some(file))).await
    }

    async fn erase_upload(&self, id: JobId) -> Result<(), StoreError> {
        self.jobs.erase_upload(id).await
    }

    async fn planned(&self, id: JobId) -> Result<Vec<u8>, StoreError> {
        self.jobs.planned(id).await
    }

    async fn report(&self, id: JobId, from: u64) -> Result<Option<(Vec<u8>, u64)>, StoreError> {
        Ok(self.jobs.report_part(id, from).await?.map(|lines| (lines, from + 1)))
    }

    async fn remove(&self, id: JobId) -> Result<(), StoreError> {
        self.jobs.remove(id).await
    }

    fn is_exclusive(&self) -> bool {
        self.jobs.is_exclusive()
    }
}

#[async_trait]
impl JobUpload for DatabaseUpload {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.spool.write(bytes).map_err(unavailable)
    }

    async fn submit(self: Box<Self>, id: JobId, state: String) -> Result<(), StoreError> {
        let Self { jobs, mut file, .. } = *self;
        let file = blocking(move || file.rewind().map(|()| file)).await?;
        jobs.add(id, &state, file).await
    }
}

/// A file in `folder` that only this process can reach.
fn unnamed_file(folder: &Path) -> io::Result<File> {
    make_folder(folder)?;
    tempfile::tempfile_in(folder)
}
