//! The turns of batches that are under way together: each is committed after the one before it.

use tokio::sync::watch;

/// What became of the units before a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    /// Each was committed, or a guard refused it.
    Settled,
    /// One failed, and what comes after it must not be there without it.
    Failed,
}

/// The turn of a batch.
pub(super) struct Turn {
    before: watch::Receiver<Option<Earlier>>,
    after: watch::Sender<Option<Earlier>>,
}

impl Turn {
    /// The turn of the first batch, which has come.
    pub(super) fn first() -> Self {
        Self { before: watch::channel(Some(Earlier::Settled)).1, after: watch::Sender::new(None) }
    }

    /// The turn of the batch after this one.
    pub(super) fn next(&self) -> Self {
        Self { before: self.after.subscribe(), after: watch::Sender::new(None) }
    }

    /// Waits for the end of the batch before this one.
    pub(super) async fn come(&mut self) -> Earlier {
        let ended = self.before.wait_for(Option::is_some).await;
        // A batch that ends without a word has failed.
        ended.ok().and_then(|earlier| *earlier).unwrap_or(Earlier::Failed)
    }

    /// This batch has ended.
    pub(super) fn end(self, outcome: Earlier) {
        self.after.send_replace(Some(outcome));
    }
}
