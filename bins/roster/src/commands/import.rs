//! `roster import`, and `roster serve --import`

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::thread;

use anyhow::Context;
use roster_service::{Call, ImportMode, ImportReport, RecordOutcome};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::app::{App, Purpose};
use crate::cli::{Import, ReportFormat};
use crate::commands::context::CommandContext;
use crate::commands::request::{DONE, Request, StoreAccess};
use crate::commands::user::warn_of_hashes;
use crate::control::{Console, Outcome, Progress};

/// How to import what comes as input.
#[derive(Serialize, Deserialize)]
pub(crate) struct ImportRequest {
    mode: Mode,
    report: Report,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Write,
    DryRun,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Report {
    Text,
    Json,
}

/// What the arguments ask for. The file is the command's input.
pub(super) fn request(asked: &Import) -> Request {
    let mode = if asked.dry_run { Mode::DryRun } else { Mode::Write };
    let report = match asked.report {
        ReportFormat::Text => Report::Text,
        ReportFormat::Json => Report::Json,
    };
    Request::Import(ImportRequest { mode, report })
}

impl ImportRequest {
    pub(super) const fn store_access(&self) -> StoreAccess {
        StoreAccess::Begins(match self.mode {
            Mode::DryRun => Purpose::Looking,
            Mode::Write => Purpose::Hashing,
        })
    }
}

/// Imports the input and reports on every record of it.
///
/// # Errors
/// If the input cannot be read, or the import had to stop.
pub(super) async fn execute(
    context: &CommandContext,
    asked: &ImportRequest,
    console: &mut Console,
) -> anyhow::Result<Outcome> {
    let mode = match asked.mode {
        Mode::Write => ImportMode::Write,
        Mode::DryRun => ImportMode::DryRun,
    };
    if mode == ImportMode::Write {
        warn_of_hashes(context, console).await?;
    }
    let mut bytes = Vec::new();
    console.input_file(context.settings.folder()).await?.read_to_end(&mut bytes)?;
    let mut progress = console.progress();
    let mut show = |latest: roster_service::Progress| {
        progress(Progress { done: latest.done as u64, total: latest.total as u64 });
    };
    let report = context.app()?.roster.import_users(&context.call, &bytes, mode, &mut show).await?;
    console
        .print(match asked.report {
            Report::Text => report.to_string(),
            Report::Json => serde_json::to_string_pretty(&report)? + "\n",
        })
        .await?;
    Ok(if report.refused == 0 { DONE } else { Outcome::Refused })
}
/// Imports a file before the server listens. What became of its records is in the log; refused ones do not
/// keep it from serving. It can be dropped anywhere, also while it waits for the file.
///
/// # Errors
/// If the file cannot be read, or the import had to stop.
pub(crate) async fn before_serving(app: &App, file: &Path) -> anyhow::Result<()> {
    tracing::info!(file = %file.display(), "importing");
    let bytes = read_aside(file).await?;
    let report = app
        .roster
        .import_users(&Call::operator(), &bytes, ImportMode::Write, &mut |_| {})
        .await
        .with_context(|| format!("cannot import {}", name(file)))?;
    log(&report, file);
    Ok(())
}

/// Makes sure that there is a file to read, before anything is made for it. One that is no plain file, such as a pipe, is
/// not opened: its writer would take the first reader for the only one.
///
/// # Errors
/// If there is none, or it cannot be read.
pub(crate) fn look_for(file: &Path) -> anyhow::Result<()> {
    if file == Path::new("-") {
        return Ok(());
    }
    let looked = fs::metadata(file).and_then(|found| match found.file_type() {
        kind if kind.is_dir() => Err(ErrorKind::IsADirectory.into()),
        kind if kind.is_file() => File::open(file).map(drop),
        _ => Ok(()),
    });
    looked.with_context(|| format!("cannot read {}", name(file)))
}

fn log(report: &ImportReport, file: &Path) {
    for record in &report.records {
        match &record.outcome {
            RecordOutcome::Refused { reason } => {
                tracing::warn!(record = %record.place, line = record.place.line(), %reason, "not imported");
            }
            RecordOutcome::Imported { status, reported, .. } if record.outcome.is_telling() => {
                let notes = reported.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                tracing::info!(record = %record.place, line = record.place.line(), status, notes, "imported");
            }
            RecordOutcome::Imported { .. } | RecordOutcome::Unchanged { .. } => {}
        }
    }
    let ImportReport { imported, unchanged, refused, .. } = report;
    tracing::info!(imported, unchanged, refused, file = %file.display(), "imported users");
}

/// Reads on a thread that nobody waits for at the end: the other end of a pipe may never write.
async fn read_aside(path: &Path) -> anyhow::Result<Vec<u8>> {
    let (sender, receiver) = oneshot::channel();
    let path = path.to_owned();
    let reading = move || {
        // Whoever asked may be gone.
        let _ = sender.send(read(&path));
    };
    thread::Builder::new().name("import".to_owned()).spawn(reading).context("cannot start a thread")?;
    receiver.await.context("the thread that reads the file to import panicked")?
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.with_context(|| format!("cannot read {}", name(path)))?;
    Ok(bytes)
}

pub(super) fn name(path: &Path) -> String {
    if path == Path::new("-") { "stdin".to_owned() } else { format!("\"{}\"", path.display()) }
}
