//! Changes of the keys under a running server.

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
use super::files::Stamp;
use super::metrics::KeyMetrics;
use super::source::{KeySource, Keys, Opened};
use crate::terminal::chain;

/// How old what the server knows may be.
const INTERVAL: Duration = Duration::from_secs(1);

/// Looks after the keys of a running server.
pub(crate) struct KeyWatch {
    source: Arc<KeySource>,
    metrics: Arc<KeyMetrics>,
    /// The files whose keys are in use.
    good: Vec<Stamp>,
    /// The damaged files that were last reported, so that each damage is reported once.
    last_reported: Option<Vec<Stamp>>,
    ring: Option<KeyRing>,
    /// Up to this change, the ring is this server's own making.
    own: u64,
    /// Up to this change, the ring's history is in the audit log.
    recorded: u64,
    /// Up to this change, a file says so to the next server.
    remembered: u64,
    /// Who made changes that are not in the audit log yet.
    operators: HashMap<u64, Call>,
    requests: mpsc::Receiver<RequestedChange>,
    changes: KeyChanges,
}

/// Lets the watch follow other configured files.
pub(crate) struct KeyReload {
    source: Arc<KeySource>,
    replaced: mpsc::Sender<Replacement>,
}

/// Another source, and who waits until its keys are in use.
struct Replacement {
    source: KeySource,
    done: oneshot::Sender<()>,
}

impl KeyReload {
    /// Goes on with the keys of these files, which it then follows.
    ///
    /// # Errors
    /// If one of them cannot be used, or there would be no key that signs; then nothing changes.
    pub(crate) async fn replace_files(&self, files: Vec<PathBuf>) -> anyhow::Result<()> {
        let source = self.source.with_files(files);
        let source = tokio::task::spawn_blocking(move || source.load().map(|_| source)).await??;
        let (done, used) = oneshot::channel();
        self.replaced
            .send(Replacement { source, done })
            .await
            .context("the keys are no longer looked after")?;
        Ok(used.await?)
    }
}

impl KeyWatch {
    /// Begins with keys that were just opened.
    pub(crate) fn new(source: Arc<KeySource>, opened: &Opened) -> Self {
        let metrics = Arc::new(KeyMetrics::default());
        metrics.count(opened.keys.ring.as_ref());
        let ring = opened.keys.ring.clone();
        let newest = ring.iter().flat_map(KeyRing::changes).map(|change| change.number).max();
        let own = newest.filter(|_| opened.made).unwrap_or(0);
        let recorded = source.folder().audited();
        let good = opened.stamps.clone();
        let (changes, requests) = KeyChanges::channel();
        let operators = HashMap::new();
        let remembered = recorded;
        Self {
            source,
            metrics,
            good,
            last_reported: None,
            ring,
            own,
            recorded,
            remembered,
            operators,
            requests,
            changes,
        }
    }

    /// Changes the keys once it has started.
    pub(crate) fn changes(&self) -> KeyChanges {
        self.changes.clone()
    }

    /// What it counts.
    pub(crate) fn metrics(&self) -> Arc<KeyMetrics> {
        Arc::clone(&self.metrics)
    }

