//! Jobs in memory, with faults on request.

use async_trait::async_trait;
use roster_domain::JobId;
use roster_service::JobState;
use roster_storage::{
    Admission, JobStore, JobUpload, JobWrite, ReportChange, StoreError, StoredJob, Submission,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Seek, Write};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::Semaphore;

/// Clones share the jobs.
#[derive(Clone)]
pub(crate) struct MemoryJobs {
    content: Arc<Mutex<Content>>,
    /// Uploads are read with a permit of it.
    pub(crate) reading: Arc<Semaphore>,
}

#[derive(Default)]
struct Content {
    jobs: BTreeMap<JobId, Entry>,
    /// The jobs whose upload cannot be read now.
    unreadable: BTreeSet<JobId>,
}

struct Entry {
    version: u64,
    state: String,
    upload: Option<Vec<u8>>,
    planned: Vec<u8>,
    report: Vec<u8>,
}

struct MemoryUpload(MemoryJobs, Vec<u8>);

impl MemoryJobs {
    pub(crate) fn new() -> Self {
        Self { content: Arc::default(), reading: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)) }
    }

    /// The same, but no upload can be read before [`Semaphore::add_permits`].
    pub(crate) fn slow() -> Self {
        Self { content: Arc::default(), reading: Arc::new(Semaphore::new(0)) }
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap()
    }

    pub(crate) fn state(&self, id: JobId) -> JobState {
        serde_json::from_str(&self.content().jobs[&id].state).unwrap()
    }

    pub(crate) fn change(&self, id: JobId, change: impl FnOnce(&mut JobState)) {
        let mut state = self.state(id);
        change(&mut state);
        let mut content = self.content();
        let entry = content.jobs.get_mut(&id).unwrap();
        (entry.state, entry.version) = (serde_json::to_string(&state).unwrap(), entry.version + 1);
    }

    pub(crate) fn damage_plan(&self, id: JobId) {
        self.content().jobs.get_mut(&id).unwrap().planned = b"{".to_vec();
    }

    pub(crate) fn damage_state(&self, id: JobId) {
        "{".clone_into(&mut self.content().jobs.get_mut(&id).unwrap().state);
    }

    pub(crate) fn make_unreadable(&self, id: JobId) {
        self.content().unreadable.insert(id);
    }

    pub(crate) fn make_readable(&self, id: JobId) {
        self.content().unreadable.remove(&id);
    }

    pub(crate) fn report_of(&self, id: JobId) -> String {
        String::from_utf8(self.content().jobs[&id].report.clone()).unwrap()
    }
}

fn stored((id, entry): (&JobId, &Entry)) -> StoredJob {
    StoredJob { id: *id, version: entry.version, state: entry.state.clone() }
}

#[async_trait]
impl JobStore for MemoryJobs {
    async fn begin_upload(&self) -> Result<Box<dyn JobUpload>, StoreError> {
        Ok(Box::new(MemoryUpload(self.clone(), Vec::new())))
    }

    async fn jobs(&self) -> Result<Vec<StoredJob>, StoreError> {
        Ok(self.content().jobs.iter().map(stored).collect())
    }

    async fn job(&self, id: JobId) -> Result<Option<StoredJob>, StoreError> {
        Ok(self.content().jobs.get_key_value(&id).map(stored))
    }

    async fn write(&self, job: &StoredJob, report: ReportChange) -> Result<JobWrite, StoreError> {
        let mut content = self.content();
        let Some(entry) = content.jobs.get_mut(&job.id).filter(|entry| entry.version == job.version) else {
            return Ok(JobWrite::Outdated);
        };
        (entry.version, entry.state) = (job.version + 1, job.state.clone());
        match report {
            ReportChange::Keep => {}
            ReportChange::Plan(lines) => entry.planned = lines,
            ReportChange::Append(lines) => entry.report.extend(lines),
        }
        Ok(JobWrite::Made)
    }

    async fn upload(&self, id: JobId) -> Result<Option<File>, StoreError> {
        self.reading.acquire().await.unwrap().forget();
        if self.content().unreadable.contains(&id) {
            return Err(StoreError::Unavailable("the disk is slow".into()));
        }
        let bytes = self.content().jobs.get(&id).and_then(|entry| entry.upload.clone());
        Ok(bytes.map(|bytes| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            file.rewind().unwrap();
            file
        }))
    }

    async fn erase_upload(&self, id: JobId) -> Result<(), StoreError> {
        if let Some(entry) = self.content().jobs.get_mut(&id) {
            (entry.upload, entry.planned) = (None, Vec::new());
        }
        Ok(())
    }

    async fn planned(&self, id: JobId) -> Result<Vec<u8>, StoreError> {
        Ok(self.content().jobs.get(&id).map(|entry| entry.planned.clone()).unwrap_or_default())
    }

    async fn report(&self, id: JobId, from: u64) -> Result<Option<(Vec<u8>, u64)>, StoreError> {
        let report = self.content().jobs.get(&id).map(|entry| entry.report.clone()).unwrap_or_default();
        Ok((from == 0 && !report.is_empty()).then_some((report, 1)))
    }

    async fn remove(&self, id: JobId) -> Result<(), StoreError> {
        self.content().jobs.remove(&id);
        Ok(())
    }

    fn is_exclusive(&self) -> bool {
        false
    }
}

#[async_trait]
impl JobUpload for MemoryUpload {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.1.extend_from_slice(bytes);
        Ok(())
    }

    async fn submit(
        self: Box<Self>,
        id: JobId,
        state: String,
        admission: Admission,
    ) -> Result<Submission, StoreError> {
        let mut content = self.0.content();
        if !admission(&content.jobs.iter().map(stored).collect::<Vec<_>>()) {
            return Ok(Submission::Refused);
        }
        let entry =
            Entry { version: 1, state, upload: Some(self.1), planned: Vec::new(), report: Vec::new() };
        content.jobs.insert(id, entry);
        Ok(Submission::Added)
    }
}
