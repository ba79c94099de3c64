//! The report of an import. The summary comes first, so the records are stored in a file until it is known.

use std::fs::File;
use std::io::{self, BufWriter, Cursor, Read, Seek, Write};
use std::path::Path;

use roster_import::{ImportSummary, RecordReport};
use roster_service::{ImportObserver, Progress};

use crate::cli::ReportFormat;

/// Collects the report in constant memory.
pub(crate) struct ImportReport<P> {
    format: ReportFormat,
    spool: BufWriter<File>,
    /// The text of a record, kept for its space.
    text: Vec<u8>,
    /// Whether no record was written yet.
    is_empty: bool,
    /// The error that stopped the report. The import continues.
    failed: Option<io::Error>,
    /// Called with the progress of the import.
    progress: P,
}

impl<P: FnMut(Progress) + Send> ImportReport<P> {
    /// An empty report in this format, kept in a private, unnamed file in `folder`.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub(crate) fn new(format: ReportFormat, folder: &Path, progress: P) -> io::Result<Self> {
        let spool = BufWriter::new(private_file(folder)?);
        Ok(Self { format, spool, text: Vec::new(), is_empty: true, failed: None, progress })
    }

    /// The complete report, starting with the summary.
    ///
    /// # Errors
    /// If a part of it could not be written.
    pub(crate) fn into_reader(self, summary: &ImportSummary) -> io::Result<impl Read + Send> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let (head, tail) = match self.format {
            ReportFormat::Text => (summary.to_string(), ""),
            ReportFormat::Json => self.json_frame(summary)?,
        };
        let mut spool = self.spool.into_inner().map_err(io::IntoInnerError::into_error)?;
        spool.rewind()?;
        Ok(Cursor::new(head).chain(spool).chain(Cursor::new(tail)))
    }

    /// What surrounds the records.
    fn json_frame(&self, summary: &ImportSummary) -> io::Result<(String, &'static str)> {
        let head = serde_json::to_string_pretty(summary)?;
        let open = head.trim_end_matches('}').trim_end();
        let end = if self.is_empty { "]\n}\n" } else { "\n  ]\n}\n" };
        Ok((format!("{open},\n  \"records\": ["), end))
    }

    fn write(&mut self, record: &RecordReport) -> io::Result<()> {
        match self.format {
            ReportFormat::Text if record.outcome.needs_attention() => write!(self.spool, "{record}")?,
            ReportFormat::Text => {}
            ReportFormat::Json => {
                let comma: &[u8] = if self.is_empty { b"" } else { b"," };
                self.spool.write_all(comma)?;
                self.text.clear();
                serde_json::to_writer_pretty(&mut self.text, record)?;
                // Line breaks in strings are escaped, so every line break here belongs to the formatting.
                for line in self.text.split(|byte| *byte == b'\n') {
                    self.spool.write_all(b"\n    ")?;
                    self.spool.write_all(line)?;
                }
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

/// An unnamed file, readable by its owner only and removed when it is closed: in `folder` if possible, else in the folder
/// for temporary files.
///
/// # Errors
/// If it cannot be created in either folder.
fn private_file(folder: &Path) -> io::Result<File> {
    tempfile::tempfile_in(folder).or_else(|_| tempfile::tempfile())
}
