//! The store on a real disk.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::num::NonZeroU64;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use parking_lot::Mutex;
use roster_domain::AuditQuery;
use roster_storage::contract::People;
use roster_storage::contract::reads::creation;
use roster_storage::{CommitError, CommitObserver, Restore, RestoreError, Store, StoredItem};
use roster_storage_json::{AuditLog, AuditRotation, JsonRestore, JsonStore, JsonStoreSettings, OpenError};

fn settings(folder: &Path) -> JsonStoreSettings {
    JsonStoreSettings {
        users_file: folder.join("users.json"),
        now: Timestamp::UNIX_EPOCH,
        random: [0; 10],
        rotation: None,
        observer: None,
    }
}

async fn add(store: &JsonStore, number: u32) {
    store.commit(creation(&Arc::new(People.nth(number)))).await.unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_closed_store_leaves_its_projections_and_no_journal() {
    let folder = tempfile::tempdir().unwrap();
    let store = JsonStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    assert_eq!(names(folder.path()), ["journal-00000000000000000001.ndjson", "roster.lock"]);
    store.close().unwrap();
    store.close().unwrap();
    assert_eq!(
        names(folder.path()),
        ["audit.ndjson", "audit.times.json", "roster.lock", "sessions.json", "users.json"]
    );
    let rejected = store.commit(creation(&Arc::new(People.nth(2)))).await;
    assert!(matches!(rejected, Err(CommitError::Unavailable(_))), "{rejected:?}");
    let again = JsonStore::open(settings(folder.path())).unwrap();
    assert_eq!(again.user_count(), 1);
}

#[tokio::test]
async fn an_unchanged_store_is_closed_without_writing() {
    let folder = tempfile::tempdir().unwrap();
    JsonStore::open(settings(folder.path())).unwrap().close().unwrap();
    assert_eq!(names(folder.path()), ["roster.lock"]);
}

#[tokio::test]
async fn a_store_opened_to_read_includes_the_journal_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    assert_eq!(JsonStore::open_to_read(&settings(&absent)).unwrap().user_count(), 0);
    assert!(!absent.exists());
    let store = JsonStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    let held = JsonStore::open_to_read(&settings(folder.path())).unwrap_err();
    assert!(matches!(held, OpenError::Held { pid: Some(_), .. }), "{held:?}");
    drop(store);
    let before = names(folder.path());
    let store = JsonStore::open_to_read(&settings(folder.path())).unwrap();
    assert_eq!(store.user_count(), 1);
    let rejected = store.commit(creation(&Arc::new(People.nth(2)))).await;
    assert!(matches!(rejected, Err(CommitError::Unavailable(_))), "{rejected:?}");
    store.close().unwrap();
    assert_eq!(names(folder.path()), before);
}

/// The audit records of a snapshot.
async fn audit_records(store: &JsonStore) -> usize {
    let mut snapshot = store.snapshot().await.unwrap();
    let mut count = 0;
    loop {
        let items = snapshot.next().await.unwrap();
        if items.is_empty() {
            return count;
        }
        count += items.iter().filter(|item| matches!(item, StoredItem::Audit(..))).count();
    }
}

#[tokio::test]
async fn a_store_opened_to_read_stays_as_of_one_moment_when_another_process_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = JsonStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    store.close().unwrap();
    let reader = JsonStore::open_to_read(&settings(folder.path())).unwrap();
    let records = audit_records(&reader).await;
    let writer = JsonStore::open(settings(folder.path())).unwrap();
    add(&writer, 2).await;
    writer.close().unwrap();
    assert_eq!((reader.user_count(), audit_records(&reader).await), (1, records));
}

#[test]
fn the_id_of_a_killed_process_is_not_reported_as_the_holder() {
    let folder = tempfile::tempdir().unwrap();
    let first = JsonStore::open(settings(folder.path())).unwrap();
    std::fs::write(folder.path().join("roster.lock"), "1\n").unwrap();
    let error = JsonStore::open(settings(folder.path())).unwrap_err();
    assert!(
        matches!(error, OpenError::Held { pid: Some(pid), .. } if pid == std::process::id()),
        "{error:?}"
    );
    drop(first);
}

