//! Jobs in a PostgreSQL database. What is uploaded is received in a private file first, and copied to one again when the job
//! runs, since an import reads its file several times.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use roster_domain::JobId;
use roster_storage::{JobStore, JobUpload, JobWrite, ReportChange, StoreError, StoredJob};
use roster_storage_postgres::PostgresJobs;

use super::blocking::blocking;
use super::upload::Upload;
use crate::private_file::make_folder;

/// The jobs in a database.
pub(crate) struct DatabaseJobs {
    jobs: Arc<PostgresJobs>,
    /// The folder for private files.
    folder: PathBuf,
}

struct DatabaseUpload {
    jobs: Arc<PostgresJobs>,
    upload: Upload,
}

impl DatabaseJobs {
    pub(crate) fn new(jobs: PostgresJobs, folder: PathBuf) -> Self {
        Self { jobs: Arc::new(jobs), folder }
    }
}

#[async_trait]
impl JobStore for DatabaseJobs {
    async fn begin_upload(&self) -> Result<Box<dyn JobUpload>, StoreError> {
        let upload = Upload::begin(self.folder.clone()).await?;
        Ok(Box::new(DatabaseUpload { jobs: Arc::clone(&self.jobs), upload }))
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
            make_folder(&folder)?;
            let file = tempfile::tempfile_in(&folder)?;
            Ok((file.try_clone()?, file))
        };
        let (copy, mut file) = blocking(open).await?;
        if !self.jobs.copy_upload(id, copy).await? {
            return Ok(None);
        }
        blocking(move || file.seek(SeekFrom::Start(0)).map(|_| Some(file))).await
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
        self.upload.write(bytes)
    }

    async fn submit(self: Box<Self>, id: JobId, state: String) -> Result<(), StoreError> {
        let Self { jobs, upload } = *self;
        let upload = upload.into_file();
        let file = blocking(move || {
            // Read through the name, so that both have positions of their own.
            let file = upload.reopen()?;
            Ok((file, upload))
        });
        let (file, _upload) = file.await?;
        jobs.add(id, &state, file).await
    }
}