    /// Writes what has happened to the ring so far into the audit log, before anything else happens: a start that fails
    /// later leaves no key behind that nobody has heard of. From then on it looks every second, for as long as the runtime
    /// lasts, and lets `roster` go on with what it finds.
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
                () = tokio::time::sleep(INTERVAL) => self.look(&roster).await,
                Some(replacement) = replacements.recv() => {
                    self.source = Arc::new(replacement.source);
                    // Whatever the files are, their keys are not in use yet.
                    self.good.clear();
                    self.look(&roster).await;
                    // Whoever asked may be gone.
                    let _ = replacement.done.send(());
                }
                Some(request) = self.requests.recv() => self.make(&roster, request).await,
            }
        }
    }

    /// Takes up what has changed, and records it. Files are read beside the runtime.
    async fn look(&mut self, roster: &Roster) {
        let source = Arc::clone(&self.source);
        let good = self.good.clone();
        let looked = tokio::task::spawn_blocking(move || look(&source, &good)).await;
        match looked {
            Ok((stamps, Some(Err(damage)))) => self.endure(roster, stamps, damage),
            Ok((stamps, Some(Ok(keys)))) => self.take(roster, stamps, keys),
            // As it was, perhaps again.
            Ok((_, None)) => self.metrics.failed.store(false, Ordering::Relaxed),
            Err(_) => {}
        }
        self.record(roster).await;
    }

    /// Makes a change, takes it up, and records it as made by whoever asked for it.
    async fn make(&mut self, roster: &Roster, RequestedChange { call, make, done }: RequestedChange) {
        // What others did before is not theirs.
        self.look(roster).await;
        let before = self.newest();
        let source = Arc::clone(&self.source);
        if tokio::task::spawn_blocking(move || make(&source)).await.is_err() {
            tracing::error!("a change of keys panicked");
        }
        let folder = Arc::clone(&self.source);
        let ring = tokio::task::spawn_blocking(move || folder.folder().read()).await;
        if let Ok(Ok(Some(ring))) = ring {
            let made = ring.changes().iter().map(|change| change.number).filter(|number| *number > before);
            self.operators.extend(made.map(|number| (number, call.clone())));
        }
        self.look(roster).await;
        let _ = done.send(());
    }

    /// The number of the last change that was taken up.
    fn newest(&self) -> u64 {
        self.ring.iter().flat_map(KeyRing::changes).map(|change| change.number).max().unwrap_or(0)
    }

    fn take(&mut self, roster: &Roster, stamps: Vec<Stamp>, keys: Keys) {
        self.metrics.count(keys.ring.as_ref());
        self.metrics.reloads.fetch_add(1, Ordering::Relaxed);
        self.metrics.failed.store(false, Ordering::Relaxed);
        let signs = keys.signing.verifying_key();
        let kid = signs.id().map(ToString::to_string);
        tracing::info!(kid, algorithm = %signs.algorithm(), accepted = keys.accepted.len(), "took up other keys");
        roster.replace_keys(keys.signing, keys.accepted);
        (self.good, self.ring, self.last_reported) = (stamps, keys.ring, None);
    }

    /// Keeps signing with the earlier key, and reports it once. What can be known of the others counts at once.
    fn endure(&mut self, roster: &Roster, stamps: Vec<Stamp>, damage: Damage) {
        self.metrics.failed.store(true, Ordering::Relaxed);
        if self.last_reported.as_ref() == Some(&stamps) {
            return;
        }
        self.metrics.failures.fetch_add(1, Ordering::Relaxed);
        let error = chain(&damage.error);
        match damage.accepted {
            Some(accepted) => {
                tracing::error!(
                    error,
                    "cannot take up the changed keys: the one from before goes on signing, revoked ones are refused"
                );
                roster.accept_keys(accepted);
            }
            None => {
                tracing::error!(
                    error,
                    "cannot take up the changed keys; the ones from before stay in use, revoked ones too"
                );
            }
        }
        self.last_reported = Some(stamps);
    }

    /// Writes what has happened to the ring into the audit log. What was written but could not be remembered is
    /// written again by the next server: rather twice than never.
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
                tracing::warn!(error, "cannot record a change of keys yet");
                return;
            }
            self.recorded = change.number;
            self.operators.remove(&change.number);
        }
        if self.remembered < self.recorded {
            self.remember().await;
        }
    }

    /// Tried once for each change: a folder that takes no file will take none a second later either.
    async fn remember(&mut self) {
        self.remembered = self.recorded;
        let (source, recorded) = (Arc::clone(&self.source), self.recorded);
        let remembering = tokio::task::spawn_blocking(move || source.folder().set_audited(recorded));
        if let Ok(Err(error)) = remembering.await {
            tracing::warn!(
                error = chain(&error),
                "cannot remember which changes of keys are in the audit log: the next start writes them again"
            );
        }
    }
}

/// Why changed keys cannot be taken up, and which are accepted as far as that can be known.
struct Damage {
    error: anyhow::Error,
    accepted: Option<KeySet>,
}

/// The state of the files, and their keys if it is another one than `good`.
fn look(source: &KeySource, good: &[Stamp]) -> (Vec<Stamp>, Option<Result<Keys, Damage>>) {
    let stamps = source.stamps();
    let read = || source.load().map_err(|error| Damage { error, accepted: source.accepted().ok() });
    let found = (stamps != good).then(read);
    (stamps, found)
}
