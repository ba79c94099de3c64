//! Stores to back up.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use roster_backup::{
    BackupDetails, BackupItem, BackupReader, BackupSink, Contents, SigningKeys, write_backup,
};
use roster_domain::{Action, AuditPosition};
use roster_storage::contract::{People, record, service_accounts, sessions};
use roster_storage::{Snapshot, SnapshotProgress, StoreError, StoredItem};

/// A snapshot of these items, a few at a time.
pub(crate) struct Pieces(VecDeque<StoredItem>);

impl Pieces {
    pub(crate) fn of(items: Vec<StoredItem>) -> Box<dyn Snapshot> {
        Box::new(Self(items.into()))
    }
}

#[async_trait]
impl Snapshot for Pieces {
    async fn next(&mut self) -> Result<Vec<StoredItem>, StoreError> {
        let count = self.0.len().min(7);
        Ok(self.0.drain(..count).collect())
    }

    fn progress(&self) -> SnapshotProgress {
        SnapshotProgress::default()
    }
}

struct Bytes(Vec<u8>);

#[async_trait]
impl BackupSink for Bytes {
    async fn write(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.0.extend(bytes);
        Ok(())
    }
}

pub(crate) fn about() -> BackupDetails {
    BackupDetails { made_at: Timestamp::UNIX_EPOCH, roster: "1.2.3".to_owned() }
}

/// Twenty users, two service accounts, two sessions, three audit records.
pub(crate) fn items() -> Vec<StoredItem> {
    let users = (0..20).map(|number| StoredItem::User(Arc::new(People.nth(number))));
    let accounts =
        (0..2).map(|number| StoredItem::ServiceAccount(Arc::new(service_accounts::service_account(number))));
    let sessions = (0..2)
        .map(|number| StoredItem::Session(Arc::new(sessions::session(&People.nth(number.into()), number))));
    let records = [2, 3, 9].map(|number| {
        let logged = record(Action::LoggedIn, People.nth(1).id);
        StoredItem::Audit(AuditPosition::from(number), Arc::new(logged))
    });
    users.chain(accounts).chain(sessions).chain(records).collect()
}

/// A backup of these items.
pub(crate) async fn backup(items: Vec<StoredItem>, keys: Option<SigningKeys>) -> (Vec<u8>, Contents) {
    let mut bytes = Bytes(Vec::new());
    let written = write_backup(about(), keys, Pieces::of(items), &mut bytes, &mut |_| {}).await;
    (bytes.0, written.unwrap())
}

/// The items of a backup.
pub(crate) fn read(bytes: &[u8]) -> (Vec<StoredItem>, Option<SigningKeys>) {
    let mut reader = BackupReader::open(bytes).unwrap();
    let (mut items, mut ring) = (Vec::new(), None);
    while let Some(item) = reader.next_item().unwrap() {
        match item {
            BackupItem::Keys(keys) => ring = Some(keys),
            BackupItem::Stored(item) => items.push(item),
        }
    }
    (items, ring)
}
