//! Writes a backup while the store keeps working.

use crate::encoder::Encoder;
use crate::error::WriteError;
use crate::keys::SigningKeys;
use crate::line::{BackupDetails, Contents};
use async_trait::async_trait;
use roster_storage::{Snapshot, SnapshotProgress, StoredItem};
use std::io;

/// How many bytes are collected before they are passed on.
const CHUNK: usize = 1 << 16;

/// The destination of a backup: a file, or a command at the other end of a socket.
#[async_trait]
pub trait BackupSink: Send {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// If they cannot be written; then the backup fails.
    async fn write(&mut self, bytes: Vec<u8>) -> io::Result<()>;
}

/// Writes the snapshot and the optional `keys` as a backup, and returns what it contains. Compression runs on blocking
/// threads of the runtime; memory does not grow with the store.
///
/// The backup is complete only if this returns `Ok`. Otherwise discard what the sink has received.
///
/// # Errors
/// [`WriteError`].
pub async fn write_backup(
    about: BackupDetails,
    keys: Option<SigningKeys>,
    mut snapshot: Box<dyn Snapshot>,
    sink: &mut dyn BackupSink,
    progress: &mut (dyn FnMut(SnapshotProgress) + Send),
) -> Result<Contents, WriteError> {
    let mut encoder = Encoder::begin(about)?;
    if let Some(keys) = keys {
        encoder.add_keys(keys)?;
    }
    loop {
        let items = snapshot.next().await?;
        if items.is_empty() {
            break;
        }
        encoder = add(encoder, items).await?;
        if encoder.len() >= CHUNK {
            sink.write(encoder.take()).await?;
        }
        progress(snapshot.progress());
    }
    let (bytes, contents) = encoder.finish()?;
    sink.write(bytes).await?;
    Ok(contents)
}

async fn add(mut encoder: Encoder, items: Vec<StoredItem>) -> io::Result<Encoder> {
    let adding = tokio::task::spawn_blocking(move || encoder.add_items(items).map(|()| encoder));
    adding.await.map_err(io::Error::other)?
}
