//! Jobs in the data folder, for stores that one server has alone.
//!
//! Each job has a folder, named by its id: `state.json`, which is replaced whole; `upload`; `report.ndjson`, of which the state
//! says how much counts; and `planned.ndjson`. A folder without a state is an upload that was not completed.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use roster_domain::JobId;
use roster_storage::{
    Admission, JobStore, JobUpload, JobWrite, ReportChange, StoreError, StoredJob, Submission,
};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::blocking::blocking;
use super::upload::Upload;
use crate::private_file::{Existing, PrivateFile, make_folder};
use crate::spool::require_space;

/// How much of a report is read at a time.
const PART: u64 = 256 * 1024;

const STATE: &str = "state.json";
const UPLOAD: &str = "upload";
const REPORT: &str = "report.ndjson";
const PLANNED: &str = "planned.ndjson";

/// The jobs in a folder.
#[derive(Clone)]
pub(crate) struct JobFiles(Arc<Shared>);

struct Shared {
    folder: PathBuf,
    /// One write at a time.
    writing: Mutex<()>,
    /// The jobs that cannot be read, which are logged once.
    damaged: Mutex<HashSet<JobId>>,
}

/// The content of `state.json`.
#[derive(Serialize, Deserialize)]
struct StateFile {
    version: u64,
    /// The length of the report.
    report_bytes: u64,
    state: String,
}

struct FileUpload {
    jobs: JobFiles,
    upload: Upload,
}

impl JobFiles {
    /// The jobs in this folder, without uploads that an earlier process has not completed. The first upload makes the folder.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        for path in entries(&folder)? {
            if path.is_dir() && !path.join(STATE).exists() {
                fs::remove_dir_all(&path)?;
            } else if path.is_file() {
                fs::remove_file(&path)?;
            }
        }
        Ok(Self(Arc::new(Shared { folder, writing: Mutex::new(()), damaged: Mutex::default() })))
    }

    fn path(&self, id: JobId, name: &str) -> PathBuf {
        self.0.folder.join(id.to_string()).join(name)
    }

    fn read_state(&self, id: JobId) -> io::Result<Option<StateFile>> {
        let Some(bytes) = read(&self.path(id, STATE))? else { return Ok(None) };
        // A file that ends early is damaged, too.
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
    }

    fn put(&self, id: JobId, file: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(id, file);
        let mut private = PrivateFile::beside(&path)?;
        private.write_all(bytes)?;
        private.persist_as(&path, Existing::Replace)
    }

    fn put_state(&self, id: JobId, state: &StateFile) -> io::Result<()> {
        self.put(id, STATE, &serde_json::to_vec(state)?)
    }

    fn add(
        &self,
        id: JobId,
        state: String,
        upload: NamedTempFile,
        admission: Admission,
    ) -> io::Result<Submission> {
        upload.as_file().sync_all()?;
        let _writing = self.0.writing.lock();
        if !admission(&self.all()?) {
            return Ok(Submission::Refused);
        }
        let folder = self.0.folder.join(id.to_string());
        make_folder(&folder)?;
        let added = (|| {
            upload.persist(self.path(id, UPLOAD))?;
            self.put_state(id, &StateFile { version: 1, report_bytes: 0, state })?;
            File::open(&self.0.folder)?.sync_all()
        })();
        if added.is_err() {
            // Nothing would ever erase an upload without a job.
            fs::remove_dir_all(&folder)?;
        }
        added.map(|()| Submission::Added)
    }

    fn all(&self) -> io::Result<Vec<StoredJob>> {
        let mut jobs = Vec::new();
        for path in entries(&self.0.folder)? {
            let name = path.file_name().and_then(OsStr::to_str);
            let Some(id) = name.and_then(|name| name.parse().ok()) else { continue };
            match self.find(id) {
                Err(error) if error.kind() == ErrorKind::InvalidData => {
                    if self.0.damaged.lock().insert(id) {
                        tracing::error!(job = %id, %error, path = %path.display(), "a job cannot be read; remove its folder");
                    }
                }
                found => jobs.extend(found?),
            }
        }
        jobs.sort_by_key(|job| job.id);
        Ok(jobs)
    }

    fn find(&self, id: JobId) -> io::Result<Option<StoredJob>> {
        let found = self.read_state(id)?;
        Ok(found.map(|StateFile { version, state, .. }| StoredJob { id, version, state }))
    }

    fn replace(&self, job: &StoredJob, report: &ReportChange) -> io::Result<JobWrite> {
        let _writing = self.0.writing.lock();
        let Some(found) = self.read_state(job.id)?.filter(|found| found.version == job.version) else {
            return Ok(JobWrite::Outdated);
        };
        let report_bytes = match report {
            ReportChange::Keep => found.report_bytes,
            ReportChange::Plan(lines) => {
                self.put(job.id, PLANNED, lines)?;
                found.report_bytes
            }
            ReportChange::Append(lines) => self.append(job.id, found.report_bytes, lines)?,
        };
        let state = StateFile { version: job.version + 1, report_bytes, state: job.state.clone() };
        self.put_state(job.id, &state)?;
        Ok(JobWrite::Made)
    }

    /// Appends after the part that counts, and returns the new length.
    fn append(&self, id: JobId, len: u64, lines: &[u8]) -> io::Result<u64> {
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(false).mode(0o600).open(self.path(id, REPORT))?;
        file.set_len(len)?;
        require_space(&file)?;
        file.seek(SeekFrom::Start(len))?;
        file.write_all(lines)?;
        file.sync_all()?;
        Ok(len + lines.len() as u64)
    }

    fn read_report(&self, id: JobId, from: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
        let Some(len) = self.read_state(id)?.map(|state| state.report_bytes).filter(|len| from < *len) else {
            return Ok(None);
        };
        let mut file = File::open(self.path(id, REPORT))?;
        file.seek(SeekFrom::Start(from))?;
        let mut part = Vec::new();
        file.take(PART.min(len - from)).read_to_end(&mut part)?;
        let next = from + part.len() as u64;
        Ok((!part.is_empty()).then_some((part, next)))
    }
}

