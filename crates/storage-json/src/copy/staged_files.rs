//! The files of a copy.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use roster_domain::{ServiceAccount, Session, User};
use roster_storage::{CopyPosition, RestoreError, StoredItem};
use serde::{Deserialize, Serialize};

use super::place::POSITION;
use crate::projection::SESSIONS_FILE;
use crate::restore::{AuditEnd, Staging, create, sync};

const FORMAT: &str = "roster-copy";
const VERSION: u64 = 1;
/// The items that the engine keeps in memory.
const ITEMS: &str = "items.ndjson";

/// A store that is being built in a folder: the audit log as it will be, and a line for each other item.
pub(super) struct StagedFiles {
    folder: PathBuf,
    staging: Staging,
    items: BufWriter<File>,
    item_bytes: u64,
}

/// How far a copy has come. What is in the files beyond that is not part of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PositionFile {
    format: String,
    version: u64,
    items: u64,
    digest: String,
    item_bytes: u64,
    audit: AuditEnd,
}

/// A line of the items.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ItemLine {
    User(Arc<User>),
    ServiceAccount(Arc<ServiceAccount>),
    Session(Arc<Session>),
}

impl StagedFiles {
    /// Starts empty, in a folder that does not exist yet.
    pub(super) fn create(folder: PathBuf) -> io::Result<Self> {
        let staging = Staging::begin(folder.clone())?;
        let items = BufWriter::new(create(&folder.join(ITEMS))?);
        let mut files = Self { folder, staging, items, item_bytes: 0 };
        files.save(&CopyPosition::default())?;
        Ok(files)
    }

    /// Reads what an earlier process has left.
    pub(super) fn reopen(folder: PathBuf) -> io::Result<(Self, CopyPosition)> {
        let position: PositionFile = serde_json::from_slice(&fs::read(folder.join(POSITION))?)?;
        if position.format != FORMAT || position.version != VERSION {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut staging = Staging::resume(folder.clone(), position.audit)?;
        read_items(&folder, position.item_bytes, &mut staging)?;
        let file = File::options().append(true).open(folder.join(ITEMS))?;
        file.set_len(position.item_bytes)?;
        let files = Self { folder, staging, items: BufWriter::new(file), item_bytes: position.item_bytes };
        Ok((files, CopyPosition { items: position.items, digest: position.digest }))
    }

    /// Adds items, and then stores the position.
    pub(super) fn add(&mut self, items: &[StoredItem], position: &CopyPosition) -> Result<(), RestoreError> {
        let unavailable = |error: io::Error| RestoreError::Unavailable(Box::new(error));
        for item in items {
            self.staging.add(item)?;
            self.write(item).map_err(unavailable)?;
        }
        self.save(position).map_err(unavailable)
    }

    /// Writes the files of the store, and returns their names.
    pub(super) fn finish(self, users_file: &str) -> io::Result<Vec<String>> {
        // Of a process that was killed here.
        remove(&self.folder.join(users_file))?;
        remove(&self.folder.join(SESSIONS_FILE))?;
        self.staging.finish(users_file)
    }

    fn write(&mut self, item: &StoredItem) -> io::Result<()> {
        let line = match item {
            StoredItem::User(user) => ItemLine::User(Arc::clone(user)),
            StoredItem::ServiceAccount(account) => ItemLine::ServiceAccount(Arc::clone(account)),
            StoredItem::Session(session) => ItemLine::Session(Arc::clone(session)),
            StoredItem::Audit(..) => return Ok(()),
        };
        let mut line = serde_json::to_vec(&line)?;
        line.push(b'\n');
        self.item_bytes += line.len() as u64;
        self.items.write_all(&line)
    }

    fn save(&mut self, position: &CopyPosition) -> io::Result<()> {
        self.items.flush()?;
        self.items.get_ref().sync_all()?;
        let file = PositionFile {
            format: FORMAT.to_owned(),
            version: VERSION,
            items: position.items,
            digest: position.digest.clone(),
            item_bytes: self.item_bytes,
            audit: self.staging.sync_audit()?,
        };
        let next = self.folder.join("copy.json.new");
        remove(&next)?;
        let mut new = create(&next)?;
        new.write_all(&serde_json::to_vec(&file)?)?;
        new.sync_all()?;
        fs::rename(&next, self.folder.join(POSITION))?;
        sync(&self.folder)
    }
}

fn read_items(folder: &Path, bytes: u64, staging: &mut Staging) -> io::Result<()> {
    let mut lines = BufReader::new(File::open(folder.join(ITEMS))?.take(bytes));
    let (mut line, mut read) = (Vec::new(), 0);
    while lines.read_until(b'\n', &mut line)? > 0 {
        read += line.len() as u64;
        let item = match serde_json::from_slice(&line)? {
            ItemLine::User(user) => StoredItem::User(user),
            ItemLine::ServiceAccount(account) => StoredItem::ServiceAccount(account),
            ItemLine::Session(session) => StoredItem::Session(session),
        };
        staging.add(&item).map_err(io::Error::other)?;
        line.clear();
    }
    if read == bytes { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
