//! Changes that commands make to the keys, with their audit records.

use anyhow::Context;
use roster_auth::token::KeyChange;
use roster_service::{Call, Roster};
use tokio::sync::{mpsc, oneshot};

use super::ring_store::RingStore;
use super::source::KeySource;

/// Changes the keys of a running server. The server applies each change immediately.
#[derive(Clone)]
pub(crate) struct KeyChanges(mpsc::Sender<RequestedChange>);

/// A change that a command requests.
pub(super) struct RequestedChange {
    /// The caller of the command.
    pub(super) call: Call,
    /// Makes the change. Reads and writes files.
    pub(super) make: Box<dyn FnOnce(&KeySource) + Send>,
    /// Signals that the change has been applied and recorded, or has failed.
    pub(super) done: oneshot::Sender<()>,
}

impl KeyChanges {
    /// Creates a handle and the receiver of its changes.
    pub(super) fn channel() -> (Self, mpsc::Receiver<RequestedChange>) {
        let (sender, receiver) = mpsc::channel(1);
        (Self(sender), receiver)
    }

    /// Makes a change. When this returns, the change is in effect and in the audit log. A change that has begun completes
    /// even if this future is dropped.
    ///
    /// # Errors
    /// The error of `make`, or if the server is stopping.
    pub(crate) async fn make<T: Send + 'static>(
        &self,
        call: Call,
        make: impl FnOnce(&KeySource) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let (result, outcome) = oneshot::channel();
        let (done, applied) = oneshot::channel();
        let make = Box::new(move |source: &KeySource| {
            // The caller may have gone.
            let _ = result.send(make(source));
        });
        let stopped = "the server is stopping";
        self.0.send(RequestedChange { call, make, done }).await.ok().context(stopped)?;
        let outcome = outcome.await.context(stopped)?;
        let _ = applied.await;
        outcome
    }
}

/// Adds the changes of the ring that are missing from the audit log, when no server is running. `by` returns the caller who
/// made a change.
///
/// # Errors
/// If the ring cannot be read. The next server records the changes that could not be recorded.
pub(crate) async fn record_changes(
    keys: &dyn RingStore,
    roster: &Roster,
    by: impl Fn(&KeyChange) -> Call,
) -> anyhow::Result<()> {
    let Some(ring) = keys.read()? else { return Ok(()) };
    let before = keys.audited()?;
    let mut recorded = before;
    for change in ring.changes().iter().filter(|change| change.number > before) {
        if let Err(error) = roster.record_key_change(&by(change), change).await {
            tracing::warn!(
                error = crate::terminal::chain(&error.into()),
                "the change was made but not recorded; the next server adds it to the audit log"
            );
            break;
        }
        recorded = change.number;
    }
    if recorded > before { keys.set_audited(recorded) } else { Ok(()) }
}