/// What is in a folder, if there is one.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(entries) = absent_as_none(fs::read_dir(folder))? else { return Ok(Vec::new()) };
    entries.map(|entry| entry.map(|entry| entry.path())).collect()
}

/// The file, if there is one.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    absent_as_none(fs::read(path))
}

fn absent_as_none<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        outcome => outcome.map(Some),
    }
}

#[async_trait]
impl JobStore for JobFiles {
    async fn begin_upload(&self) -> Result<Box<dyn JobUpload>, StoreError> {
        let upload = Upload::begin(self.0.folder.clone()).await?;
        Ok(Box::new(FileUpload { jobs: self.clone(), upload }))
    }

    async fn jobs(&self) -> Result<Vec<StoredJob>, StoreError> {
        let jobs = self.clone();
        blocking(move || jobs.all()).await
    }

    async fn job(&self, id: JobId) -> Result<Option<StoredJob>, StoreError> {
        let jobs = self.clone();
        blocking(move || jobs.find(id)).await
    }

    async fn write(&self, job: &StoredJob, report: ReportChange) -> Result<JobWrite, StoreError> {
        let (jobs, job) = (self.clone(), job.clone());
        blocking(move || jobs.replace(&job, &report)).await
    }

    async fn upload(&self, id: JobId) -> Result<Option<File>, StoreError> {
        let path = self.path(id, UPLOAD);
        blocking(move || absent_as_none(File::open(path))).await
    }

    async fn erase_upload(&self, id: JobId) -> Result<(), StoreError> {
        let (upload, planned) = (self.path(id, UPLOAD), self.path(id, PLANNED));
        blocking(move || {
            absent_as_none(fs::remove_file(upload))?;
            absent_as_none(fs::remove_file(planned)).map(drop)
        })
        .await
    }

    async fn planned(&self, id: JobId) -> Result<Vec<u8>, StoreError> {
        let path = self.path(id, PLANNED);
        blocking(move || Ok(read(&path)?.unwrap_or_default())).await
    }

    async fn report(&self, id: JobId, from: u64) -> Result<Option<(Vec<u8>, u64)>, StoreError> {
        let jobs = self.clone();
        blocking(move || jobs.read_report(id, from)).await
    }

    async fn remove(&self, id: JobId) -> Result<(), StoreError> {
        let folder = self.0.folder.join(id.to_string());
        blocking(move || absent_as_none(fs::remove_dir_all(folder)).map(drop)).await
    }

    fn is_exclusive(&self) -> bool {
        true
    }
}

#[async_trait]
impl JobUpload for FileUpload {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.upload.write(bytes)
    }

    async fn submit(
        self: Box<Self>,
        id: JobId,
        state: String,
        admission: Admission,
    ) -> Result<Submission, StoreError> {
        let Self { jobs, upload } = *self;
        blocking(move || jobs.add(id, state, upload.into_file(), admission)).await
    }
}
