//! `roster export`

use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, bail};
use roster_config::Settings;
use roster_service::{Call, ExportError, ExportFormat, ExportHashes};

use crate::app::{App, Purpose};
use crate::cli::{self, Export};
use crate::commands::{require_store, with_app};
use crate::private_file::{Existing, PrivateFile};
use crate::{Ending, terminal};

/// Writes all users to stdout, or to a file that appears only when it is whole.
///
/// # Errors
/// If the file is there already, or cannot be written; whatever the store says.
pub(crate) fn run(settings: &Settings, asked: &Export) -> anyhow::Result<Ending> {
    require_store(settings)?;
    match &asked.output {
        Some(path) => to_file(settings, asked, path)?,
        None => to_stdout(settings, asked)?,
    }
    Ok(Ending::Done)
}

fn to_file(settings: &Settings, asked: &Export, path: &Path) -> anyhow::Result<()> {
    let existing = if asked.force { Existing::Replace } else { Existing::Keep };
    check(path, existing)?;
    let failed = || format!("cannot write \"{}\"", path.display());
    let mut file = BufWriter::new(PrivateFile::beside(path).with_context(failed)?);
    let count = write(settings, asked, &mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error).with_context(failed)?;
    file.keep_as(path, existing).with_context(failed)?;
    terminal::note(&format!("exported {count} users to \"{}\"", path.display()));
    Ok(())
}

fn to_stdout(settings: &Settings, asked: &Export) -> anyhow::Result<()> {
    let mut stdout = BufWriter::new(io::stdout());
    let written = write(settings, asked, &mut stdout);
    match &written {
        Ok(count) => terminal::note(&format!("exported {count} users")),
        // Its reader, such as `head`, has seen enough.
        Err(error) if is_closed(error) => return Ok(()),
        Err(_) => {}
    }
    written.map(drop)
}

/// Finds out early what would fail at the end.
fn check(path: &Path, existing: Existing) -> anyhow::Result<()> {
    match (fs::symlink_metadata(path), existing) {
        (Ok(found), _) if !found.is_file() => {
            bail!("\"{}\" is no plain file; leave --output out to write to stdout", path.display())
        }
        (Ok(_), Existing::Keep) => {
            bail!("\"{}\" is there already; name another file, or replace it with --force", path.display())
        }
        (Ok(_), Existing::Replace) | (Err(_), _) => Ok(()),
    }
}

fn write(settings: &Settings, asked: &Export, out: &mut (dyn Write + Send)) -> anyhow::Result<usize> {
    let format = match asked.format {
        cli::ExportFormat::Ndjson => ExportFormat::Ndjson,
        cli::ExportFormat::Json => ExportFormat::Json,
        cli::ExportFormat::Csv => ExportFormat::Csv,
    };
    let hashes = if asked.with_hashes { ExportHashes::Include } else { ExportHashes::Omit };
    with_app(settings, Purpose::Looking, async |app: &App| {
        Ok(app.roster.export_users(&Call::operator(), format, hashes, out).await?)
    })
}

fn is_closed(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(ExportError::Write(cause)) if cause.kind() == ErrorKind::BrokenPipe)
}
