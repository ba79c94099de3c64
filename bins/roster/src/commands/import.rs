//! `roster import`, and `roster serve --import`

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::thread;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use roster_config::Settings;
use roster_service::{Call, ImportMode, ImportReport, Progress, RecordOutcome};
use tokio::sync::oneshot;

use crate::app::{App, Purpose};
use crate::cli::{Import, ReportFormat};
use crate::commands::with_app;
use crate::{Ending, terminal};

/// Imports a file and reports on every record of it.
///
/// # Errors
/// If the file cannot be read, or the import had to stop.
pub(crate) fn run(settings: &Settings, asked: &Import) -> anyhow::Result<Ending> {
    // Before the store is opened: the other end of a pipe may be slow.
    let file = read(&asked.file)?;
    let (mode, purpose) = if asked.dry_run {
        (ImportMode::DryRun, Purpose::Looking)
    } else {
        (ImportMode::Write, Purpose::Hashing)
    };
    let bar = bar();
    let report = with_app(settings, purpose, async |app: &App| {
        let mut show = |progress: Progress| {
            bar.set_length(progress.total as u64);
            bar.set_position(progress.done as u64);
        };
        Ok(app.roster.import_users(&Call::operator(), &file, mode, &mut show).await?)
    });
    bar.finish_and_clear();
    let report = report.with_context(|| format!("cannot import {}", name(&asked.file)))?;
    terminal::print(match asked.report {
        ReportFormat::Text => report.to_string(),
        ReportFormat::Json => serde_json::to_string_pretty(&report)? + "\n",
    })?;
    Ok(if report.refused == 0 { Ending::Done } else { Ending::Refused })
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

/// Shown on a terminal's stderr only.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} records, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
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

fn name(path: &Path) -> String {
    if path == Path::new("-") { "stdin".to_owned() } else { format!("\"{}\"", path.display()) }
}
