//! Changes of the keys by commands, with their audit records.

use anyhow::Context;
use roster_auth::token::KeyChange;
use roster_service::{Call, Roster};
use tokio::sync::{mpsc, oneshot};

use super::folder::KeyFolder;
use super::source::KeySource;

/// Changes the keys of a running server, which takes them up at once.
#[derive(Clone)]
pub(crate) struct KeyChanges(mpsc::Sender<RequestedChange>);

/// A change that a command asks for.
pub(super) struct RequestedChange {
    /// Who asks.
    pub(super) call: Call,
    /// Makes it. Reads and writes files.
    pub(super) make: Box<dyn FnOnce(&KeySource) + Send>,
    /// Hears when it has been taken up and recorded, or failed.
    pub(super) done: oneshot::Sender<()>,
}

impl KeyChanges {
    /// The handle, and what hears of the changes.
    pub(super) fn channel() -> (Self, mpsc::Receiver<RequestedChange>) {
        let (sender, receiver) = mpsc::channel(1);
        (Self(sender), receiver)
    }

    /// Makes a change. When this returns it counts, and the audit log says who made it. Once begun, it is made though
    /// this is dropped.
    ///
    /// # Errors
    /// What `make` says.
    pub(crate) async fn make<T: Send + 'static>(
        &self,
        call: Call,
        make: impl FnOnce(&KeySource) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let (result, outcome) = oneshot::channel();
        let (done, taken_up) = oneshot::channel();
        let make = Box::new(move |source: &KeySource| {
            // Whoever asked may have gone.
            let _ = result.send(make(source));
        });
        let stopped = "the server stops";
        self.0.send(RequestedChange { call, make, done }).await.ok().context(stopped)?;
        let outcome = outcome.await.context(stopped)?;
        let _ = taken_up.await;
        outcome
    }
}

/// Writes those changes of the ring that are not in the audit log yet into it, where no server does: each as done by
/// whom `by` says.
///
/// # Errors
/// If the ring cannot be read. What cannot be recorded now is recorded by the next server.
pub(crate) async fn record_changes(
    folder: &KeyFolder,
    roster: &Roster,
    by: impl Fn(&KeyChange) -> Call,
) -> anyhow::Result<()> {
    let Some(ring) = folder.read()? else { return Ok(()) };
    let before = folder.audited();
    let mut recorded = before;
    for change in ring.changes().iter().filter(|change| change.number > before) {
        if let Err(error) = roster.record_key_change(&by(change), change).await {
            tracing::warn!(
                error = crate::terminal::chain(&error.into()),
                "the change was made, and the next server records it in the audit log"
            );
            break;
        }
        recorded = change.number;
    }
    if recorded > before { folder.set_audited(recorded) } else { Ok(()) }
}
