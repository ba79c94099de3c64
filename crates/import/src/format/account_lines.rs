//! The records of a file with one account on each line: `.htpasswd` and `/etc/shadow`.

use crate::file::error::ReadError;
use crate::file::snippet::{RawRecord, Snippet};
use crate::file::source::Input;
use crate::format::account_line::{AccountLine, is_blank_or_comment};
use crate::format::file_format::FileFormat;
use crate::format::skipped::Skipped;
use crate::format::text_lines::TextLines;
use crate::format::{htpasswd, shadow};
use crate::report::location::RecordLocation;
use crate::report::refusal::Refusal;
use crate::report::unread_list::UnreadList;
use serde_json::Value;

/// Reads the accounts of a file as records.
pub(crate) struct AccountReader<'a> {
    lines: TextLines<'a>,
    format: FileFormat,
    skipped: Skipped,
}

impl<'a> AccountReader<'a> {
    pub(crate) fn new(input: Input<'a>, format: FileFormat) -> Self {
        Self { lines: TextLines::new(input), format, skipped: Skipped::default() }
    }

    /// The next record; `None` after the last one.
    ///
    /// # Errors
    /// If the rest of the file cannot be read.
    pub(crate) fn next_record(&mut self) -> Result<Option<RawRecord>, ReadError> {
        while let Some(line) = self.lines.next_line()? {
            let is_blank = line.text.as_ref().is_ok_and(|text| is_blank_or_comment(text));
            if is_blank {
                continue;
            }
            let body = match line.text.and_then(|text| self.parse(&text)) {
                Ok(AccountLine::NotAPerson(kind)) => {
                    self.skipped.add(kind);
                    continue;
                }
                Ok(AccountLine::Account(fields)) => {
                    Ok(Snippet { text: Value::Object(fields).to_string(), line: line.number, column: 1 })
                }
                Err(refusal) => Err(refusal),
            };
            return Ok(Some(RawRecord::new(RecordLocation::Line { line: line.number }, body)));
        }
        Ok(None)
    }

    fn parse(&self, line: &str) -> Result<AccountLine, Refusal> {
        match self.format {
            FileFormat::Shadow => shadow::account(line),
            _ => htpasswd::account(line),
        }
    }

    /// What was skipped so far.
    pub(crate) fn skipped(&self) -> Vec<UnreadList> {
        self.skipped.lists()
    }
}