#[tokio::test]
async fn a_restore_that_cannot_move_every_file_says_that_the_backup_is_in_force() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = JsonStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    store.close().unwrap();
    let mut restore = JsonRestore::begin(&settings(folder.path())).unwrap();
    restore.add(vec![StoredItem::User(Arc::new(People.nth(2)))]).await.unwrap();
    let keys = outside.path().join("keys");
    std::fs::write(&keys, "old").unwrap();
    restore.replace_file(&keys, None);
    // The name that the old keys would get is already in use.
    let aside = outside.path().join(restore.replaced().file_name().unwrap());
    std::fs::create_dir(&aside).unwrap();
    std::fs::write(aside.join("keys"), "of somebody else").unwrap();
    let error = Box::new(restore).finish().await.unwrap_err();
    assert!(matches!(error, RestoreError::Unfinished(_)), "{error:?}");
    let store = JsonStore::open(settings(folder.path())).unwrap();
    assert!(store.user(People.nth(2).id).await.unwrap().is_some());
    assert_eq!(store.user_count(), 1);
}

#[tokio::test]
async fn only_this_account_can_read_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let store = JsonStore::open(settings(&data)).unwrap();
    add(&store, 1).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("journal-00000000000000000001.ndjson")), 0o600);
    store.close().unwrap();
    for name in names(&data) {
        assert_eq!(mode(&data.join(&name)), 0o600, "{name}");
    }
}

#[test]
fn a_second_process_is_rejected_with_the_id_of_the_holder() {
    let folder = tempfile::tempdir().unwrap();
    let first = JsonStore::open(settings(folder.path())).unwrap();
    let error = JsonStore::open(settings(folder.path())).unwrap_err();
    assert!(
        matches!(error, OpenError::Held { pid: Some(pid), .. } if pid == std::process::id()),
        "{error:?}"
    );
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    drop(first);
    JsonStore::open(settings(folder.path())).unwrap();
}

#[tokio::test]
async fn users_json_is_up_to_date_after_a_second_without_commits() {
    let folder = tempfile::tempdir().unwrap();
    let store = JsonStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    let patience = Instant::now();
    while !names(folder.path()).contains(&"users.json".to_owned()) {
        assert!(patience.elapsed() < Duration::from_secs(20), "no snapshot");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    add(&store, 2).await;
    assert_eq!(store.metrics().commits, 2);
}

#[test]
fn a_path_without_a_file_name_or_an_unusable_folder_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let error = |file: &str| {
        let users_file = folder.path().join(file);
        JsonStore::open(JsonStoreSettings { users_file, ..settings(folder.path()) }).unwrap_err()
    };
    assert!(matches!(error(".."), OpenError::NoFile { .. }));
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = error("file/users.json");
    assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
    assert!(!error.to_string().contains('\n'));
}

#[tokio::test]
async fn a_rotated_audit_log_is_read_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let rotation = AuditRotation {
        max_bytes: NonZeroU64::new(1),
        max_age: None,
        keep: None,
        stamp: Arc::new(|| (Timestamp::UNIX_EPOCH, [7; 10])),
    };
    let query = AuditQuery::default();
    for (number, records) in [(1, 1), (2, 3), (3, 5)] {
        let settings = JsonStoreSettings { rotation: Some(rotation.clone()), ..settings(folder.path()) };
        let store = JsonStore::open(settings).unwrap();
        add(&store, number).await;
        store.close().unwrap();
        let page = store.audit_records(&query).await.unwrap();
        assert_eq!(page.items.len(), records, "a record, and one of each rotation");
        let beside = AuditLog::beside(&folder.path().join("users.json"));
        assert_eq!(beside.page(&query).unwrap(), page);
        assert!(!beside.is_behind().unwrap());
    }
    let archives = names(folder.path())
        .into_iter()
        .filter(|name| name.starts_with("audit-") && name.ends_with(".ndjson"))
        .count();
    assert_eq!(archives, 2);
}

#[derive(Default)]
struct Latencies(Mutex<Vec<Duration>>);

impl CommitObserver for Latencies {
    fn committed(&self, latency: Duration) {
        self.0.lock().push(latency);
    }
}

#[tokio::test]
async fn the_store_counts_its_work() {
    let folder = tempfile::tempdir().unwrap();
    let latencies = Arc::new(Latencies::default());
    let observer: Arc<dyn CommitObserver> = Arc::clone(&latencies) as _;
    let store =
        JsonStore::open(JsonStoreSettings { observer: Some(observer), ..settings(folder.path()) }).unwrap();
    add(&store, 1).await;
    let mut twin = People.nth(2);
    twin.username = People.nth(1).username;
    assert!(store.commit(creation(&Arc::new(twin))).await.is_err());
    store.ready().await.unwrap();
    let metrics = store.metrics();
    assert_eq!((metrics.commits, metrics.conflicts, metrics.failures, metrics.syncs), (1, 1, 0, 1));
    assert!(metrics.journal_bytes > metrics.bytes_written && metrics.bytes_written > 0);
    store.close().unwrap();
    assert_eq!(latencies.0.lock().len(), 2);
    assert_eq!((store.metrics().snapshots, store.metrics().journal_bytes), (1, 0));
}
