//! `roster import` and `roster serve --import`

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, bail};
use roster_import::{ImportOptions, ImportSummary, PasswordTexts, RecordOutcome, RecordReport};
use roster_service::{ImportMode, Progress};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::app::{App, Purpose};
use crate::cli::{Import, ReportFormat};
use crate::commands::context::CommandContext;
use crate::commands::import_files::{self, FilePart, file_name};
use crate::commands::import_report::{ImportReport, private_file};
use crate::commands::store_access::StoreAccess;
use crate::commands::user::print_hash_warnings;
use crate::control::{self, Console, Input, Outcome};
use crate::operator;

/// What to do with the command's input.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ImportTask {
    /// Explain what its fields are taken for.
    Explain,
    /// Import it, or try to.
    Import(ImportMode),
}

/// How to import the command's input.
#[derive(Serialize, Deserialize)]
pub(crate) struct ImportRequest {
    task: ImportTask,
    /// The files in the input, if there are several.
    parts: Vec<FilePart>,
    report: ReportFormat,
    options: ImportOptions,
}

/// Creates the request from the arguments, and opens the files, which become the input of the command.
///
/// # Errors
/// If a file cannot be read.
pub(super) fn request(args: &Import, folder: &Path) -> anyhow::Result<(ImportRequest, Input)> {
    if args.explain && args.files.len() > 1 {
        bail!("--explain takes one file")
    }
    let (input, parts) = import_files::open(&args.files, &args.rows, folder)?;
    let task = match (args.explain, args.dry_run) {
        (true, _) => ImportTask::Explain,
        (false, true) => ImportTask::Import(ImportMode::DryRun),
        (false, false) => ImportTask::Import(ImportMode::Write),
    };
    Ok((ImportRequest { task, parts, report: args.report, options: args.rules.options() }, input))
}

impl ImportRequest {
    pub(super) const fn store_access(&self) -> StoreAccess {
        StoreAccess::Creates(match (self.task, self.options.texts) {
            (ImportTask::Explain | ImportTask::Import(ImportMode::DryRun), _) => Purpose::Reading,
            // Hashes are stored as they are.
            (ImportTask::Import(ImportMode::Write), PasswordTexts::Refuse) => Purpose::Writing,
            (ImportTask::Import(ImportMode::Write), PasswordTexts::Accept) => Purpose::Hashing,
        })
    }
}

/// Imports the input and prints the report.
///
/// # Errors
/// If the input cannot be read, or the import had to stop.
pub(super) async fn execute(
    context: &CommandContext,
    request: &ImportRequest,
    console: &mut Console,
) -> anyhow::Result<Outcome> {
    let mode = match request.task {
        ImportTask::Explain => return explain(context, request, console).await,
        ImportTask::Import(mode) => mode,
    };
    if mode == ImportMode::Write {
        print_hash_warnings(context, console).await?;
    }
    let folder = context.settings.folder();
    let files = import_files::split(console.input_file(folder).await?, &request.parts)?;
    let mut progress = console.progress();
    let show = move |latest: Progress| {
        progress(control::Progress { done: latest.done as u64, total: latest.total as u64 });
    };
    let mut report = ImportReport::new(request.report, folder, show).context("cannot store the report")?;
    let roster = &context.app()?.roster;
    let summary = roster.import_files(&context.call, files, &request.options, mode, &mut report).await?;
    let mut report = report.into_reader(&summary).context("cannot store the report")?;
    console.print_all(&mut report).await?;
    Ok(if summary.refused == 0 { Outcome::DONE } else { Outcome::Refused })
}

/// Prints what the fields of the input are taken for.
async fn explain(
    context: &CommandContext,
    request: &ImportRequest,
    console: &mut Console,
) -> anyhow::Result<Outcome> {
    let source = console.input_file(context.settings.folder()).await?;
    let roster = &context.app()?.roster;
    let explanation = roster.explain_import(&context.call, source, &request.options).await?;
    let text = match request.report {
        ReportFormat::Text => explanation.to_string(),
        ReportFormat::Json => serde_json::to_string_pretty(&explanation)? + "\n",
    };
    console.print_all(&mut text.as_bytes()).await?;
    Ok(Outcome::DONE)
}

