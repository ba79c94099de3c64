//! Watches the keys of a running server and applies their changes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;
use roster_auth::token::{KeyRing, KeySet};
use roster_service::{Call, Roster};
use tokio::sync::{mpsc, oneshot};

use super::changes::{KeyChanges, RequestedChange};
use super::files::FileStamp;
use super::metrics::KeyMetrics;
use super::source::{KeySource, Keys, Opened};
use crate::terminal::chain;

/// How often the files are checked for changes.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Watches the keys of a running server.
pub(crate) struct KeyWatch {
    source: Arc<KeySource>,
    metrics: Arc<KeyMetrics>,
    /// The stamps of the files whose keys are in use.
    applied: Vec<FileStamp>,
    /// The stamps of the files whose failure was reported last, so that each failure is reported once.
    last_reported: Option<Vec<FileStamp>>,
    ring: Option<KeyRing>,
    /// The number of the last change that this start made itself.
    own: u64,
    /// The number of the last change that is in the audit log.
    recorded: u64,
    /// The number of the last change that is stored as recorded, for the next server.
    stored: u64,
    /// The callers of changes that are not in the audit log yet.
    operators: HashMap<u64, Call>,
    requests: mpsc::Receiver<RequestedChange>,
    changes: KeyChanges,
}

/// Makes the watch use other configured files.
pub(crate) struct KeyReload {
    source: Arc<KeySource>,
    replaced: mpsc::Sender<Replacement>,
}

/// A new source, and the channel that signals when its keys are in use.
struct Replacement {
    source: KeySource,
    done: oneshot::Sender<()>,
}

impl KeyReload {
    /// Switches to the keys in these files, and watches them from then on.
    ///
    /// # Errors
    /// If a key cannot be used, or no key could sign. Nothing changes in this case.
    pub(crate) async fn replace_files(&self, files: Vec<PathBuf>) -> anyhow::Result<()> {
        let source = self.source.with_files(files);
        let source = tokio::task::spawn_blocking(move || source.load().map(|_| source)).await??;
        let (done, applied) = oneshot::channel();
        self.replaced.send(Replacement { source, done }).await.context("the keys are no longer watched")?;
        Ok(applied.await?)
    }
}

impl KeyWatch {
    /// Creates a watch for keys that were just opened.
    pub(crate) fn new(source: Arc<KeySource>, opened: &Opened) -> Self {
        let metrics = Arc::new(KeyMetrics::default());
        metrics.count(opened.keys.ring.as_ref());
        let ring = opened.keys.ring.clone();
        let newest = ring.iter().flat_map(KeyRing::changes).map(|change| change.number).max();
        let own = newest.filter(|_| opened.is_new_ring).unwrap_or(0);
        let recorded = source.folder().audited();
        let applied = opened.stamps.clone();
        let (changes, requests) = KeyChanges::channel();
        let operators = HashMap::new();
        let stored = recorded;
        Self {
            source,
            metrics,
            applied,
            last_reported: None,
            ring,
            own,
            recorded,
            stored,
            operators,
            requests,
            changes,
        }
    }

    /// A handle to change the keys after [`start`](Self::start).
    pub(crate) fn changes(&self) -> KeyChanges {
        self.changes.clone()
    }

    /// The metrics of the keys.
    pub(crate) fn metrics(&self) -> Arc<KeyMetrics> {
        Arc::clone(&self.metrics)
    }

    /// Records the changes of the ring so far in the audit log, so that a start that fails later leaves no unrecorded key
    /// behind. Then checks the files every second until the runtime stops, and applies their changes to `roster`.
    pub(crate) async fn start(mut self, roster: Arc<Roster>) -> KeyReload {
        self.record(&roster).await;
        let (replaced, replacements) = mpsc::channel(1);
        let reload = KeyReload { source: Arc::clone(&self.source), replaced };
        tokio::spawn(self.run(roster, replacements));
        reload
    }

