//! Jobs in a PostgreSQL database. What is uploaded is received in a private file first, and copied to one again when the job
//! runs, since an import reads its file several times. These files have no name, so a killed server leaves none.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use roster_domain::JobId;
use roster_storage::{
    Admission, JobStore, JobUpload, JobWrite, ReportChange, StoreError, StoredJob, Submission,
};
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
            let spool = Spool::to(unnamed_file(&folder)?, &folder);
            Ok(Box::new(DatabaseUpload { jobs, spool }))
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
        let mut spool = blocking(move || Ok(Spool::to(unnamed_file(&folder)?, &folder))).await?;
        for number in 0.. {
            let Some(part) = self.jobs.upload_part(id, number).await? else {
                return if number == 0 { Ok(None) } else { finished(spool).await.map(Some) };
            };
            spool = blocking(move || Ok(spool.write(&part).map(|()| spool))).await?.map_err(unavailable)?;
        }
        Ok(None)
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

    async fn submit(
        self: Box<Self>,
        id: JobId,
        state: String,
        admission: Admission,
    ) -> Result<Submission, StoreError> {
        let Self { jobs, spool } = *self;
        jobs.add(id, &state, finished(spool).await?, admission).await
    }
}

/// What was written, from its start.
async fn finished(spool: Spool) -> Result<File, StoreError> {
    blocking(move || Ok(spool.finish())).await?.map_err(unavailable)
}

/// A file in `folder` that only this process can reach.
fn unnamed_file(folder: &Path) -> io::Result<File> {
    make_folder(folder)?;
    tempfile::tempfile_in(folder)
}
