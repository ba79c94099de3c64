//! The threads that read.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use jiff::Timestamp;
use roster_domain::fixtures;
use roster_storage::contract::reads::creation;
use roster_storage::{Store, StoreError};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use super::database;
use crate::connection::{Purpose, open};
use crate::reader::Reader;
use crate::readers::{End, Readers};
use crate::settings::SqliteStoreSettings;
use crate::store::SqliteStore;
use crate::users;

const SEVERAL: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// A reader thread that takes several reads at once, busy until the returned sender is used or dropped.
async fn busy_reader(path: &Path) -> (Readers, mpsc::Sender<()>, JoinHandle<()>) {
    let reader = Reader::new(open(path, Purpose::Read, 1_024).unwrap()).unwrap();
    let readers = Readers::start("test", Duration::from_mins(1), SEVERAL, vec![reader]).unwrap();
    let ((began, beginning), (end, ending)) = (oneshot::channel(), mpsc::channel());
    let keeping = tokio::spawn({
        let readers = readers.clone();
        let read = move |_: &Reader| {
            began.send(()).unwrap();
            let _ = ending.recv();
            Ok(())
        };
        async move { readers.read(read).await.unwrap() }
    });
    beginning.await.unwrap();
    (readers, end, keeping)
}

#[tokio::test]
async fn reads_that_waited_together_see_what_was_committed_before_they_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.db");
    let store = SqliteStore::open(SqliteStoreSettings::new(&path, Timestamp::UNIX_EPOCH)).unwrap();
    let (readers, end, keeping) = busy_reader(&path).await;
    let users: Vec<_> = (0..4).map(|number| Arc::new(fixtures::user(number))).collect();
    let mut reads = JoinSet::new();
    for user in users {
        store.commit(creation(&user)).await.unwrap();
        let (waiting, id) = (readers.clone(), user.id);
        reads.spawn(async move { waiting.read(move |reader| users::is_there(reader, id)).await.unwrap() });
        let waiting = readers.clone();
        reads.spawn(async move { waiting.read(|reader| Ok(!reader.is_autocommit())).await.unwrap() });
    }
    drop(end);
    keeping.await.unwrap();
    assert!(reads.join_all().await.into_iter().all(|held| held));
    readers.end(End::Abandon);
}

#[tokio::test]
async fn a_read_that_panics_fails_alone() {
    let reader = Reader::new(database()).unwrap();
    let readers = Readers::start("test", Duration::from_mins(1), NonZeroUsize::MIN, vec![reader]).unwrap();
    let broken = readers.read::<()>(|reader| {
        reader.limit().set_steps(Some(0));
        panic!("a fault of this read")
    });
    let broken = tokio::time::timeout(Duration::from_secs(10), broken).await.unwrap();
    assert!(matches!(broken, Err(StoreError::Unavailable(_))), "{broken:?}");
    let next = readers.read(|connection| users::has_active_admin(connection, None));
    let next = tokio::time::timeout(Duration::from_secs(10), next).await;
    assert!(!next.expect("the thread goes on").unwrap());
    readers.end(End::Abandon);
}
