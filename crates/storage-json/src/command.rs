//! What the writer thread can be asked.

use std::io;
use std::sync::mpsc::SyncSender;

use tokio::sync::oneshot;

use crate::committer::Checkpoint;

/// What the writer can be asked.
pub(crate) enum Command {
    /// End the segment and hand over what there is to project.
    Seal(SyncSender<Checkpoint>),
    /// Segments whose numbers all are at most this are gone.
    Remove(u64),
    /// Is there room?
    Probe(oneshot::Sender<io::Result<()>>),
    Stop,
}
