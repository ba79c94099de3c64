//! `roster backup`

use std::fs;
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use async_trait::async_trait;
use roster_backup::{BackupDetails, BackupSink, Contents, SigningKeys, write_backup};
use roster_service::{Clock as _, SystemClock};
use roster_storage::SnapshotProgress;
use serde::{Deserialize, Serialize};

use crate::cli::Backup;
use crate::commands::context::CommandContext;
use crate::control::{Console, Outcome, Output, Progress};
use crate::private_file::{Existing, PrivateFile};
use crate::terminal;

/// What to back up.
#[derive(Serialize, Deserialize)]
pub(crate) struct BackupRequest {
    keys: Keys,
}

/// Whether the backup contains the keys that sign access tokens.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Keys {
    Include,
    Omit,
}

/// Creates the request from the arguments.
pub(super) fn request(args: &Backup) -> BackupRequest {
    BackupRequest { keys: if args.without_keys { Keys::Omit } else { Keys::Include } }
}

/// The request for a complete backup.
pub(super) const fn request_with_keys() -> BackupRequest {
    BackupRequest { keys: Keys::Include }
}

/// The destination of the backup: stdout, or a file that appears only once it is complete.
///
/// # Errors
/// If stdout is a terminal, or the file already exists or cannot be written.
pub(super) fn output(args: &Backup, data: &Path) -> anyhow::Result<Output> {
    let path = &*args.file;
    if path == Path::new("-") {
        if io::stdout().is_terminal() {
            bail!("a backup is binary data; name a file, or pipe it: roster backup - | …");
        }
        return Ok(Output::Stdout);
    }
    if fs::symlink_metadata(path).is_ok() {
        bail!("{} already exists, and a backup never replaces a file; name another file", name(path));
    }
    let file =
        PrivateFile::beside_in_data(path, data).with_context(|| format!("cannot write {}", name(path)))?;
    Ok(Output::File { file: BufWriter::new(file), path: path.to_owned(), existing: Existing::Keep })
}

/// Writes all data as of one point in time. Commits continue in the meantime.
///
/// # Errors
/// If the store or the keys cannot be read, or the client disconnects.
pub(super) async fn execute(
    context: &CommandContext,
    request: &BackupRequest,
    console: &Console,
) -> anyhow::Result<Outcome> {
    let snapshot = context.app()?.store.snapshot().await?;
    // Read the keys after the snapshot, so that a revoked key is also revoked in the backup.
    let keys = if request.keys == Keys::Include { keys(context).await? } else { None };
    let about = BackupDetails { made_at: SystemClock.now(), roster: env!("CARGO_PKG_VERSION").to_owned() };
    let mut report = console.progress();
    let mut progress = |SnapshotProgress { done, total }| report(Progress { done, total });
    let contents = write_backup(about, keys, snapshot, &mut ConsoleSink(console), &mut progress).await?;
    Ok(Outcome::Done { summary: Some(format!("backed up {}", describe(&contents))) })
}

async fn keys(context: &CommandContext) -> anyhow::Result<Option<SigningKeys>> {
    let settings = Arc::clone(&context.settings);
    let reading = move || settings.keys.source.ring().back_up(SystemClock.now());
    let read = tokio::task::spawn_blocking(reading).await.context("reading the keys panicked")?;
    read.context("cannot back up the keys; leave them out with --without-keys")
}

struct ConsoleSink<'a>(&'a Console);

#[async_trait]
impl BackupSink for ConsoleSink<'_> {
    async fn write(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.0.print(bytes).await.map_err(|gone| io::Error::new(ErrorKind::BrokenPipe, gone))
    }
}

/// Describes the contents of a backup.
pub(crate) fn describe(contents: &Contents) -> String {
    let parts = [
        (contents.users, "user"),
        (contents.service_accounts, "service account"),
        (contents.sessions, "session"),
        (contents.audit_records, "audit record"),
        (contents.private_keys, "signing key"),
    ];
    parts.map(|(count, what)| terminal::counted(count, what)).join(", ")
}

/// The name of a backup file in messages.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "stdin".to_owned() } else { format!("\"{}\"", path.display()) }
}
