//! `roster export`

use std::fs;
use std::io::{self, BufWriter, ErrorKind};
use std::path::Path;

use anyhow::{Context, bail};
use async_trait::async_trait;
use roster_service::{ExportFormat, ExportHashes, ExportSink, LeftOut};
use serde::{Deserialize, Serialize};

use crate::cli::{self, Export, ExportPeer};
use crate::commands::context::CommandContext;
use crate::control::{Console, Outcome, Output};
use crate::private_file::{Existing, PrivateFile};
use crate::terminal::counted;

/// What to export.
#[derive(Serialize, Deserialize)]
pub(crate) struct ExportRequest {
    format: ExportFormat,
    hashes: ExportHashes,
}

/// Creates the request from the arguments.
pub(super) fn request(args: &Export) -> ExportRequest {
    let format = match (args.to, args.format) {
        (Some(ExportPeer::Keycloak), _) => ExportFormat::Keycloak,
        (Some(ExportPeer::Auth0), _) => ExportFormat::Auth0,
        (Some(ExportPeer::Firebase), _) => ExportFormat::Firebase,
        (Some(ExportPeer::Django), _) => ExportFormat::Django,
        (Some(ExportPeer::Csv), _) | (None, cli::ExportFormat::Csv) => ExportFormat::Csv,
        (None, cli::ExportFormat::Ndjson) => ExportFormat::Ndjson,
        (None, cli::ExportFormat::Json) => ExportFormat::Json,
    };
    let hashes = if args.with_hashes { ExportHashes::Include } else { ExportHashes::Omit };
    ExportRequest { format, hashes }
}

/// The destination of the export: stdout, or a file that appears once it is complete.
///
/// # Errors
/// If the file already exists or cannot be written.
pub(super) fn output(args: &Export, data: &Path) -> anyhow::Result<Output> {
    let Some(path) = &args.output else { return Ok(Output::Stdout) };
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    check(path, existing)?;
    let file = PrivateFile::beside_in_data(path, data)
        .with_context(|| format!("cannot write \"{}\"", path.display()))?;
    Ok(Output::File { file: BufWriter::new(file), path: path.clone(), existing })
}

/// Detects errors before the export that would otherwise occur after it.
fn check(path: &Path, existing: Existing) -> anyhow::Result<()> {
    match (fs::symlink_metadata(path), existing) {
        (Ok(found), _) if !found.is_file() => {
            bail!("\"{}\" is not a regular file; omit --output to write to stdout", path.display())
        }
        (Ok(_), Existing::Keep) => {
            bail!("\"{}\" already exists; name another file, or replace it with --force", path.display())
        }
        (Ok(_), Existing::Replace) | (Err(_), _) => Ok(()),
    }
}

/// Exports all users.
///
/// # Errors
/// If the export fails.
pub(super) async fn execute(
    context: &CommandContext,
    request: &ExportRequest,
    console: &Console,
) -> anyhow::Result<Outcome> {
    let (roster, mut out) = (&context.app()?.roster, ConsoleSink(console));
    let summary = roster.export_users(&context.call, request.format, request.hashes, &mut out).await?;
    for left_out in &summary.left_out {
        console.note(note(left_out)).await?;
    }
    let users = counted(summary.users as u64, "user");
    Ok(Outcome::Done { summary: Some(format!("exported {users}")) })
}

/// Says what the format has no place for.
fn note(left_out: &LeftOut) -> String {
    let users = counted(left_out.users, "user");
    match left_out.field {
        ExportHashes::FIELD => {
            format!(
                "left out: the password hash of {users}, whom the other system could not verify; they need a new password"
            )
        }
        field => format!("left out: {field} of {users}, which has no place in this format"),
    }
}

struct ConsoleSink<'a>(&'a Console);

#[async_trait]
impl ExportSink for ConsoleSink<'_> {
    async fn write(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.0.print(bytes).await.map_err(|gone| io::Error::new(ErrorKind::BrokenPipe, gone))
    }
}
