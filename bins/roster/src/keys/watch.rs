//! Watches the keys of a running server and applies their changes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;
use jiff::SignedDuration;
use roster_auth::token::{KeyChange, KeyRing};
use roster_service::{Call, Clock as _, Roster, SystemClock};
use tokio::sync::{mpsc, oneshot};

use super::changes::{KeyChanges, RequestedChange};
use super::loading::{LoadFailure, Loaded, load_if_changed};
use super::metrics::KeyMetrics;
use super::source::{KeySource, Keys, Opened};
use super::stamp::Stamp;
use crate::terminal::chain;

/// How often the files are checked for changes.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// How long whoever changes a shared ring has for recording the change.
const RECORDED_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// Watches the keys of a running server.
pub(crate) struct KeyWatch {
    source: Arc<KeySource>,
    metrics: Arc<KeyMetrics>,
    /// The stamps of the keys that are in use.
    applied: Vec<Stamp>,
    /// The stamps of the keys whose failure was reported last, so that each failure is reported once.
    last_reported: Option<Vec<Stamp>>,
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
        // If it is unknown, changes are recorded again.
        let recorded = source.ring().audited().unwrap_or_default();
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
            Ok(Ok(Loaded::Changed(stamps, loaded))) => match *loaded {
                Ok(keys) => self.apply(roster, stamps, keys),
                Err(failure) => self.keep_earlier_keys(roster, stamps, failure),
            },
            // The keys are unchanged, or back to the state that is in use.
            Ok(Ok(Loaded::Unchanged)) => self.metrics.failed.store(false, Ordering::Relaxed),
            // Requests fail too while the database does not answer, and report that.
            Ok(Err(error)) => {
                tracing::debug!(error = chain(&error), "cannot tell whether the keys have changed");
            }
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
        let source = Arc::clone(&self.source);
        let ring = tokio::task::spawn_blocking(move || source.ring().read()).await;
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

    fn apply(&mut self, roster: &Roster, stamps: Vec<Stamp>, keys: Keys) {
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
    fn keep_earlier_keys(&mut self, roster: &Roster, stamps: Vec<Stamp>, failure: LoadFailure) {
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
        for change in self.unrecorded().await {
            if !self.is_mine(&change, roster) {
                break;
            }
            let recorded = match self.operators.get(&change.number) {
                _ if change.number <= self.own => roster.record_own_key_change(&change).await,
                Some(call) => roster.record_key_change(call, &change).await,
                None => roster.record_key_change(&Call::operator(), &change).await,
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

    /// The changes that are not in the audit log yet.
    async fn unrecorded(&mut self) -> Vec<KeyChange> {
        if self.last_change() > self.recorded && self.source.ring().is_shared() {
            // Another server may have recorded them.
            let source = Arc::clone(&self.source);
            match tokio::task::spawn_blocking(move || source.ring().audited()).await {
                Ok(Ok(audited)) => self.recorded = self.recorded.max(audited),
                Ok(Err(_)) | Err(_) => return Vec::new(),
            }
        }
        let changes = self.ring.iter().flat_map(KeyRing::changes);
        changes.filter(|change| change.number > self.recorded).cloned().collect()
    }

    /// Whether this server records a change. A server or command records its own at once. If it has not done so after a
    /// while, one of the servers does it.
    fn is_mine(&self, change: &KeyChange, roster: &Roster) -> bool {
        let is_own = change.number <= self.own || self.operators.contains_key(&change.number);
        let is_late = || SystemClock.now().duration_since(change.at) > RECORDED_AFTER;
        is_own || !self.source.ring().is_shared() || is_late() && roster.is_sweeper()
    }

    /// Stores the number of the last recorded change. Tries once per change, because a folder that is not writable is
    /// unlikely to become writable within a second.
    async fn store_recorded(&mut self) {
        self.stored = self.recorded;
        let (source, recorded) = (Arc::clone(&self.source), self.recorded);
        let storing = tokio::task::spawn_blocking(move || source.ring().set_audited(recorded));
        if let Ok(Err(error)) = storing.await {
            tracing::warn!(
                error = chain(&error),
                "cannot store which key changes are in the audit log; the next start records them again"
            );
        }
    }
}