/// Imports a file before the server listens, and logs the result of each record that needs attention. The server starts even if records
/// were refused. Dropping the future cancels the import, even while it waits for the file.
///
/// # Errors
/// If the file cannot be read, or the import had to stop.
pub(crate) async fn before_serving(
    app: &App,
    file: &Path,
    opened: Option<File>,
    options: &ImportOptions,
    folder: &Path,
) -> anyhow::Result<()> {
    tracing::info!(file = %file.display(), "importing");
    let source = match opened {
        Some(source) => source,
        None => open_on_thread(file.to_owned(), folder.to_owned()).await?,
    };
    let mut log = |record: &RecordReport, _: Progress| log(record);
    let summary = app
        .roster
        .import_users(&operator::of_this_process(), source, options, ImportMode::Write, &mut log)
        .await
        .with_context(|| format!("cannot import {}", file_name(file)))?;
    let ImportSummary { imported, unchanged, refused, unread_lists, .. } = summary;
    for list in unread_lists {
        tracing::warn!(list = %list, file = %file.display(), "not imported, because only people are read");
    }
    tracing::info!(imported, unchanged, refused, file = %file.display(), "imported users");
    Ok(())
}

/// Opens a regular file, before anything is created for the import. `None` for anything else: a pipe is opened when it is
/// read, because its writer may write to the first reader only.
///
/// # Errors
/// If there is no such file, or it cannot be read.
pub(crate) fn open_regular(file: &Path) -> anyhow::Result<Option<File>> {
    if file == Path::new("-") {
        return Ok(None);
    }
    let opened = fs::metadata(file).and_then(|found| match found.file_type() {
        kind if kind.is_dir() => Err(ErrorKind::IsADirectory.into()),
        kind if kind.is_file() => File::open(file).map(Some),
        _ => Ok(None),
    });
    opened.with_context(|| format!("cannot read {}", file_name(file)))
}

fn log(record: &RecordReport) {
    let location = &record.location;
    match &record.outcome {
        RecordOutcome::Refused { reason } => {
            tracing::warn!(record = %location, line = location.line(), %reason, "not imported");
        }
        RecordOutcome::Imported { status, reported, .. } if record.outcome.needs_attention() => {
            let notes = reported.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            tracing::info!(record = %location, line = location.line(), status, notes, "imported");
        }
        RecordOutcome::Imported { .. } | RecordOutcome::Unchanged { .. } => {}
    }
}

/// Opens the file on a separate thread, because a pipe can block forever. The process does not wait for the thread.
async fn open_on_thread(path: PathBuf, folder: PathBuf) -> anyhow::Result<File> {
    let (sender, receiver) = oneshot::channel();
    let opening = move || {
        // The import may have been cancelled.
        let _ = sender.send(open(&path, &folder));
    };
    thread::Builder::new().name("import".to_owned()).spawn(opening).context("cannot start a thread")?;
    receiver.await.context("the thread that reads the file to import panicked")?
}

/// Opens the file. Copies a pipe to a private, unnamed file in `folder`, because an import reads its file several times.
fn open(path: &Path, folder: &Path) -> anyhow::Result<File> {
    let reading = || format!("cannot read {}", file_name(path));
    if path == Path::new("-") {
        return spooled(&mut io::stdin().lock(), folder).with_context(reading);
    }
    let mut file = File::open(path).with_context(reading)?;
    if file.metadata().with_context(reading)?.is_file() {
        return Ok(file);
    }
    spooled(&mut file, folder).with_context(reading)
}

fn spooled(stream: &mut dyn io::Read, folder: &Path) -> io::Result<File> {
    let mut spool = private_file(folder)?;
    io::copy(stream, &mut spool)?;
    spool.rewind()?;
    Ok(spool)
}
