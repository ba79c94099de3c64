//! `roster import` and `roster serve --import`

use std::path::{Path, PathBuf};
use std::thread;

use anyhow::Context;
use roster_import::{
    Explanation, FilePart, ImportFile, ImportOptions, ImportSummary, PasswordTexts, RecordOutcome,
    RecordReport,
};
use roster_service::{ImportMode, Progress};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::app::{App, Purpose};
use crate::cli::{Import, ReportFormat, Serve};
use crate::commands::context::CommandContext;
use crate::commands::import_files::{self, Files, Source, file_name};
use crate::commands::import_report::ImportReport;
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
    /// What the report says about the source.
    #[serde(default)]
    notes: Vec<String>,
    report: ReportFormat,
    options: ImportOptions,
}

/// Creates the request from the arguments, and opens the files, which become the input of the command.
///
/// # Errors
/// If a file cannot be read.
pub(super) fn request(args: &Import, folder: &Path) -> anyhow::Result<(ImportRequest, Input)> {
    let mut options = args.rules.options();
    options.format = options.format.or(import_files::format_of(&args.files, &args.rows)?);
    let Files { input, parts, notes } = import_files::open(&args.files, &args.rows, folder)?;
    let task = match (args.explain, args.dry_run) {
        (true, _) => ImportTask::Explain,
        (false, true) => ImportTask::Import(ImportMode::DryRun),
        (false, false) => ImportTask::Import(ImportMode::Write),
    };
    Ok((ImportRequest { task, parts, notes, report: args.report, options }, input))
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
    let mut summary = roster.import_files(&context.call, files, &request.options, mode, &mut report).await?;
    summary.source_notes.clone_from(&request.notes);
    let mut report = report.into_reader(&summary).context("cannot store the report")?;
    console.print_all(&mut report).await?;
    Ok(if summary.refused == 0 { Outcome::DONE } else { Outcome::Refused })
}

/// Prints what the fields of the input are taken for, file by file.
async fn explain(
    context: &CommandContext,
    request: &ImportRequest,
    console: &mut Console,
) -> anyhow::Result<Outcome> {
    let input = console.input_file(context.settings.folder()).await?;
    let files = import_files::split(input, &request.parts)?;
    let roster = &context.app()?.roster;
    let explained = roster.explain_import(&context.call, files, &request.options).await?;
    let text = match (request.report, &explained[..]) {
        (ReportFormat::Text, _) => explanations(&request.notes, &explained),
        (ReportFormat::Json, [only]) => serde_json::to_string_pretty(only)? + "\n",
        (ReportFormat::Json, several) => serde_json::to_string_pretty(several)? + "\n",
    };
    console.print_all(&mut text.as_bytes()).await?;
    Ok(Outcome::DONE)
}

fn explanations(notes: &[String], explained: &[Explanation]) -> String {
    let notes = notes.iter().map(|note| format!("note: {note}\n"));
    notes.chain(explained.iter().map(ToString::to_string)).collect()
}

/// What `serve --import` imports, and how.
pub(crate) struct StartImport {
    paths: Vec<PathBuf>,
    /// Opened as the user who starts the server.
    sources: Vec<Source>,
    notes: Vec<String>,
    options: ImportOptions,
}

impl StartImport {
    /// Opens what the arguments name; `None` if they name nothing.
    ///
    /// # Errors
    /// If a file or a database cannot be read.
    pub(crate) fn open(args: &Serve) -> anyhow::Result<Option<Self>> {
        let paths = args.import.clone();
        if paths.is_empty() {
            return Ok(None);
        }
        let mut options = args.rules.options();
        options.format = options.format.or(import_files::format_of(&paths, &args.rows)?);
        let mut notes = Vec::new();
        let sources = import_files::open_early(&paths, &args.rows, &mut notes)?;
        Ok(Some(Self { paths, sources, notes, options }))
    }
}

/// Imports before the server listens, and logs the result of each record that needs attention. The server starts even if records
/// were refused. Dropping the future cancels the import, even while it waits for a file.
///
/// # Errors
/// If a file cannot be read, or the import had to stop.
pub(crate) async fn before_serving(app: &App, import: StartImport, folder: &Path) -> anyhow::Result<()> {
    let StartImport { paths, sources, notes, options } = import;
    let file = paths.iter().map(|path| file_name(path)).collect::<Vec<_>>().join(" and ");
    tracing::info!(file, "importing");
    for note in notes {
        tracing::warn!(file, "{note}");
    }
    let files = read_on_thread(sources, folder.to_owned()).await?;
    let mut log = |record: &RecordReport, _: Progress| log(record);
    let summary = app
        .roster
        .import_files(&operator::of_this_process(), files, &options, ImportMode::Write, &mut log)
        .await
        .with_context(|| format!("cannot import {file}"))?;
    let ImportSummary { imported, unchanged, refused, unread_lists, .. } = summary;
    for list in unread_lists {
        tracing::warn!(list = %list, file, "not imported, because only people are read");
    }
    tracing::info!(imported, unchanged, refused, file, "imported users");
    Ok(())
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

/// Reads the sources on a separate thread, because a pipe can block forever. The process does not wait for the thread.
async fn read_on_thread(sources: Vec<Source>, folder: PathBuf) -> anyhow::Result<Vec<ImportFile>> {
    let (sender, receiver) = oneshot::channel();
    let reading = move || {
        // The import may have been cancelled.
        let _ = sender.send(import_files::read(sources, &folder));
    };
    thread::Builder::new().name("import".to_owned()).spawn(reading).context("cannot start a thread")?;
    receiver.await.context("the thread that reads the file to import panicked")?
}
