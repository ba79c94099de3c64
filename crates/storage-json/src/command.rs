//! Commands for the writer thread.

use std::io;
use std::sync::mpsc::SyncSender;

use tokio::sync::oneshot;

use crate::committer::Checkpoint;

/// A command for the writer.
pub(crate) enum Command {
    /// End the segment and return what is to be projected.
    Seal(SyncSender<Checkpoint>),
    /// Forget the segments whose numbers are at most this, and say when that is done.
    Remove(u64, SyncSender<()>),
    /// Check whether there is room.
    Probe(oneshot::Sender<io::Result<()>>),
    Stop,
}
