//! What is uploaded for an import: the files one after the other, then a manifest with their names and lengths and with the
//! options that are not kept. So these are where the files are, and are erased with them.

use crate::Error;
use roster_auth::password::{PepperId, SaltedForm};
use roster_domain::UserId;
use roster_import::{FilePart, FirebaseParameters, ImportFile, ImportOptions};
use roster_storage::{JobUpload, StoreError};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use zeroize::Zeroizing;

/// Files that are being received for an import, which their sender may start.
pub struct ImportUpload {
    upload: Box<dyn JobUpload>,
    starter: UserId,
    files: Vec<FilePart>,
}

/// What follows the files.
#[derive(Serialize, Deserialize)]
struct Manifest {
    files: Vec<FilePart>,
    salted: Option<SaltedForm>,
    firebase: Option<FirebaseParameters>,
    peppers: Vec<PepperId>,
}

impl ImportUpload {
    pub(super) const fn new(upload: Box<dyn JobUpload>, starter: UserId) -> Self {
        Self { upload, starter, files: Vec::new() }
    }

    pub(super) const fn starter(&self) -> UserId {
        self.starter
    }

    /// Begins a file, which has this name in the report if there are several. A name that another file has gets a number.
    pub fn begin_file(&mut self, name: Option<String>) {
        let base = name.unwrap_or_else(|| format!("file {}", self.files.len() + 1));
        let numbered = (2..).map(|number| format!("{base} ({number})"));
        let is_free = |name: &String| self.files.iter().all(|file| file.name != *name);
        let name = std::iter::once(base.clone()).chain(numbered).find(is_free).unwrap_or(base);
        self.files.push(FilePart { name, len: 0 });
    }

    /// Appends to the file. Blocks.
    ///
    /// # Errors
    /// [`Error::Store`], if it cannot be stored.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.files.is_empty() {
            self.begin_file(None);
        }
        self.upload.write(bytes)?;
        if let Some(file) = self.files.last_mut() {
            file.len += bytes.len() as u64;
        }
        Ok(())
    }

    /// The complete upload, and the length of its manifest. Takes the options that are not kept out of `options`.
    pub(super) async fn complete(
        self,
        options: &mut ImportOptions,
    ) -> Result<(Box<dyn JobUpload>, u64), StoreError> {
        let Self { mut upload, files, .. } = self;
        let (salted, firebase) = (options.salted.take(), options.firebase.take());
        let manifest = Manifest { files, salted, firebase, peppers: std::mem::take(&mut options.peppers) };
        let manifest = serde_json::to_vec(&manifest).map_err(|error| StoreError::Damaged(Box::new(error)))?;
        let manifest = Zeroizing::new(manifest);
        let len = manifest.len() as u64;
        on_thread(move || upload.write(&manifest).map(|()| upload)).await?.map(|upload| (upload, len))
    }
}

/// The files of an upload, and all options; `None` if its manifest is damaged. `manifest_bytes` is 0 for a single file without
/// a manifest.
pub(super) async fn opened(
    file: File,
    manifest_bytes: u64,
    options: ImportOptions,
) -> Result<Option<(Vec<ImportFile>, ImportOptions)>, StoreError> {
    if manifest_bytes == 0 {
        return Ok(Some((vec![ImportFile { name: None, source: Box::new(file) }], options)));
    }
    let read = on_thread(move || read_manifest(&file, manifest_bytes).map(|bytes| (file, bytes))).await?;
    let (file, bytes) = read.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
    let Ok(manifest) = serde_json::from_slice(&bytes) else { return Ok(None) };
    let Manifest { files, salted, firebase, peppers } = manifest;
    Ok(Some((ImportFile::split(file, &files), ImportOptions { salted, firebase, peppers, ..options })))
}

fn read_manifest(mut file: &File, len: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let end = file.seek(SeekFrom::End(0))?;
    let len = len.min(end);
    let mut bytes = Zeroizing::new(vec![0; usize::try_from(len).map_err(io::Error::other)?]);
    file.read_exact_at(&mut bytes, end - len)?;
    Ok(bytes)
}

/// Reading and writing files blocks.
async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Unavailable(Box::new(error)))
}
