//! Commands for the writer thread.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use tokio::sync::oneshot;

use crate::committer::Checkpoint;
use crate::state::{Index, KnownNames};

/// A command for the writer.
pub(crate) enum Command {
    /// End the segment and return what is to be projected.
    Seal(SyncSender<Checkpoint>),
    /// Forget the segments whose numbers are at most this, and say when that is done.
    Remove(u64, SyncSender<()>),
    /// Use this index for lists, and say when that is done.
    UseIndex(Arc<Index>, SyncSender<()>),
    /// Use these tables of names, and say when that is done.
    UseNames(Arc<KnownNames>, SyncSender<()>),
    /// Check whether there is room.
    Probe(oneshot::Sender<io::Result<()>>),
    Stop,
}
