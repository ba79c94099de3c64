//! The store of a running server, as the backup that it makes.

use std::io::{self, Read};

use anyhow::Context as _;
use async_trait::async_trait;
use roster_backup::{BackupItem, BackupReader, SigningKeys};
use roster_storage::{Snapshot, SnapshotProgress, StoreError, StoredItem};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use crate::commands::backup::request_with_keys;
use crate::commands::request::Request;
use crate::control::{Progress, Server};

/// The number of items in a piece.
const PIECE: usize = 256;
/// How many pieces, and chunks of bytes, wait to be read.
const WAITING: usize = 4;

/// A snapshot that a server sends. It is complete only once its end was reached, where its checksum is.
pub(super) struct ServerSnapshot {
    pieces: mpsc::Receiver<anyhow::Result<Vec<StoredItem>>>,
    progress: watch::Receiver<Progress>,
    /// Absent after it has ended.
    receiving: Option<JoinHandle<anyhow::Result<()>>>,
}

impl ServerSnapshot {
    /// Asks the server for a backup, and waits for its beginning, which has the signing keys.
    ///
    /// # Errors
    /// If the server refuses, or goes away.
    pub(super) async fn begin(server: Server) -> anyhow::Result<(Self, Option<SigningKeys>)> {
        let request = Zeroizing::new(serde_json::to_vec(&Request::Backup(request_with_keys()))?);
        let (bytes, received) = mpsc::channel(WAITING);
        let (progressed, progress) = watch::channel(Progress::default());
        let (sender, pieces) = mpsc::channel(WAITING);
        let (found, keys) = oneshot::channel();
        let receiving = tokio::spawn(server.stream(request, bytes, progressed));
        tokio::task::spawn_blocking(move || parse(Received::new(received), found, &sender));
        let mut snapshot = Self { pieces, progress, receiving: Some(receiving) };
        match keys.await {
            Ok(keys) => Ok((snapshot, keys)),
            Err(_) => Err(snapshot.failure().await),
        }
    }

    /// Why the backup ended early.
    async fn failure(&mut self) -> anyhow::Error {
        let parsed = self.pieces.recv().await.and_then(Result::err);
        let parsed = parsed.unwrap_or_else(|| anyhow::anyhow!("the server sent no backup"));
        match self.receiving.take() {
            Some(receiving) => received(receiving.await).err().unwrap_or(parsed),
            None => parsed,
        }
    }
}

fn received(ended: Result<anyhow::Result<()>, tokio::task::JoinError>) -> anyhow::Result<()> {
    ended.context("receiving the backup panicked")?
}

/// Reads the backup, and passes on the keys and then its items. An empty piece is the end.
fn parse(
    received: Received,
    found: oneshot::Sender<Option<SigningKeys>>,
    pieces: &mpsc::Sender<anyhow::Result<Vec<StoredItem>>>,
) {
    if let Err(error) = parse_all(received, found, pieces) {
        // Nobody waits for it if the copy has failed.
        let _ = pieces.blocking_send(Err(error));
    }
}

fn parse_all(
    received: Received,
    found: oneshot::Sender<Option<SigningKeys>>,
    pieces: &mpsc::Sender<anyhow::Result<Vec<StoredItem>>>,
) -> anyhow::Result<()> {
    let mut reader = BackupReader::open(received)?;
    let mut piece = Vec::new();
    let keys = match reader.next_item()? {
        Some(BackupItem::Keys(keys)) => Some(keys),
        Some(BackupItem::Stored(item)) => {
            piece.push(item);
            None
        }
        None => None,
    };
    let _ = found.send(keys);
    while let Some(item) = reader.next_item()? {
        if let BackupItem::Stored(item) = item {
            piece.push(item);
        }
        if piece.len() >= PIECE {
            pieces.blocking_send(Ok(std::mem::take(&mut piece)))?;
        }
    }
    if !piece.is_empty() {
        pieces.blocking_send(Ok(piece))?;
    }
    Ok(pieces.blocking_send(Ok(Vec::new()))?)
}

#[async_trait]
impl Snapshot for ServerSnapshot {
    async fn next(&mut self) -> Result<Vec<StoredItem>, StoreError> {
        match self.pieces.recv().await {
            Some(Ok(piece)) => Ok(piece),
            Some(Err(error)) => {
                let cause = match self.receiving.take() {
                    Some(receiving) => received(receiving.await).err().unwrap_or(error),
                    None => error,
                };
                Err(StoreError::Unavailable(cause.into()))
            }
            // After the end.
            None => Ok(Vec::new()),
        }
    }

    fn progress(&self) -> SnapshotProgress {
        let Progress { done, total } = *self.progress.borrow();
        SnapshotProgress { done, total }
    }
}

/// The bytes that the server sends, for a thread that blocks.
struct Received {
    chunks: mpsc::Receiver<Vec<u8>>,
    chunk: io::Cursor<Vec<u8>>,
}

impl Received {
    fn new(chunks: mpsc::Receiver<Vec<u8>>) -> Self {
        Self { chunks, chunk: io::Cursor::default() }
    }
}

impl Read for Received {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.chunk.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(chunk) = self.chunks.blocking_recv() else { return Ok(0) };
            self.chunk = io::Cursor::new(chunk);
        }
    }
}