    async fn run(mut self, roster: Arc<Roster>, mut replacements: mpsc::Receiver<Replacement>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(CHECK_INTERVAL) => self.check_files(&roster).await,
                Some(replacement) = replacements.recv() => {
                    self.source = Arc::new(replacement.source);
                    // Force a load, because the keys of the new files are not in use yet.
                    self.applied.clear();
                    self.check_files(&roster).await;
                    // The caller may have gone.
                    let _ = replacement.done.send(());
                }
                Some(request) = self.requests.recv() => self.make(&roster, request).await,
            }
        }
    }

    /// Applies changed files and records the changes. Reads the files on a blocking thread.
    async fn check_files(&mut self, roster: &Roster) {
        let source = Arc::clone(&self.source);
        let applied = self.applied.clone();
        let loaded = tokio::task::spawn_blocking(move || load_if_changed(&source, &applied)).await;
        match loaded {
            Ok((stamps, Some(Err(failure)))) => self.keep_earlier_keys(roster, stamps, failure),
            Ok((stamps, Some(Ok(keys)))) => self.apply(roster, stamps, keys),
            // The files are unchanged, or back to the state that is in use.
            Ok((_, None)) => self.metrics.failed.store(false, Ordering::Relaxed),
            Err(_) => {}
        }
        self.record(roster).await;
    }

    /// Makes a change, applies it, and records it with its caller.
    async fn make(&mut self, roster: &Roster, RequestedChange { call, make, done }: RequestedChange) {
        // Record earlier changes first, so that they are not attributed to this caller.
        self.check_files(roster).await;
        let before = self.last_change();
        let source = Arc::clone(&self.source);
        if tokio::task::spawn_blocking(move || make(&source)).await.is_err() {
            tracing::error!("a key change panicked");
        }
        let folder = Arc::clone(&self.source);
        let ring = tokio::task::spawn_blocking(move || folder.folder().read()).await;
        if let Ok(Ok(Some(ring))) = ring {
            let made = ring.changes().iter().map(|change| change.number).filter(|number| *number > before);
            self.operators.extend(made.map(|number| (number, call.clone())));
        }
        self.check_files(roster).await;
        let _ = done.send(());
    }

    /// The number of the last change that was applied.
    fn last_change(&self) -> u64 {
        self.ring.iter().flat_map(KeyRing::changes).map(|change| change.number).max().unwrap_or(0)
    }

    fn apply(&mut self, roster: &Roster, stamps: Vec<FileStamp>, keys: Keys) {
        self.metrics.count(keys.ring.as_ref());
        self.metrics.reloads.fetch_add(1, Ordering::Relaxed);
        self.metrics.failed.store(false, Ordering::Relaxed);
        let signs = keys.signing.verifying_key();
        let kid = signs.id().map(ToString::to_string);
        tracing::info!(kid, algorithm = %signs.algorithm(), accepted = keys.accepted.len(), "applied changed keys");
        roster.replace_keys(keys.signing, keys.accepted);
        (self.applied, self.ring, self.last_reported) = (stamps, keys.ring, None);
    }

    /// Continues to sign with the earlier key, and reports the failure once. Still applies revocations if they are known.
    fn keep_earlier_keys(&mut self, roster: &Roster, stamps: Vec<FileStamp>, failure: LoadFailure) {
        self.metrics.failed.store(true, Ordering::Relaxed);
        if self.last_reported.as_ref() == Some(&stamps) {
            return;
        }
        self.metrics.failures.fetch_add(1, Ordering::Relaxed);
        let error = chain(&failure.error);
        match failure.accepted {
            Some(accepted) => {
                tracing::error!(
                    error,
                    "cannot apply the changed keys; still signing with the earlier key; revoked keys are rejected"
                );
                roster.accept_keys(accepted);
            }
            None => {
                tracing::error!(
                    error,
                    "cannot apply the changed keys; all earlier keys stay in use, including revoked ones"
                );
            }
        }
        self.last_reported = Some(stamps);
    }

    /// Records the changes of the ring in the audit log. If the last recorded number cannot be stored, the next server
    /// records the changes again: a duplicate is better than a gap.
    async fn record(&mut self, roster: &Roster) {
        let Some(ring) = &self.ring else { return };
        let recorded = self.recorded;
        for change in ring.changes().iter().filter(|change| change.number > recorded) {
            let recorded = match self.operators.get(&change.number) {
                _ if change.number <= self.own => roster.record_own_key_change(change).await,
                Some(call) => roster.record_key_change(call, change).await,
                None => roster.record_key_change(&Call::operator(), change).await,
            };
            if let Err(error) = recorded {
                let error = chain(&error.into());
                tracing::warn!(error, "cannot record a key change yet");
                return;
            }
            self.recorded = change.number;
            self.operators.remove(&change.number);
        }
        if self.stored < self.recorded {
            self.store_recorded().await;
        }
    }

    /// Stores the number of the last recorded change. Tries once per change, because a folder that is not writable is
    /// unlikely to become writable within a second.
    async fn store_recorded(&mut self) {
        self.stored = self.recorded;
        let (source, recorded) = (Arc::clone(&self.source), self.recorded);
        let storing = tokio::task::spawn_blocking(move || source.folder().set_audited(recorded));
        if let Ok(Err(error)) = storing.await {
            tracing::warn!(
                error = chain(&error),
                "cannot store which key changes are in the audit log; the next start records them again"
            );
        }
    }
}

/// Why changed keys cannot be applied, and the accepted keys if they are known.
struct LoadFailure {
    error: anyhow::Error,
    accepted: Option<KeySet>,
}

/// The current stamps of the files, and their keys if the stamps differ from `applied`.
fn load_if_changed(
    source: &KeySource,
    applied: &[FileStamp],
) -> (Vec<FileStamp>, Option<Result<Keys, LoadFailure>>) {
    let stamps = source.stamps();
    let read = || source.load().map_err(|error| LoadFailure { error, accepted: source.accepted().ok() });
    let found = (stamps != applied).then(read);
    (stamps, found)
}
