//! The entries of LDIF (RFC 2849) as records.

use crate::file::error::{ReadError, UnreadableFile};
use crate::file::snippet::{RawRecord, Snippet};
use crate::file::source::Input;
use crate::format::file_format::FileFormat;
use crate::format::ldif_entry::{Entry, EntryKind};
use crate::format::problem::FormatProblem;
use crate::format::skipped::Skipped;
use crate::format::text_lines::{FoldedLine, TextLines};
use crate::limits::MAX_RECORD_BYTES;
use crate::report::ldif_fault::LdifFault;
use crate::report::location::RecordLocation;
use crate::report::refusal::Refusal;
use crate::report::unread_list::UnreadList;
use serde_json::Value;

/// Reads the entries that are about people.
pub(crate) struct LdifReader<'a> {
    lines: TextLines<'a>,
    skipped: Skipped,
}

/// The lines of an entry, without comments.
struct Block {
    lines: Vec<FoldedLine>,
    len: usize,
    /// Why a line cannot be read.
    refusal: Option<(usize, Refusal)>,
    in_comment: bool,
}

impl<'a> LdifReader<'a> {
    pub(crate) fn new(input: Input<'a>) -> Self {
        Self { lines: TextLines::new(input), skipped: Skipped::default() }
    }

    /// The next record; `None` after the last one.
    ///
    /// # Errors
    /// If the rest of the file cannot be read, or holds changes instead of entries.
    pub(crate) fn next_record(&mut self) -> Result<Option<RawRecord>, ReadError> {
        while let Some(block) = self.next_block()? {
            if let Some((line, refusal)) = block.refusal {
                return Ok(Some(RawRecord::new(RecordLocation::Line { line }, Err(refusal))));
            }
            let Some(line) = block.lines.first().map(|line| line.number) else { continue };
            let location = RecordLocation::Line { line };
            match Entry::read(block.lines) {
                Err(fault) => return Ok(Some(RawRecord::new(location, Err(fault.into())))),
                Ok(EntryKind::Change { line }) => return Err(damaged(line, FormatProblem::ChangeRecord)),
                Ok(EntryKind::OtherVersion { line }) => {
                    return Err(damaged(line, FormatProblem::LdifVersion));
                }
                Ok(EntryKind::Nothing) => {}
                Ok(EntryKind::Other(class)) => self.skipped.add(&class),
                Ok(EntryKind::Person(entry)) => {
                    let text = Value::Object(entry.fields).to_string();
                    let body = Ok(Snippet { text, line, column: 1 });
                    return Ok(Some(RawRecord { location, body, notes: entry.notes }));
                }
            }
        }
        Ok(None)
    }

    /// The lines up to the next blank one; `None` at the end.
    fn next_block(&mut self) -> Result<Option<Block>, ReadError> {
        let mut block = Block { lines: Vec::new(), len: 0, refusal: None, in_comment: false };
        let mut any = false;
        while let Some(line) = self.lines.next_line()? {
            any = true;
            match line.text {
                Ok(text) if text.is_empty() => break,
                Ok(text) => block.add(line.number, text),
                Err(refusal) => block.refuse(line.number, refusal),
            }
        }
        Ok(any.then_some(block))
    }

    /// What was skipped so far.
    pub(crate) fn skipped(&self) -> Vec<UnreadList> {
        self.skipped.lists()
    }
}

impl Block {
    fn add(&mut self, number: usize, text: String) {
        self.len += text.len();
        if self.len > MAX_RECORD_BYTES {
            return self.refuse(number, Refusal::TooLarge);
        }
        if let Some(rest) = text.strip_prefix(' ') {
            match self.lines.last_mut() {
                _ if self.in_comment => {}
                Some(line) => line.text.push_str(rest),
                None => self.refuse(number, LdifFault::NoColon(number).into()),
            }
            return;
        }
        self.in_comment = text.starts_with('#');
        if !self.in_comment {
            self.lines.push(FoldedLine { number, text });
        }
    }

    /// Refuses the entry. Its lines are no longer needed.
    fn refuse(&mut self, number: usize, refusal: Refusal) {
        let line = self.lines.first().map_or(number, |line| line.number);
        self.lines.clear();
        self.refusal.get_or_insert((line, refusal));
    }
}

fn damaged(line: usize, problem: FormatProblem) -> ReadError {
    UnreadableFile::Damaged { format: FileFormat::Ldif, line, problem }.into()
}

/// Whether a file with this first line, of those that are no comments, is LDIF.
pub(crate) fn is_ldif(line: &str) -> bool {
    let begins = |start: &str| line.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start));
    begins("dn:") || (begins("version:") && line.trim_end().ends_with(|char: char| char.is_ascii_digit()))
}
