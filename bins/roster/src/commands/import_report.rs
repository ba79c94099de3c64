//! The report of an import, record by record in a file until its summary is known.

use std::fs::File;
use std::io::{self, BufWriter, Cursor, Read, Seek, Write};
use std::path::Path;

use roster_import::{ImportSummary, RecordReport};
use roster_service::{ImportObserver, Progress};

use crate::cli::ReportFormat;

/// Takes in what became of each record. What it holds in memory does not grow with the file.
pub(crate) struct ImportReport<P> {
    format: ReportFormat,
    spool: BufWriter<File>,
    /// Whether the first record is still to come.
    is_empty: bool,
    /// What kept the report from being written; the import goes on.
    failed: Option<io::Error>,
    /// Hears how far the import is.
    progress: P,
}

impl<P: FnMut(Progress) + Send> ImportReport<P> {
    /// A report in this format, kept in a private file without a name in `folder`.
    ///
    /// # Errors
    /// If there is no room for one.
    pub(crate) fn new(format: ReportFormat, folder: &Path, progress: P) -> io::Result<Self> {
        let spool = BufWriter::new(private_file(folder)?);
        Ok(Self { format, spool, is_empty: true, failed: None, progress })
    }

    /// The whole report: the summary comes first.
    ///
    /// # Errors
    /// If a part of it could not be written.
    pub(crate) fn into_reader(self, summary: &ImportSummary) -> io::Result<impl Read + Send> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut spool = self.spool.into_inner().map_err(io::IntoInnerError::into_error)?;
        spool.rewind()?;
        let (head, tail) = match self.format {
            ReportFormat::Text => (summary.to_string(), ""),
            ReportFormat::Json => {
                let head = serde_json::to_string_pretty(summary)?;
                let open = head.trim_end_matches('}').trim_end();
                let end = if self.is_empty { "]\n}\n" } else { "\n  ]\n}\n" };
                (format!("{open},\n  \"records\": ["), end)
            }
        };
        Ok(Cursor::new(head).chain(spool).chain(Cursor::new(tail)))
    }

    fn write(&mut self, record: &RecordReport) -> io::Result<()> {
        match self.format {
            ReportFormat::Text if record.outcome.needs_attention() => write!(self.spool, "{record}")?,
            ReportFormat::Text => {}
            ReportFormat::Json => {
                let comma = if self.is_empty { "" } else { "," };
                // Line breaks inside of texts are escaped.
                let record = serde_json::to_string_pretty(record)?.replace('\n', "\n    ");
                write!(self.spool, "{comma}\n    {record}")?;
            }
        }
        self.is_empty = false;
        Ok(())
    }
}

impl<P: FnMut(Progress) + Send> ImportObserver for ImportReport<P> {
    fn decided(&mut self, record: &RecordReport, progress: Progress) {
        if self.failed.is_none() {
            self.failed = self.write(record).err();
        }
        (self.progress)(progress);
    }
}

/// A file without a name, readable by its owner only, that is gone when it is closed: in `folder` if that is there.
///
/// # Errors
/// If there is no room for one, among the temporary files neither.
pub(crate) fn private_file(folder: &Path) -> io::Result<File> {
    tempfile::tempfile_in(folder).or_else(|_| tempfile::tempfile())
}
